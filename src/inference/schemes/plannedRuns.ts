/** What a segmentation costs in runs of the network, known before anything is computed. */

import type { Pipeline } from '../../models/pipelines';
import { anatomicalOrder, fileOrder, inViewOrder, type View } from '../../volume/axisOrder';
import type { Grid, Triple } from '../../volume/grid';
import { gridDims } from '../../volume/resample';
import { monaiTiling, nnunetTiling } from '../windows/geometry/tiling';
import { isWorthIt } from './firstLook';
import { spacingAndDims } from './monai';
import type { PipelineManifest } from './prepared';
import { resizedDims } from './separateAxis';

export interface PlannedRuns {
  /** Windows over the whole scan; a scheme that crops may need fewer. null where a first look will decide. */
  readonly windows: number | null;
  /** Mirrored copies of each window, the plain one included, when mirroring is on; 1 where the model cannot be mirrored. */
  readonly copies: number;
  /** Whether the model mirrors unless asked otherwise. */
  readonly mirrorsByDefault: boolean;
}

/** Of a scan by its grid alone. */
export function plannedRuns(scan: Grid, manifest: Pick<PipelineManifest, 'pipeline' | 'patchDhw'>): PlannedRuns {
  const { pipeline } = manifest;
  const { starts, paddedDhw } = tilingOf(scan, pipeline, manifest.patchDhw);
  const looksFirst =
    'firstLook' in pipeline &&
    pipeline.firstLook !== undefined &&
    isWorthIt(paddedDhw, manifest.patchDhw, pipeline.tiling.step, pipeline.firstLook.coarser);
  const windows = looksFirst ? null : starts.reduce((product, axis) => product * axis.length, 1);
  const { axes, byDefault } = ('mirroring' in pipeline && pipeline.mirroring) || { axes: [], byDefault: false };
  return { windows, copies: 2 ** axes.length, mirrorsByDefault: byDefault };
}

function tilingOf(scan: Grid, pipeline: Pipeline, patchDhw: Triple) {
  const spacingIn = (view: View) => inViewOrder(view, scan.spacingXyz);
  switch (pipeline.scheme) {
    case 'organscope-v1': {
      const view = anatomicalOrder(scan.dimsXyz, scan.affine, 'SAR');
      return nnunetTiling(gridDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw), patchDhw, pipeline.tiling);
    }
    case 'nnunet-v1':
    case 'nnunet-v2': {
      const view = fileOrder(scan.dimsXyz, pipeline.transposeForward);
      return nnunetTiling(resizedDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw), patchDhw, pipeline.tiling);
    }
    case 'monai': {
      const view = anatomicalOrder(scan.dimsXyz, scan.affine, pipeline.axcodes);
      const { dims } = spacingAndDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw);
      return monaiTiling(dims, patchDhw, pipeline.tiling);
    }
  }
}
