/** Whether a model's masks can mean anything on a scan, as far as that shows before a run. */
import type { Manifest } from '../inference/model/manifest';
import type { LoadedScan } from '../viewer/viewState';
import { looksLikeHounsfield } from '../viewer/windowLevel';

const ALONG = ['from right to left', 'from back to front', 'from foot to head'] as const;

/** Why the model is not made for this scan, in words for the user; null where nothing speaks against it. */
export function whyUnsuitable(
  { modality, extentMm }: Pick<Manifest, 'modality' | 'extentMm'>,
  { grid, stats }: LoadedScan,
): string | null {
  const isCt = looksLikeHounsfield(stats);
  if (isCt !== (modality === 'CT')) {
    const values = `(values from ${stats.min} to ${stats.max})`;
    return isCt
      ? `This scan looks like CT ${values}, but the model is made for MR. Its masks would mean nothing.`
      : `This scan does not look like CT in Hounsfield units ${values}, but the model is made for CT. Its masks would mean nothing.`;
  }
  for (const [axis, along] of ALONG.entries()) {
    const mm = grid.dims[axis] * grid.spacing[axis];
    const [least, most] = [extentMm.atLeastXyz?.[axis] ?? 0, extentMm.atMostXyz?.[axis] ?? Infinity];
    if (mm >= least && mm <= most) continue;
    const limit = mm < least ? `at least ${least}` : `at most ${most}`;
    return `This scan measures ${Math.round(mm)} mm ${along}, but the model is made for scans of ${limit} mm. Its masks may mean nothing.`;
  }
  return null;
}
