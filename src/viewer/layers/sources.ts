/** What layers draw: scans and label maps, each under its id. The view keeps facts about them; the voxels stay outside. */
import type { LabelDefinition, LabelMap, LabelMapId, Scan, ScanId } from '../../study/document';
import type { Box } from '../../volume/box';
import type { VoxelArray } from '../../volume/grid';
import { type CanonicalGrid, canonicalGrid } from '../geometry/sliceGeometry';
import type { IntensityStats } from './windowLevel';

export type SourceId = ScanId | LabelMapId;

/** A scan of the study with its voxels, in stored order; kept by reference, and never changed. */
export interface ScanSource extends Pick<Scan, 'id' | 'grid' | 'orientationDoubt'> {
  readonly intensity: IntensityStats;
  readonly data: VoxelArray;
}

/** A label map of the study with its voxels, in stored order, which are kept by reference. */
export interface LabelSource extends Pick<LabelMap, 'id' | 'grid' | 'labels' | 'revision'> {
  readonly data: Uint8Array;
  /**
   * Where the voxels differ from those of the revision before, or from background where there was none; absent where
   * they may differ anywhere.
   */
  readonly changed?: Box;
}

/** What the view knows of a scan. */
export interface ScanFacts extends Pick<Scan, 'id' | 'orientationDoubt'> {
  readonly grid: CanonicalGrid;
  readonly stats: IntensityStats;
}

/** What the view knows of a label map. Watch its revision to read the voxels anew. */
export type LabelFacts = Pick<LabelMap, 'id' | 'labels' | 'revision'>;

export const scanFacts = ({ id, grid, intensity, orientationDoubt }: ScanSource): ScanFacts => ({
  id,
  grid: canonicalGrid(grid),
  stats: intensity,
  orientationDoubt,
});

export const labelFacts = ({ id, labels, revision }: LabelSource): LabelFacts => ({ id, labels, revision });

export const structureIds = (labels: readonly LabelDefinition[]): number[] =>
  labels.map(({ id }) => id).filter((id) => id !== 0);
