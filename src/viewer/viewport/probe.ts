/** What lies at one voxel, in the scan and in the masks over it. */
import type { LabelDefinition, LabelMapId } from '../../study/document';
import type { Triple } from '../../volume/grid';
import { dataIndex } from '../geometry/sliceGeometry';
import { isLabelDrawn } from '../layers/layer';
import type { LabelSource, ScanSource } from '../layers/sources';
import { shownLabelLayers, shownScan, type ViewState } from './viewState';

export interface Probe {
  readonly intensity: number;
  /** Null without masks. */
  readonly label: LabelDefinition | null;
  /** Where the label is from. */
  readonly labelMap: LabelMapId | null;
  /** Whether the user sees that label: its structure, and masks at all. */
  readonly labelShown: boolean;
}

/**
 * Value and label at a canonical position, or null outside the scan. Of several layers that have a structure there, the
 * one that lies on top of the others counts.
 */
export function probeVoxel(
  view: ViewState,
  scan: ScanSource,
  labelMaps: readonly LabelSource[],
  at: Triple,
): Probe | null {
  const facts = shownScan(view);
  const index = facts ? dataIndex(facts.grid, at) : -1;
  if (index < 0) return null;
  const nothing: Probe = { intensity: scan.data[index], label: null, labelMap: null, labelShown: false };
  let found = nothing;
  for (const layer of shownLabelLayers(view)) {
    const map = labelMaps.find(({ id }) => id === layer.sourceId);
    const label = map?.labels.find(({ id }) => id === map.data[index]);
    // Background does not cover what a layer below has there.
    if (!map || !label || (label.id === 0 && found.label)) continue;
    found = { ...nothing, label, labelMap: map.id, labelShown: isLabelDrawn(layer, label.id) };
  }
  return found;
}
