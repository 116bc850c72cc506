/** Shows in the viewer what the app has open. The one place where inference results meet the viewer. */
import type { App, AppState } from '../state/app';
import { shownLabels, type Unfinished } from '../state/results';
import { shownScan } from '../state/scans';
import type { LabelMap, Scan } from '../study/document';
import type { LabelSource, ScanSource } from '../viewer/layers/sources';
import type { Viewer } from '../viewer/viewer';
import { type Box, joinBoxes } from '../volume/box';

export function connectViewer({ state, study }: App, viewer: Viewer): void {
  const scanSource = ({ id, grid, orientationDoubt, intensity, voxels }: Scan): ScanSource => ({
    ...{ id, grid, orientationDoubt, intensity },
    data: study.voxels.get(voxels),
  });
  const labelSource = ({ id, grid, labels, revision, voxels }: LabelMap | Unfinished, changed?: Box): LabelSource => ({
    ...{ id, grid, labels, revision, changed },
    data: study.voxels.get(voxels),
  });
  const showMasks = (now: AppState, changed?: Box) => {
    const [shown, { unfinished }] = [shownLabels(now), now];
    const finished = shown ? [labelSource(shown, changed)] : [];
    viewer.setLabelMaps(unfinished ? [...finished, labelSource(unfinished, unfinished.box)] : finished, unfinished?.id);
  };

  state.subscribe((now, before) => {
    const [scan, masks] = [shownScan(now), shownLabels(now)];
    let bare = false;
    if (scan !== shownScan(before)) {
      bare = now.study.scans !== before.study.scans;
      if (scan && !bare) viewer.showChannel(scanSource(scan));
      else viewer.setScan(scan && scanSource(scan));
    }
    // Edits of masks that are shown already are told below.
    const others = masks?.id !== shownLabels(before)?.id || now.unfinished !== before.unfinished;
    // A scan that is new to the viewer comes without the masks that lie over it already.
    if (others || (bare && masks)) showMasks(now);
  });
  study.subscribe(({ edits }) => {
    const now = state.getState();
    const boxes = edits.filter(({ labelMap }) => labelMap === now.shownLabelsId);
    if (boxes.length > 0) showMasks(now, boxes.reduce<Box>(joinBoxes, boxes[0]));
  });
}
