/** What a segmentation costs in runs of the network, known before anything is computed. */

import type { Pipeline } from '../../models/pipelines';
import { anatomicalOrder, fileOrder, inViewOrder, type View } from '../../volume/axisOrder';
import type { Grid, Triple } from '../../volume/grid';
import { gridDims } from '../../volume/resample';
import { monaiTiling, nnunetTiling, type Tiling } from '../windows/geometry/tiling';
import { coarseDims, isWorthIt } from './firstLook';
import { spacingAndDims } from './monai';
import type { PipelineManifest } from './prepared';
import { resizedDims } from './separateAxis';

export interface PlannedRuns {
  /** Windows over the whole scan; a scheme that crops may need fewer. null where a first look will decide. */
  readonly windows: number | null;
  /** Where a first look will decide: windows of the look, which are not mirrored, and of all of the scan. */
  readonly look?: { readonly windows: number; readonly most: number };
  /** Mirrored copies of each window, the plain one included, when mirroring is on; 1 where the model cannot be mirrored. */
  readonly copies: number;
  /** Whether the model mirrors unless asked otherwise. */
  readonly mirrorsByDefault: boolean;
}

/** Of a scan by its grid alone. */
export function plannedRuns(scan: Grid, manifest: Pick<PipelineManifest, 'pipeline' | 'patchDhw'>): PlannedRuns {
  const { pipeline } = manifest;
  const { patchDhw } = manifest;
  const { dimsDhw, tiling } = gridOf(scan, pipeline, patchDhw);
  const count = ({ starts }: Pick<Tiling, 'starts'>) => starts.reduce((product, axis) => product * axis.length, 1);
  const coarser = 'firstLook' in pipeline ? pipeline.firstLook?.coarser : undefined;
  const looksFirst =
    pipeline.scheme === 'organscope-v1' &&
    coarser !== undefined &&
    isWorthIt(tiling.paddedDhw, patchDhw, pipeline.tiling.step, coarser);
  const look = looksFirst && {
    windows: count(nnunetTiling(coarseDims(dimsDhw, coarser), patchDhw, pipeline.tiling)),
    most: count(tiling),
  };
  const { axes, byDefault } = ('mirroring' in pipeline && pipeline.mirroring) || { axes: [], byDefault: false };
  return {
    windows: look ? null : count(tiling),
    ...(look && { look }),
    copies: 2 ** axes.length,
    mirrorsByDefault: byDefault,
  };
}

/** The grid that the network works on, by the scan's grid alone. */
export interface PlannedGrid {
  /** Output grid: the scan's own voxels in the network's order of axes. */
  readonly nativeDhw: Triple;
  /** Model grid. */
  readonly dimsDhw: Triple;
  readonly tiling: Tiling;
}

/** A scheme that crops may leave less. */
export function gridOf(scan: Grid, pipeline: Pipeline, patchDhw: Triple): PlannedGrid {
  const spacingIn = (view: View) => inViewOrder(view, scan.spacingXyz);
  switch (pipeline.scheme) {
    case 'organscope-v1': {
      const view = anatomicalOrder(scan.dimsXyz, scan.affine, 'SAR');
      const dimsDhw = gridDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw);
      return { nativeDhw: view.dimsDhw, dimsDhw, tiling: nnunetTiling(dimsDhw, patchDhw, pipeline.tiling) };
    }
    case 'nnunet-v1':
    case 'nnunet-v2': {
      const view = fileOrder(scan.dimsXyz, pipeline.transposeForward);
      const dimsDhw = resizedDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw);
      return { nativeDhw: view.dimsDhw, dimsDhw, tiling: nnunetTiling(dimsDhw, patchDhw, pipeline.tiling) };
    }
    case 'monai': {
      const view = anatomicalOrder(scan.dimsXyz, scan.affine, pipeline.axcodes);
      const { dims } = spacingAndDims(view.dimsDhw, spacingIn(view), pipeline.spacingDhw);
      return { nativeDhw: view.dimsDhw, dimsDhw: dims, tiling: monaiTiling(dims, patchDhw, pipeline.tiling) };
    }
  }
}
