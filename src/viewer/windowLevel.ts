/** Grey-scale windows: presets, the automatic one, and what a drag does to them. All values in the scan's own units. */

/** Intensities from center - width / 2 (black) to center + width / 2 (white). */
export interface GreyWindow {
  readonly center: number;
  readonly width: number;
}

export interface WindowPreset extends GreyWindow {
  readonly id: string;
  readonly title: string;
  /** The key that selects it. */
  readonly key: string;
}

/** CT presets in Hounsfield units. */
export const CT_PRESETS: readonly WindowPreset[] = [
  { id: 'soft-tissue', title: 'Soft tissue', center: 40, width: 400, key: '1' },
  { id: 'lung', title: 'Lung', center: -600, width: 1500, key: '2' },
  { id: 'liver', title: 'Liver', center: 90, width: 150, key: '3' },
  { id: 'bone', title: 'Bone', center: 480, width: 2500, key: '4' },
  { id: 'brain', title: 'Brain', center: 40, width: 80, key: '5' },
];

/** What the viewer needs to know of a scan's intensities. */
export interface IntensityStats {
  readonly min: number;
  readonly max: number;
  /** 2nd and 98th percentile of the voxels above the minimum (the background of most scans is the minimum). */
  readonly low: number;
  readonly high: number;
}

/** Percentiles come from at most this many voxels, evenly strided. 2^18 puts the 2 % point within 0.1 % of rank. */
const SAMPLE_VOXELS = 2 ** 18;

/**
 * Range over all voxels, percentiles over an even sample; NaN and infinities do not count.
 * A scan without two different finite values gives low = high.
 */
export function intensityStats(data: ArrayLike<number>): IntensityStats {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) {
    const v = data[i];
    if (v < min && v !== Number.NEGATIVE_INFINITY) min = v;
    if (v > max && v !== Number.POSITIVE_INFINITY) max = v;
  }
  if (min > max) return { min: 0, max: 0, low: 0, high: 0 };
  // An odd stride does not lock on to one column of a grid with even sides.
  const stride = Math.max(1, Math.floor(data.length / SAMPLE_VOXELS)) | 1;
  const sample = new Float64Array(Math.ceil(data.length / stride));
  let count = 0;
  for (let i = 0; i < data.length; i += stride) {
    const v = data[i];
    if (v > min && v <= max) sample[count++] = v;
  }
  if (count === 0) return { min, max, low: min, high: max };
  const sorted = sample.subarray(0, count).sort();
  const at = (percent: number) => sorted[Math.round((percent / 100) * (count - 1))];
  return { min, max, low: at(2), high: at(98) };
}

/**
 * The window from the 2nd to the 98th percentile. Where they (nearly) coincide, as in a mask or a phantom, the whole
 * range; a scan of one value gets a width of 1.
 */
export function autoWindow({ min, max, low, high }: IntensityStats): GreyWindow {
  if (high - low >= (max - min) / 1000 && high > low) return { center: (low + high) / 2, width: high - low };
  return { center: (min + max) / 2, width: max > min ? max - min : 1 };
}

/**
 * Air below -500 and something dense above 200: intensities that are Hounsfield units in all likelihood.
 * A guess, for wording and for the window a scan opens with.
 */
export function looksLikeHounsfield({ min, max }: IntensityStats): boolean {
  return min <= -500 && min >= -8192 && max >= 200;
}

/** What a scan opens with: soft tissue for CT, where percentiles lie between air and bone, else the automatic window. */
export function openingWindow(stats: IntensityStats): { readonly window: GreyWindow; readonly preset: string } {
  if (!looksLikeHounsfield(stats)) return { window: autoWindow(stats), preset: 'auto' };
  const { id, center, width } = CT_PRESETS[0];
  return { window: { center, width }, preset: id };
}

/**
 * Left drag: right widens, down raises the level (the image gets darker), as clinical viewers do.
 * A drag of 1024 px covers the scan's whole range; steps above one unit are whole units.
 * @param dxPx, dyPx pixels since the last event, y down
 */
export function dragWindow(window: GreyWindow, dxPx: number, dyPx: number, stats: IntensityStats): GreyWindow {
  const range = stats.max - stats.min;
  const perPixel = range / 1024 > 1 ? Math.round(range / 1024) : range / 1024;
  // Hounsfield windows end at 1; a scan of 0..1 needs a floor in its own scale.
  const narrowest = Math.min(1, range / 1024);
  return {
    center: window.center + dyPx * perPixel,
    width: Math.max(narrowest, window.width + dxPx * perPixel),
  };
}
