import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { message } from '../core/messages';
import { aLabelMap, aScan, DIMS } from '../testing/studyItems';
import { labelVolumes } from '../volume/statistics';
import type { NiftiForms } from '../volume/volume';
import {
  addLabelMap,
  addScans,
  editLabels,
  removeLabelMaps,
  removeScans,
  replaceAll,
  replaceLabelMaps,
  together,
} from './commands';
import type { LabelMap, Scan } from './document';
import { deltaOf } from './labelDelta';
import { Study, type StudyChange } from './study';
import { labelVolumeOf, scanOf, volumeOf } from './volumes';

/** A study with scans and masks over the first of them, and no history. */
function withTwo() {
  const study = new Study();
  const scans = [aScan(study, 'a.nii'), aScan(study, 'b.nii')];
  const masks = [aLabelMap(study, scans[0], 'first'), aLabelMap(study, scans[1], 'second')];
  study.apply(addScans(scans));
  for (const one of masks) study.apply(addLabelMap(one));
  study.forgetHistory();
  return { study, scans, masks };
}

const ids = ({ document: { scans, labelMaps } }: Study) => [...scans, ...labelMaps].map(({ id }) => id);

/** Writes a label into one voxel. */
const paint = (study: Study, id: LabelMap['id'], x: number, label: number) => {
  const { grid, voxels } = study.document.labelMaps.find((one) => one.id === id) as LabelMap;
  const labels = { dimsXyz: grid.dimsXyz, data: study.voxels.get(voxels) };
  const delta = deltaOf(labels, { startXyz: [x, 0, 0], dimsXyz: [1, 1, 1], data: Uint8Array.of(label) });
  return editLabels(id, delta, message('painted', { label }));
};

it('a scan keeps the numbers of the file that it is from, where there are any, for masks over it', () => {
  const study = new Study();
  const plain = aScan(study, 'a.xyz');
  const forms = { version: 1 } as NiftiForms;
  const nifti = scanOf({ ...volumeOf(plain, study.voxels), name: 'a.nii', forms }, study.voxels);
  expect([plain, nifti].map(({ source }) => source.kind)).toEqual(['plain', 'nifti']);
  const labels = { grid: plain.grid, voxels: study.voxels.add(new Uint8Array(6)) };
  for (const [scan, written] of [[plain, undefined] as const, [nifti, forms] as const]) {
    expect(volumeOf(scan, study.voxels).forms).toBe(written);
    expect(labelVolumeOf(labels, scan, study.voxels).forms).toBe(written);
  }
});

describe('a study', () => {
  it('holds scans and label maps, each with where it comes from, and gives their arrays without a copy', () => {
    const { study, scans, masks } = withTwo();
    expect(ids(study)).toEqual([...scans, ...masks].map(({ id }) => id));
    expect(new Set(ids(study)).size).toBe(4);
    const [first, second] = study.document.labelMaps;
    expect([first.over, second.over]).toEqual(scans.map(({ id }) => id));
    const volume = volumeOf(scans[0], study.voxels);
    expect(volume.data).toBe(study.voxels.get(scans[0].voxels));
    expect(labelVolumeOf(first, scans[0], study.voxels)).toEqual({
      ...scans[0].grid,
      data: study.voxels.get(first.voxels),
    });
  });

  it('takes label maps away with the scan that they lie over, and brings both back in their places', () => {
    const { study, scans, masks } = withTwo();
    study.apply(removeScans([scans[0].id]));
    expect(ids(study)).toEqual([scans[1].id, masks[1].id]);
    expect(study.undo()).toBe(true);
    expect(ids(study)).toEqual([...scans, ...masks].map(({ id }) => id));
    study.redo();
    expect(ids(study)).toEqual([scans[1].id, masks[1].id]);
  });

  it('frees arrays that neither the document nor its history names, and no others', () => {
    const { study, scans, masks } = withTwo();
    const unfinished = study.voxels.add(new Uint8Array(3));
    study.apply(replaceAll([aScan(study, 'c.nii')]));
    expect(study.voxels.size).toBe(4 + 1 + 1);
    study.undo();
    // What was undone may be done again.
    expect(study.voxels.size).toBe(4 + 1 + 1);
    study.apply(removeLabelMaps([masks[0].id]));
    // c.nii cannot come back.
    expect(study.voxels.size).toBe(4 + 1);
    study.forgetHistory();
    expect(study.voxels.size).toBe(3 + 1);
    expect(study.voxels.get(unfinished)).toHaveLength(3);
    expect(() => study.voxels.get(masks[0].voxels)).toThrow(expect.objectContaining({ code: 'voxels-gone' }));
    expect(study.voxels.get(scans[0].voxels)).toHaveLength(6);
  });

  it('lists what can be undone and done again by what was done', () => {
    const { study, masks } = withTwo();
    study.apply(paint(study, masks[0].id, 0, 3));
    study.apply(removeLabelMaps([masks[1].id]));
    const codes = () => [study.history.undo, study.history.redo].map((all) => all.map(({ code }) => code));
    expect(codes()).toEqual([['painted', 'remove-masks'], []]);
    study.undo();
    expect(codes()).toEqual([['painted'], ['remove-masks']]);
    study.undo();
    expect(study.undo()).toBe(false);
    study.redo();
    expect(codes()).toEqual([['painted'], ['remove-masks']]);
    study.apply(removeLabelMaps([masks[1].id]));
    expect(codes()).toEqual([['painted', 'remove-masks'], []]);
    expect(study.redo()).toBe(false);
  });

  it('tells what was before and where voxels changed, once for a command and only after it', () => {
    const { study, masks } = withTwo();
    const heard: StudyChange[] = [];
    const end = study.subscribe((change) => {
      expect(study.document).toBe(change.now);
      heard.push(change);
    });
    const before = study.document;
    study.apply(paint(study, masks[0].id, 1, 2));
    expect(heard).toEqual([
      { before, now: study.document, edits: [{ labelMap: masks[0].id, startXyz: [1, 0, 0], dimsXyz: [1, 1, 1] }] },
    ]);
    end();
    study.undo();
    expect(heard).toHaveLength(1);
  });
});

describe('editing labels', () => {
  it('changes the array in place, counts the revision up, also when undone, and keeps the sizes true', () => {
    const { study, masks } = withTwo();
    const now = () => study.document.labelMaps[0];
    const data = study.voxels.get(masks[0].voxels);
    const before = data.slice();
    study.apply(paint(study, masks[0].id, 1, 7));
    expect([now().revision, data[1], study.voxels.get(now().voxels)]).toEqual([1, 7, data]);
    expect([...(now().sizes ?? [])]).toEqual([...labelVolumes({ ...now().grid, data })]);
    expect(study.document.labelMaps[1]).toBe(masks[1]);
    study.undo();
    expect([now().revision, data]).toEqual([2, before]);
    expect(now().sizes).toEqual(masks[0].sizes);
  });

  it('leaves sizes unknown that are being counted, and takes only those of the revision that is there', () => {
    const study = new Study();
    const scan = aScan(study, 'a.nii');
    const uncounted = { ...aLabelMap(study, scan, 'mask'), sizes: null };
    study.apply(together(message('both'), [addScans([scan]), addLabelMap(uncounted)]));
    study.apply(paint(study, uncounted.id, 0, 3));
    expect(study.document.labelMaps[0].sizes).toBeNull();
    const sizes = new Map([[3, { voxels: 1, ml: 1 }]]);
    study.noteSizes(uncounted.id, 0, sizes);
    expect(study.document.labelMaps[0].sizes).toBeNull();
    study.noteSizes(uncounted.id, 1, sizes);
    expect(study.document.labelMaps[0].sizes).toBe(sizes);
    study.undo();
    study.undo();
    expect(study.document).toEqual({ scans: [], labelMaps: [] });
  });

  it('that fails changes nothing, alone or among others', () => {
    const { study, masks } = withTwo();
    const listener = vi.fn();
    study.subscribe(listener);
    const { document } = study;
    const data = study.voxels.get(masks[0].voxels).slice();
    const [fits, stale] = [paint(study, masks[0].id, 0, 9), paint(study, masks[0].id, 0, 8)];
    expect(() => study.apply(together(message('both'), [fits, stale]))).toThrow(
      expect.objectContaining({ code: 'edit-out-of-turn' }),
    );
    expect(study.document).toBe(document);
    const late = paint(study, masks[1].id, 0, 1);
    study.apply(removeLabelMaps([masks[1].id]));
    expect(() => study.apply(late)).toThrow(expect.objectContaining({ code: 'label-map-gone' }));
    expect(study.voxels.get(masks[0].voxels)).toEqual(data);
    expect(study.document.labelMaps).toEqual([masks[0]]);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(study.history.undo).toHaveLength(1);
  });

  it('is saved up to a revision, which undoing does not take back', () => {
    const { study, masks } = withTwo();
    study.apply(paint(study, masks[0].id, 0, 5));
    study.noteSaved(masks[0].id, 1);
    expect(study.document.labelMaps[0]).toMatchObject({ revision: 1, savedRevision: 1 });
    study.undo();
    expect(study.document.labelMaps[0]).toMatchObject({ revision: 2, savedRevision: 1 });
  });
});

describe('undoing everything and doing it again', () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constantFrom('scan', 'mask', 'replace-mask', 'remove-scan', 'remove-mask', 'all') }),
      fc.record({ kind: fc.constant('paint' as const), x: fc.nat(DIMS[0] - 1), label: fc.nat(3) }),
    ),
    { maxLength: 12 },
  );

  /** All there is, but for revisions, which only count up. */
  const snapshot = (study: Study) => ({
    scans: study.document.scans,
    labelMaps: study.document.labelMaps.map(({ revision, ...one }) => one),
    data: study.document.labelMaps.map(({ voxels }) => [...study.voxels.get(voxels)]),
  });

  it('leads back and forth through the same states', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const study = new Study();
        const first = <T>(items: readonly T[]): T | undefined => items[0];
        const states = [snapshot(study)];
        for (const [at, step] of all.entries()) {
          const scan: Scan | undefined = first(study.document.scans);
          const mask: LabelMap | undefined = first(study.document.labelMaps);
          if (step.kind === 'scan') study.apply(addScans([aScan(study, `${at}.nii`)]));
          else if (step.kind === 'all') study.apply(replaceAll([aScan(study, `${at}.nii`)]));
          else if (step.kind === 'mask' && scan) study.apply(addLabelMap(aLabelMap(study, scan, `mask ${at}`)));
          else if (step.kind === 'remove-scan' && scan) study.apply(removeScans([scan.id]));
          else if (step.kind === 'remove-mask' && mask) study.apply(removeLabelMaps([mask.id]));
          else if (step.kind === 'replace-mask' && mask && scan)
            study.apply(replaceLabelMaps([mask.id], aLabelMap(study, scan, `mask ${at}`)));
          else if (step.kind === 'paint' && mask && 'x' in step) study.apply(paint(study, mask.id, step.x, step.label));
          else continue;
          states.push(snapshot(study));
        }
        for (let at = states.length - 2; at >= 0; at--) {
          expect(study.undo()).toBe(true);
          expect(snapshot(study)).toEqual(states[at]);
        }
        expect(study.undo()).toBe(false);
        for (const state of states.slice(1)) {
          study.redo();
          expect(snapshot(study)).toEqual(state);
        }
        expect(study.redo()).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

describe('whoever follows the edits by their boxes', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('paint' as const),
      mask: fc.nat(1),
      start: fc.tuple(fc.nat(DIMS[0] - 1), fc.nat(DIMS[1] - 1)),
      labels: fc.array(fc.nat(2), { minLength: 6, maxLength: 6 }),
      twice: fc.boolean(),
    }),
    fc.record({ kind: fc.constantFrom('undo' as const, 'redo' as const, 'forget' as const, 'remove' as const) }),
  );

  it('has the voxels of every revision, and the sizes that go with them', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (all) => {
        const { study } = withTwo();
        const dataOf = ({ voxels }: LabelMap) => study.voxels.get(voxels);
        const copies = new Map(study.document.labelMaps.map((one) => [one.id, dataOf(one).slice()]));
        study.subscribe(({ now, before, edits }) => {
          for (const one of now.labelMaps) {
            const known = before.labelMaps.find(({ id }) => id === one.id);
            const own = edits.filter(({ labelMap }) => labelMap === one.id);
            if (known) expect(one.revision).toBe(known.revision + own.length);
            else copies.set(one.id, dataOf(one).slice());
            for (const {
              startXyz: [x0, y0],
              dimsXyz: [nx, ny],
            } of own) {
              for (let y = y0; y < y0 + ny; y++) {
                const [from, to] = [DIMS[0] * y + x0, DIMS[0] * y + x0 + nx];
                copies.get(one.id)?.set(dataOf(one).subarray(from, to), from);
              }
            }
            expect(copies.get(one.id)).toEqual(dataOf(one));
            expect([...(one.sizes ?? [])]).toEqual([...labelVolumes({ ...one.grid, data: dataOf(one) })]);
          }
        });
        for (const one of all) {
          const { labelMaps } = study.document;
          if (one.kind === 'undo') study.undo();
          else if (one.kind === 'redo') study.redo();
          else if (one.kind === 'forget') study.forgetHistory();
          else if (one.kind === 'remove') study.apply(removeLabelMaps(labelMaps.slice(0, 1).map(({ id }) => id)));
          else if ('start' in one && labelMaps[one.mask]) {
            const { id, grid, voxels } = labelMaps[one.mask];
            const [x, y] = one.start;
            const dimsXyz = [DIMS[0] - x, DIMS[1] - y, 1] as const;
            const data = Uint8Array.from(one.labels.slice(0, dimsXyz[0] * dimsXyz[1]));
            const labels = { dimsXyz: grid.dimsXyz, data: study.voxels.get(voxels) };
            const edit = editLabels(id, deltaOf(labels, { startXyz: [x, y, 0], dimsXyz, data }), message('painted'));
            // An edit that changes nothing may be done again.
            const again = editLabels(
              id,
              deltaOf({ ...labels, data: withBox(labels.data, [x, y], data) }, { startXyz: [x, y, 0], dimsXyz, data }),
              message('painted'),
            );
            study.apply(one.twice ? together(message('both'), [edit, again]) : edit);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  /** Labels with a box that reaches to the end of the grid written into them. */
  function withBox(labels: Uint8Array, [x0, y0]: readonly [number, number], box: Uint8Array): Uint8Array {
    const written = labels.slice();
    const width = DIMS[0] - x0;
    for (let y = y0; y < DIMS[1]; y++)
      written.set(box.subarray(width * (y - y0), width * (y - y0 + 1)), DIMS[0] * y + x0);
    return written;
  }
});
