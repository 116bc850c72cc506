/** Views and sources of small scans and masks, for tests of the viewer. */
import type { LabelMapId, ScanId } from '../study/document';
import { canonicalGrid } from '../viewer/geometry/sliceGeometry';
import type { LabelFacts, LabelSource, ScanFacts, ScanSource } from '../viewer/layers/sources';
import type { IntensityStats } from '../viewer/layers/windowLevel';
import { applyAction } from '../viewer/viewport/actions';
import { INITIAL_VIEW, type ViewState } from '../viewer/viewport/viewState';
import type { Grid, Triple, VoxelArray } from '../volume/grid';

export const scanId = (name: string) => name as ScanId;
export const labelMapId = (name: string) => name as LabelMapId;

/** Voxels of 1 mm whose axes grow to Right, Anterior, Superior. */
export const gridOf = (dimsXyz: Triple): Grid => ({
  dimsXyz,
  spacingXyz: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
});

const STATS: IntensityStats = { min: 0, max: 100, low: 0, high: 100, looksLike: 'unknown' };

export const scanOf = (dimsXyz: Triple, stats: IntensityStats = STATS): ScanFacts => ({
  id: scanId(`scan of ${dimsXyz.join(' x ')}`),
  grid: canonicalGrid(gridOf(dimsXyz)),
  stats,
  orientationDoubt: null,
});

/** A view into which a scan was opened. */
export const shownScan = (dimsXyz: Triple, stats?: IntensityStats, view = INITIAL_VIEW): ViewState =>
  applyAction(view, { kind: 'show-scan', scan: scanOf(dimsXyz, stats) });

export const structures = (ids: readonly number[]) =>
  ids.map((id) => ({ id, name: `label ${id}`, color: [id, id, id] as const }));

/** The view with one label map of these structures over the scan. */
export function shownLabels(view: ViewState, ids: readonly number[]): ViewState {
  const map: LabelFacts = { id: labelMapId('labels'), labels: structures(ids), revision: 0 };
  return applyAction(view, { kind: 'show-label-maps', maps: [map], only: null });
}

export const scanSource = (id: string, grid: Grid, data: VoxelArray, more: Partial<ScanSource> = {}): ScanSource => ({
  id: scanId(id),
  grid,
  data,
  intensity: { ...STATS, max: 255, high: 255 },
  orientationDoubt: null,
  ...more,
});

export const labelSource = (
  id: string,
  grid: Grid,
  data: Uint8Array,
  more: Partial<LabelSource> = {},
): LabelSource => ({ id: labelMapId(id), grid, data, labels: structures([0, 1, 2, 3]), revision: 0, ...more });
