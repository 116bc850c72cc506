/** Whether a model's masks can mean anything on scans, as far as that shows before a run. `unetrpp/suitability.py` says the same. */

import { anatomicalOrder, inViewOrder } from '../volume/axisOrder';
import type { Grid, Triple } from '../volume/grid';
import { type Intensity, intensityOfVolume } from '../volume/intensity';
import type { LabelMapFindings, Volume } from '../volume/volume';
import type { Manifest } from './manifest';

/** 'modality': the other one. 'modality-unknown': the values do not tell. */
export type SuitabilityCode = 'modality' | 'modality-unknown' | 'not-hounsfield' | 'extent' | 'padding' | 'label-map';

export interface SuitabilityWarning {
  readonly code: SuitabilityCode;
  /** For the user: what is wrong with which value, and what to do. */
  readonly message: string;
}

export interface JudgedScan extends Grid {
  readonly name: string;
  readonly intensity: Intensity;
  /** Where the scan seems to be a mask. */
  readonly labelMap?: Pick<LabelMapFindings, 'because'>;
}

/** What is judged of a volume. */
export const judged = (volume: Volume): JudgedScan => ({ ...volume, intensity: intensityOfVolume(volume) });

type JudgedModel = Pick<Manifest, 'modality' | 'extentMm' | 'pipeline'>;

const ALONG = ['from right to left', 'from back to front', 'from foot to head'] as const;

/** Up to four digits that count: 1024, -3.4e+38, 0.0123. */
const number = (value: number) =>
  Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

/**
 * Why a model may not be made for scans, the worst first; empty where nothing speaks against it.
 * @param scans those that go into the model's channels, in its order
 */
export function suitability(model: JudgedModel, scans: readonly JudgedScan[]): readonly SuitabilityWarning[] {
  const ofScans = scans.flatMap((scan) =>
    scan.labelMap ? [labelMap(scan.name, scan.labelMap)] : [...modality(model, scan), ...padding(model, scan)],
  );
  return [...ofScans, ...scans.slice(0, 1).flatMap((scan) => extent(model, scan))];
}

function labelMap(name: string, { because }: Pick<LabelMapFindings, 'because'>): SuitabilityWarning {
  const says = because === 'header' ? 'its header says so' : 'its values are whole numbers from 0 on, in blocks';
  const message = `${name} seems to be a mask and not a scan (${says}). Masks of a mask would mean nothing. Choose the scan that it belongs to.`;
  return { code: 'label-map', message };
}

function modality({ modality: madeFor }: JudgedModel, { name, intensity }: JudgedScan): SuitabilityWarning[] {
  const { looksLike, min, max } = intensity;
  if (looksLike === madeFor) return [];
  const values = `values from ${number(min)} to ${number(max)}`;
  if (looksLike === 'unknown') {
    const message =
      madeFor === 'CT'
        ? `${name} may not be CT in Hounsfield units: its ${values} do not tell. The model is made for CT; make sure that the scan is, or do not trust its masks.`
        : `${name} may be CT: its ${values} do not tell. The model is made for MR; make sure that the scan is, or do not trust its masks.`;
    return [{ code: 'modality-unknown', message }];
  }
  if (looksLike === 'CT') {
    const message = `${name} looks like CT (${values}), but the model is made for MR. Its masks would mean nothing. Choose a model for CT.`;
    return [{ code: 'modality', message }];
  }
  const message = `The values of ${name} are not Hounsfield units (${values}), but the model is made for CT. Its masks would mean nothing. If the scan is CT, its intercept (often -1024) is missing: convert it again from DICOM; if not, choose a model for MR.`;
  return [{ code: 'not-hounsfield', message }];
}

/** Schemes of other programs take padding for intensities, and so do we then; which of them it spoils. */
function padding({ pipeline }: JudgedModel, { name, intensity }: JudgedScan): SuitabilityWarning[] {
  const { below, above, min, max, fileMin, fileMax } = intensity;
  if (below + above === 0 || !measuresScan(pipeline)) return [];
  const share = Math.max(0.1, 100 * (below + above)).toFixed(1);
  const value = below >= above ? fileMin : fileMax;
  const message = `${share} % of the voxels of ${name} are far outside the rest (${number(value)}, the rest ${number(min)} to ${number(max)}), as padding is. The model's own preparation takes them for intensities, so its masks may mean nothing. Set them to the value of the background first.`;
  return [{ code: 'padding', message }];
}

/** Whether a scheme's intensities depend on the scan's own values without bounds. */
function measuresScan(pipeline: JudgedModel['pipeline']): boolean {
  switch (pipeline.scheme) {
    case 'organscope-v1':
      return false;
    case 'nnunet-v1':
      return pipeline.normalization.some(({ scheme }) => scheme === 'nonCT' || scheme === 'noNorm');
    case 'nnunet-v2':
      return pipeline.normalization.some(({ scheme }) => scheme !== 'CT');
    case 'monai':
      return pipeline.intensity.scheme !== 'range' || !pipeline.intensity.clip;
  }
}

function extent({ extentMm }: JudgedModel, { dimsXyz, spacingXyz, affine }: JudgedScan): SuitabilityWarning[] {
  const view = anatomicalOrder(dimsXyz, affine, 'RAS');
  const sizes = inViewOrder(view, dimsXyz.map((n, axis) => n * spacingXyz[axis]) as unknown as Triple);
  for (const [axis, along] of ALONG.entries()) {
    const mm = sizes[axis];
    const [least, most] = [extentMm.atLeastXyz?.[axis] ?? 0, extentMm.atMostXyz?.[axis] ?? Infinity];
    if (mm >= least && mm <= most) continue;
    const limit = mm < least ? `at least ${least}` : `at most ${most}`;
    const message = `This scan measures ${number(Math.round(mm))} mm ${along}, but the model is made for scans of ${limit} mm. Its masks may mean nothing.`;
    return [{ code: 'extent', message }];
  }
  return [];
}
