/** Whether a model's masks can mean anything on scans, as far as that shows before a run. `unetrpp/inference/suitability.py` says the same. */

import { type Message, message } from '../core/messages';
import { anatomicalOrder, inViewOrder } from '../volume/axisOrder';
import type { Grid, Triple } from '../volume/grid';
import { type Intensity, intensityOfVolume } from '../volume/intensity';
import type { LabelMapFindings, Volume } from '../volume/volume';
import type { Manifest } from './manifest';

export interface JudgedScan extends Grid {
  readonly name: string;
  readonly intensity: Intensity;
  /** Where the scan seems to be a mask. */
  readonly labelMap?: Pick<LabelMapFindings, 'because'>;
}

/** What is judged of a volume. */
export const judged = (volume: Volume): JudgedScan => ({ ...volume, intensity: intensityOfVolume(volume) });

type JudgedModel = Pick<Manifest, 'modality' | 'extentMm' | 'pipeline'>;

const ALONG = [message('along-right-to-left'), message('along-back-to-front'), message('along-foot-to-head')] as const;

/** Up to four digits that count: 1024, -3.4e+38, 0.0123. */
const number = (value: number) =>
  Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));

/**
 * Why a model may not be made for scans, the worst first; empty where nothing speaks against it.
 * @param scans those that go into the model's channels, in its order
 */
export function suitability(model: JudgedModel, scans: readonly JudgedScan[]): readonly Message[] {
  const ofScans = scans.flatMap((scan) =>
    scan.labelMap ? [labelMap(scan.name, scan.labelMap)] : [...modality(model, scan), ...padding(model, scan)],
  );
  return [...ofScans, ...scans.slice(0, 1).flatMap((scan) => extent(model, scan))];
}

function labelMap(name: string, { because }: Pick<LabelMapFindings, 'because'>): Message {
  const says = because === 'header' ? message('label-map-by-header') : message('label-map-by-values');
  return message('label-map', { name, says });
}

function modality({ modality: madeFor }: JudgedModel, { name, intensity }: JudgedScan): Message[] {
  const { looksLike, min, max } = intensity;
  if (looksLike === madeFor) return [];
  const values = { min: number(min), max: number(max) };
  if (looksLike === 'unknown') return [message('modality-unknown', { name, madeFor, ...values })];
  return [
    looksLike === 'CT' ? message('modality', { name, ...values }) : message('not-hounsfield', { name, ...values }),
  ];
}

/** Schemes of other programs take padding for intensities, and so do we then; which of them it spoils. */
function padding({ pipeline }: JudgedModel, { name, intensity }: JudgedScan): Message[] {
  const { below, above, min, max, fileMin, fileMax } = intensity;
  if (below + above === 0 || !measuresScan(pipeline)) return [];
  const share = Math.max(0.1, 100 * (below + above)).toFixed(1);
  const value = below >= above ? fileMin : fileMax;
  return [message('padding', { share, name, value: number(value), min: number(min), max: number(max) })];
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

function extent({ extentMm }: JudgedModel, { dimsXyz, spacingXyz, affine }: JudgedScan): Message[] {
  const view = anatomicalOrder(dimsXyz, affine, 'RAS');
  const sizes = inViewOrder(view, dimsXyz.map((n, axis) => n * spacingXyz[axis]) as unknown as Triple);
  for (const [axis, along] of ALONG.entries()) {
    const mm = sizes[axis];
    const [least, most] = [extentMm.atLeastXyz?.[axis] ?? 0, extentMm.atMostXyz?.[axis] ?? Infinity];
    if (mm >= least && mm <= most) continue;
    const limit = mm < least ? message('at-least', { mm: String(least) }) : message('at-most', { mm: String(most) });
    return [message('extent', { size: number(Math.round(mm)), along, limit })];
  }
  return [];
}
