import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../core/errors';
import { say } from '../locales/say';
import type { Manifest } from '../models/manifest';
import { app, file, model, onScreen, open, save, segmented, volume, type Work } from '../testing/testApp';
import type { Volume } from '../volume/volume';

type TestApp = ReturnType<typeof app>;

/** A label map of structures 1 and 7 on the grid of every test's scan. */
const map = (name: string, change: Partial<Volume> = {}): Volume => ({
  ...volume(name),
  data: Uint8Array.from([0, 1, 1, 7, 7, 7]),
  labelMap: {
    because: 'values',
    voxels: new Map([
      [0, 1],
      [1, 2],
      [7, 3],
    ]),
    unusable: null,
    names: [{ id: 7, name: 'liver', color: [1, 2, 3] }],
  },
  ...change,
});

/** Files whose names begin with "mask" are label maps, "far" lies elsewhere. */
const reading: Work['readVolume'] = async (_, name) => {
  if (name === 'bad.nii') throw new InvalidInputError('not-nifti', { name });
  const far = name.includes('far') ? { dimsXyz: [3, 3, 1] as const } : {};
  return name.startsWith('mask') ? map(name, far) : { ...volume(name), ...far };
};

async function withResult(inference: Partial<Work> = {}): Promise<TestApp> {
  const a = app({ readVolume: reading, ...inference });
  await a.loadModels();
  await open(a, 'a.nii');
  await a.segment();
  return a;
}

const asked = (a: TestApp) => a.state.getState().question;
/** The sentence of the question. */
const asks = (a: TestApp) => say(asked(a)?.text ?? { code: 'nothing' });
/** Lets everything that waits for nothing but its turn happen. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('a new scan beside a result that was not saved', () => {
  it('asks, and takes nothing away until it is answered', async () => {
    const a = await withResult();
    const { masks } = onScreen(a);
    const opening = open(a, 'b.nii');
    await settled();
    expect(asks(a)).toContain('a.nii');
    expect(asked(a)?.answers.map(({ answer }) => answer)).toEqual(['save', 'replace', 'keep']);
    expect(onScreen(a)).toMatchObject({ scan: { name: 'a.nii' } });
    expect(onScreen(a).masks).toBe(masks);
    a.answer('keep');
    expect(await opening).toBe(false);
    expect(a.state.getState()).toMatchObject({ status: 'segmented', question: null, readingName: null });
    expect(onScreen(a).scan?.name).toBe('a.nii');
    expect(onScreen(a).masks).toBe(masks);
  });

  it('opens it when told to, and without a question once the mask is saved', async () => {
    const a = await withResult();
    const opening = open(a, 'b.nii');
    await settled();
    a.answer('replace');
    expect(await opening).toBe(true);
    expect(a.state.getState()).toMatchObject({ status: 'ready' });
    expect(onScreen(a)).toMatchObject({ scan: { name: 'b.nii' }, labels: null });
    await a.segment();
    save(a);
    expect(await open(a, 'c.nii')).toBe(true);
    expect(asked(a)).toBeNull();
    // Saved was the one result, not any other.
    await a.segment();
    void open(a, 'd.nii');
    await settled();
    expect(asked(a)).not.toBeNull();
  });

  it('does not ask for a file that cannot be read', async () => {
    const a = await withResult();
    expect(await open(a, 'bad.nii')).toBe(false);
    expect([asked(a), a.state.getState().status]).toEqual([null, 'segmented']);
  });

  it('forgets the question when yet another file is dropped, and asks about that one', async () => {
    const a = await withResult();
    const first = open(a, 'b.nii');
    await settled();
    const second = open(a, 'c.nii');
    expect(await first).toBe(false);
    await settled();
    expect(asked(a)?.answers[0].label).toEqual({ code: 'save-then-open', parameters: { name: 'c.nii' } });
    expect(a.state.getState().status).toBe('reading');
    a.answer('replace');
    expect(await second).toBe(true);
    expect(onScreen(a).scan?.name).toBe('c.nii');
  });
});

describe('a run beside a result that was not saved', () => {
  const models = ['brain-mri', 'other'].map((name) => ({
    address: `http://test/models/${name}/`,
    manifest: { ...model, name, title: `Model ${name}` } as Manifest,
  }));

  it('of another model asks; of the same on the same scan it does not', async () => {
    let runs = 0;
    const segment: Work['segment'] = async ([scan]) => {
      runs++;
      return segmented(scan);
    };
    const a = app(
      { readVolume: reading, segment },
      { fetchModels: async () => ({ models, errors: [], isRemembered: false }) },
    );
    await a.loadModels();
    await open(a, 'a.nii');
    await a.segment();
    await a.segment();
    expect([runs, asked(a)]).toEqual([2, null]);
    a.selectModel('bundled:other');
    const kept = a.segment();
    expect(asks(a)).toContain('Model brain-mri on a.nii');
    a.answer('keep');
    await kept;
    expect(runs).toBe(2);
    const replaced = a.segment();
    a.answer('replace');
    await replaced;
    expect([runs, onScreen(a).labels?.madeFrom]).toMatchObject([3, { model: { name: 'other' } }]);
  });
});

describe('a second scan that joins', () => {
  it('keeps the result, which says that it is of the earlier scan', async () => {
    const channels = ['t1', 't2'].map((name) => ({ name, hints: [name] }));
    const two = { ...model, name: 'two', title: 'Two', channels } as Manifest;
    const models = [model, two].map((manifest) => ({ address: `http://test/models/${manifest.name}/`, manifest }));
    const a = app({ readVolume: reading }, { fetchModels: async () => ({ models, errors: [], isRemembered: false }) });
    await a.loadModels();
    await open(a, 'p_t1.nii');
    await a.segment();
    const before = onScreen(a);
    a.selectModel('bundled:two');
    expect(await open(a, 'p_t2.nii')).toBe(true);
    expect(asked(a)).toBeNull();
    expect(a.state.getState()).toMatchObject({
      status: 'segmented',
      assignment: a.study.document.scans.map(({ id }) => id),
    });
    expect(onScreen(a)).toEqual(before);
    expect(before.labels?.madeFrom).toMatchObject({ inputs: [{ name: 'p_t1.nii' }] });
  });
});

describe('a label map', () => {
  it('on the grid of the open scan is shown over it, with the names that it brings', async () => {
    const a = app({ readVolume: reading });
    await a.loadModels();
    await open(a, 'a.nii');
    const opening = open(a, 'mask.nii');
    await settled();
    expect(asked(a)?.title.code).toBe('looks-like-label-map');
    expect(asked(a)?.answers.map(({ answer }) => answer)).toEqual(['overlay', 'scan', 'keep']);
    a.answer('overlay');
    expect(await opening).toBe(true);
    const { scan, labels, masks } = onScreen(a);
    expect([a.state.getState().status, scan?.name]).toEqual(['ready', 'a.nii']);
    expect(labels).toMatchObject({ madeFrom: { kind: 'file', fileName: 'mask.nii' }, over: scan?.id });
    expect(labels?.labels.map(({ id, name }) => [id, name])).toEqual([
      [0, 'background'],
      [1, 'Label 1'],
      [7, 'liver'],
    ]);
    expect(labels?.labels[2].color).toEqual([1, 2, 3]);
    expect(labels?.sizes?.get(7)).toEqual({ voxels: 3, ml: 3 * 0.01 });
    expect([...(masks ?? [])]).toEqual([0, 1, 1, 7, 7, 7]);
    // It is on the disk already: nothing to lose.
    expect(await open(a, 'b.nii')).toBe(true);
  });

  it('asks once more where a result would go, and can be opened as a scan, or not at all', async () => {
    const a = await withResult();
    const { labels } = onScreen(a);
    const opening = open(a, 'mask.nii');
    await settled();
    a.answer('overlay');
    await settled();
    expect(asked(a)?.answers.map(({ answer }) => answer)).toEqual(['save', 'replace', 'keep']);
    a.answer('keep');
    expect(await opening).toBe(false);
    expect(onScreen(a).labels).toBe(labels);

    const asScan = open(a, 'mask.nii');
    await settled();
    a.answer('scan');
    await settled();
    a.answer('replace');
    expect(await asScan).toBe(true);
    expect(onScreen(a)).toMatchObject({ scan: { name: 'mask.nii' }, labels: null });

    const not = open(a, 'mask2.nii');
    await settled();
    a.answer('keep');
    expect(await not).toBe(false);
    expect(a.state.getState()).toMatchObject({ status: 'ready', readingName: null });
    expect(onScreen(a).scan?.name).toBe('mask.nii');
  });

  it('that does not fit is explained, and still can be opened as a scan', async () => {
    const a = app({ readVolume: reading });
    await open(a, 'a.nii');
    void open(a, 'mask_far.nii');
    await settled();
    expect(asks(a)).toContain('not on the same grid: 3 x 3 x 1 and 2 x 3 x 1 voxels');
    expect(asked(a)?.answers.map(({ answer }) => answer)).toEqual(['keep', 'scan']);
  });

  it('dropped with its scan is offered over it; alone, or with other maps, it is a picture, and that is said', async () => {
    const a = app({ readVolume: reading });
    const both = open(a, 'a.nii', 'mask.nii');
    await settled();
    expect(onScreen(a).scan?.name).toBe('a.nii');
    a.answer('overlay');
    expect(await both).toBe(true);
    expect(onScreen(a)).toMatchObject({ scan: { name: 'a.nii' }, labels: { madeFrom: { fileName: 'mask.nii' } } });

    const alone = app({ readVolume: reading });
    expect(await open(alone, 'mask.nii')).toBe(true);
    expect(alone.state.getState().notices[0].message).toEqual({
      code: 'map-shown-as-picture',
      parameters: { name: 'mask.nii' },
    });
  });
});

describe('many files at once', () => {
  it('are compared by their headers before any voxel is read', async () => {
    const read: string[] = [];
    const a = app({
      readVolume: async (_, name) => {
        read.push(name);
        return volume(name);
      },
      readGrid: async (_, name) => ({ ...volume(name), ...(name === '39.nii' ? { dimsXyz: [9, 9, 9] } : {}) }),
    });
    expect(await open(a, ...Array.from({ length: 40 }, (_, i) => `${i}.nii`))).toBe(false);
    expect(read).toEqual([]);
    const [notice] = a.state.getState().notices;
    expect([notice.message.code, say(notice.message)]).toEqual(['grids-differ', expect.stringContaining('39.nii')]);
    expect(await a.openFiles([{ path: 'one.nii', file }])).toBe(true);
  });
});
