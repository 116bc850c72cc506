import { describe, expect, it } from 'vitest';
import { CancelledError } from '../core/errors';
import type { Manifest } from '../models/manifest';
import { addLabelMap } from '../study/commands';
import { aLabelMap } from '../testing/studyItems';
import { app, model, onScreen, open, save, segmented, type Work } from '../testing/testApp';
import { isOfNow, isUnsaved, listedStructures, scansOf } from './results';

describe('a result', () => {
  const t1 = { ...model, name: 't1-model', version: '2', channels: [{ name: 'MR', hints: ['t1'] }] } as Manifest;
  const models = [model, t1].map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
  const two = (inference: Partial<Work> = {}) =>
    app(inference, {
      fetchModels: async () => ({ models, errors: [], isRemembered: false }),
      rememberedModel: () => 'bundled:t1-model',
    });

  it('is of the scan and the model that were run, whatever is shown and chosen later', async () => {
    const a = two();
    await a.loadModels();
    await open(a, 'p_flair.nii', 'p_t1.nii');
    await a.segment();
    const [flair, t1Scan] = a.study.document.scans;
    a.showScan(flair.id);
    a.selectModel('bundled:brain-mri');
    const { scan, labels } = onScreen(a);
    expect(scan?.name).toBe('p_flair.nii');
    expect(labels?.madeFrom).toMatchObject({
      model: { name: 't1-model', title: 'Brain', version: '2', sha256: t1.weights.sha256 },
      inputs: [{ scan: t1Scan.id, name: 'p_t1.nii', channel: 'MR' }],
      run: { provider: 'wasm', adapter: { code: 'threads', parameters: { count: 2 } }, milliseconds: 5, windows: 1 },
    });
    expect(labels?.over).toBe(t1Scan.id);
    const ofNow = () => labels && isOfNow(labels, a.state.getState());
    expect(ofNow()).toBe(false);
    a.selectModel('bundled:t1-model');
    expect(ofNow()).toBe(true);
    a.assign(0, flair.id);
    expect(ofNow()).toBe(false);
  });

  it('is one of several: two scans and two label maps are open at once, each with where it comes from', async () => {
    const a = two();
    await a.loadModels();
    await open(a, 'p_flair.nii', 'p_t1.nii');
    await a.segment();
    const [flair, t1Scan] = a.study.document.scans;
    const file = {
      ...aLabelMap(a.study, flair, 'mask.nii'),
      madeFrom: { kind: 'file', fileName: 'mask.nii' },
    } as const;
    a.study.apply(addLabelMap({ ...file, savedRevision: 0 }));
    const { study } = a.state.getState();
    expect(study.scans.map(({ name, source }) => [name, source.fileName])).toEqual([
      ['p_flair.nii', 'p_flair.nii'],
      ['p_t1.nii', 'p_t1.nii'],
    ]);
    expect(study.labelMaps.map(({ over }) => over)).toEqual([t1Scan.id, flair.id]);
    expect(study.labelMaps.map(({ madeFrom }) => madeFrom)).toMatchObject([
      { kind: 'model', model: { name: 't1-model' }, inputs: [{ scan: t1Scan.id }] },
      { kind: 'file', fileName: 'mask.nii' },
    ]);
    expect(study.labelMaps.map((one) => scansOf(one, study))).toEqual([['p_t1.nii'], ['p_flair.nii']]);
    // What is shown and chosen changes; nothing about either of them does.
    a.showScan(flair.id);
    a.selectModel('bundled:brain-mri');
    expect(a.state.getState().study).toBe(study);
    expect(study.labelMaps.map(isUnsaved)).toEqual([true, false]);
    expect(onScreen(a).labels).toBe(study.labelMaps[0]);
  });

  it('is shown over the scan that is segmented: a model of one channel opens with its own', async () => {
    const a = two();
    await a.loadModels();
    await open(a, 'p_flair.nii', 'p_t1.nii');
    expect(onScreen(a).scan?.name).toBe('p_t1.nii');
  });

  it('of another model gives way to the structures of the running one as soon as some are drawn, and comes back', async () => {
    const listed: unknown[] = [];
    const list = () => {
      const { labels, sizes, drawn } = listedStructures(onScreen(a).labels, a.state.getState().unfinished, t1);
      listed.push([labels.map(({ name }) => name), sizes === null, drawn]);
    };
    const named = (name: string, structure: string) => ({
      address: `http://test/models/${name}/`,
      manifest: {
        ...model,
        ...{ name, regions: [], labels: [{ id: 1, name: structure, color: [1, 1, 1] }] },
      } as unknown as Manifest,
    });
    let slabs = false;
    const a: ReturnType<typeof app> = app(
      {
        segment: async ([scan], { onSlab }) => {
          if (!slabs) return segmented(scan);
          list();
          onSlab?.({ startXyz: [0, 0, 0], dimsXyz: [1, 1, 1], data: Uint8Array.of(1) });
          list();
          throw new CancelledError();
        },
      },
      {
        fetchModels: async () => ({
          models: [named('a', 'liver'), named('b', 'heart')],
          errors: [],
          isRemembered: false,
        }),
      },
    );
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    slabs = true;
    save(a);
    a.selectModel('bundled:b');
    await a.segment();
    list();
    expect(listed).toEqual([
      [['liver'], false, true],
      [['heart'], true, true],
      [['liver'], false, true],
    ]);
  });
});
