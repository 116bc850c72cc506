import { expect, it } from 'vitest';
import { message } from '../core/messages';
import { addLabelMap, editLabels, removeScans } from '../study/commands';
import { deltaOf } from '../study/labelDelta';
import { aLabelMap } from '../testing/studyItems';
import { app, onScreen, open, save, segmented } from '../testing/testApp';
import type { LabelSource, ScanSource } from '../viewer/layers/sources';
import type { Viewer } from '../viewer/viewer';
import { connectViewer } from './connectViewer';

/** What the viewer was told, in order, since it was asked last. */
function connected(a: ReturnType<typeof app>) {
  const told: unknown[] = [];
  const viewer: Pick<Viewer, 'setScan' | 'showChannel' | 'setLabelMaps'> = {
    setScan: (scan: ScanSource | null) => told.push(['scan', scan?.id]),
    showChannel: (scan: ScanSource) => told.push(['channel', scan.id]),
    setLabelMaps: (maps: readonly LabelSource[], only = null) =>
      told.push(['masks', maps.map(({ id, revision, changed }) => ({ id, revision, changed })), only]),
  };
  connectViewer(a, viewer as Viewer);
  return () => told.splice(0);
}

it('shows a scan, masks as they grow and when they are done, and nothing twice', async () => {
  const slab = { startXyz: [0, 0, 0], dimsXyz: [2, 1, 1], data: new Uint8Array(2) } as const;
  const a: ReturnType<typeof app> = app({
    segment: async ([scan], { onSlab }) => {
      onSlab?.(slab);
      expect(told().at(-1)).toMatchObject([
        'masks',
        [{ revision: 0, changed: { dimsXyz: [2, 1, 1] } }],
        a.state.getState().unfinished?.id,
      ]);
      return segmented(scan);
    },
  });
  const told = connected(a);
  await a.loadModels();
  await open(a, 'a.nii');
  expect(told()).toEqual([['scan', onScreen(a).scan?.id]]);
  await a.segment();
  expect(told()).toEqual([['masks', [{ id: onScreen(a).labels?.id, revision: 0 }], null]]);
  save(a);
  a.showScan(a.study.document.scans[0].id);
  expect(told()).toEqual([]);
});

it('tells of an edit by its box, and only of the masks that are shown', async () => {
  const a = app();
  await a.loadModels();
  await open(a, 'a.nii');
  await a.segment();
  const [scan] = a.study.document.scans;
  const hidden = { ...aLabelMap(a.study, scan, 'hidden'), grid: scan.grid };
  a.study.apply(addLabelMap(hidden));
  const told = connected(a);
  const shown = onScreen(a).labels;
  const box = { startXyz: [1, 1, 0], dimsXyz: [1, 2, 1] } as const;
  const paint = ({ id, grid, voxels }: typeof hidden) => {
    const labels = { dimsXyz: grid.dimsXyz, data: a.study.voxels.get(voxels) };
    a.study.apply(editLabels(id, deltaOf(labels, { ...box, data: Uint8Array.of(9, 9) }), message('painted')));
  };
  paint(hidden);
  expect(told()).toEqual([]);
  if (shown) paint(shown as typeof hidden);
  expect(told()).toEqual([['masks', [{ id: shown?.id, revision: 1, changed: box }], null]]);
  a.study.undo();
  expect(told()).toMatchObject([['masks', [{ revision: 2, changed: box }], null]]);
});

it('shows the scan that is left with the masks over it, where the shown one goes', async () => {
  const a = app();
  await a.loadModels();
  await open(a, 'a.nii', 'b.nii');
  const [first, second] = a.study.document.scans;
  a.assign(0, second.id);
  await a.segment();
  const told = connected(a);
  const masks = onScreen(a).labels;
  expect(masks?.over).toBe(second.id);
  a.study.apply(removeScans([first.id]));
  expect(told()).toMatchObject([
    ['scan', second.id],
    ['masks', [{ id: masks?.id }], null],
  ]);
});

it('shows another of the open scans in the place of the one before', async () => {
  const a = app();
  await a.loadModels();
  await open(a, 'a.nii', 'b.nii');
  const told = connected(a);
  const [, second] = a.study.document.scans;
  a.showScan(second.id);
  expect(told()).toEqual([['channel', second.id]]);
});
