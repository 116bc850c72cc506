import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../core/errors';
import { message } from '../core/messages';
import { say } from '../locales/say';
import type { Manifest } from '../models/manifest';
import { app, file, model, onScreen, open, save, segmented, volume, type Work } from '../testing/testApp';
import type { Volume } from '../volume/volume';

/** Indexes of the scans in the model's channels. */
const assigned = (a: ReturnType<typeof app>) =>
  a.state
    .getState()
    .assignment.map((id) => (id === null ? null : a.study.document.scans.findIndex((scan) => scan.id === id)));

describe('opening a file', () => {
  it('shows the scan and its warnings', async () => {
    const a = app({ readVolume: async (_, name) => volume(name, [message('orientation-unknown')]) });
    expect(await open(a, 'a.nii')).toBe(true);
    const { status, notices } = a.state.getState();
    const { scan } = onScreen(a);
    expect([status, scan?.name, scan?.grid.spacingXyz]).toEqual(['ready', 'a.nii', [1, 2, 5]]);
    expect(notices).toMatchObject([{ kind: 'warning', message: { code: 'orientation-unknown' } }]);
  });

  it('keeps scan, masks and warnings when the next file cannot be read', async () => {
    let broken = false;
    const a = app({
      readVolume: async (_, name) => {
        if (broken) throw new InvalidInputError('not-nifti', { name });
        return volume(name, [message('qform-not-used')]);
      },
    });
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    const before = onScreen(a);
    broken = true;
    expect(await open(a, 'b.txt')).toBe(false);
    const { status, notices } = a.state.getState();
    const { scan, labels, masks } = onScreen(a);
    expect([status, scan?.name]).toEqual(['segmented', 'a.nii']);
    expect(scan).toBe(before.scan);
    expect(labels).toBe(before.labels);
    expect(masks).toBe(before.masks);
    expect(notices.map(({ kind }) => kind)).toEqual(['warning', 'error']);
    expect(notices[1].message).toEqual({ code: 'not-nifti', parameters: { name: 'b.txt' } });
  });

  it('shows the file asked for last, whichever is read first', async () => {
    const reads = new Map<string, (v: Volume) => void>();
    const a = app({ readVolume: (_, name) => new Promise((resolve) => reads.set(name, resolve)) });
    const slow = open(a, 'slow.nii');
    const fast = open(a, 'fast.nii');
    await Promise.resolve();
    reads.get('fast.nii')?.(volume('fast.nii'));
    expect(await fast).toBe(true);
    reads.get('slow.nii')?.(volume('slow.nii'));
    expect(await slow).toBe(false);
    expect(a.study.document.scans.map(({ name }) => name)).toEqual(['fast.nii']);
    expect(onScreen(a).scan?.name).toBe('fast.nii');
  });

  it('drops the masks of the scan before, once they are saved', async () => {
    const a = app();
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    save(a);
    await open(a, 'b.nii');
    expect(onScreen(a).labels).toBeNull();
    expect(a.study.document.labelMaps).toEqual([]);
    // Their voxels are not kept either: the scan's own are all there is.
    expect(a.study.voxels.size).toBe(1);
  });
});

describe('several scans', () => {
  const four = ['T1', 'T1ce', 'T2', 'FLAIR'].map((name) => ({ name, hints: [name.toLowerCase()] }));
  const brats = { ...model, name: 'brats', title: 'Tumour', channels: four } as unknown as Manifest;
  const far = { dimsXyz: [3, 3, 1] as const };

  function withBrats(inference: Partial<Work> = {}) {
    const models = [model, brats].map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
    return app(inference, {
      fetchModels: async () => ({ models, errors: [], isRemembered: false }),
      rememberedModel: () => 'bundled:brats',
    });
  }

  it('find their channels by name and reach the network in its order', async () => {
    const names: string[][] = [];
    const a = withBrats({
      segment: async (volumes) => {
        names.push(volumes.map(({ name }) => name));
        return segmented(volumes[0]);
      },
    });
    await a.loadModels();
    const opening = open(a, 'p/x_flair.nii', 'p/x_t1.nii', 'p/x_t2.nii', 'p/x_t1ce.nii');
    const { readingName } = a.state.getState();
    expect(readingName && say(message('reading', { name: readingName }))).toBe('Reading 4 scans…');
    await opening;
    expect(assigned(a)).toEqual([1, 3, 2, 0]);
    await a.segment();
    expect(names).toEqual([['x_t1.nii', 'x_t1ce.nii', 'x_t2.nii', 'x_flair.nii']]);
    expect(a.state.getState().status).toBe('segmented');
  });

  it('join what is open while the model lacks one, keeping the picture and choices made by hand', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'a.nii', 'b.nii');
    a.assign(3, a.study.document.scans[1].id);
    const { scan } = onScreen(a);
    await open(a, 'x_t1ce.nii', 'x_t2.nii');
    expect(onScreen(a).scan).toBe(scan);
    expect(assigned(a)).toEqual([0, 2, 3, 1]);
    await open(a, 'next_patient_t1.nii');
    expect(a.study.document.scans.map(({ name }) => name)).toEqual(['next_patient_t1.nii']);
  });

  it('are refused together when their grids differ, and take nothing away', async () => {
    const a = withBrats({
      readVolume: async (_, name) => ({ ...volume(name), ...(name.startsWith('far') ? far : {}) }),
    });
    await a.loadModels();
    await open(a, 'x_t1.nii');
    expect(await a.openFiles([{ path: 'far_t2.nii', file }], 'join')).toBe(false);
    expect(a.state.getState()).toMatchObject({ status: 'ready' });
    expect(onScreen(a).scan?.name).toBe('x_t1.nii');
    expect(a.state.getState().notices.map(({ message }) => message.code)).toEqual(['grids-differ']);
    expect(await open(a, 'x_t1.nii', 'far_t2.nii')).toBe(false);
    expect(a.study.document.scans).toHaveLength(1);
    // Dropped by itself it is another patient's.
    expect(await open(a, 'far_t2.nii')).toBe(true);
    expect(onScreen(a).scan?.name).toBe('far_t2.nii');
  });

  it('are not segmented while a channel has none; the message names it', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'x_t1.nii', 'x_t2.nii');
    await a.segment();
    const { status, notices } = a.state.getState();
    expect(status).toBe('ready');
    expect(notices).toMatchObject([
      { kind: 'error', message: { code: 'channel-missing', parameters: { channels: 'T1ce, FLAIR' } } },
    ]);
  });

  it('are assigned anew when another model is chosen, and can be shown one by one', async () => {
    const a = withBrats();
    await a.loadModels();
    await open(a, 'x_t2.nii', 'x_t1.nii');
    expect(assigned(a)).toEqual([1, null, 0, null]);
    a.selectModel('bundled:brain-mri');
    expect(assigned(a)).toEqual([0]);
    a.showScan(a.study.document.scans[1].id);
    expect(onScreen(a).scan?.name).toBe('x_t1.nii');
  });
});
