/** Grey-scale windows: presets, the automatic one, and what a drag does to them. All values in the scan's own units. */

import type { Intensity } from '../../volume/intensity';
import type { GreyWindow } from './greyWindow';
import { CT_PRESETS } from './windowPresets';

/** What the viewer needs to know of a scan's intensities. */
export type IntensityStats = Pick<Intensity, 'min' | 'max' | 'low' | 'high' | 'looksLike'>;

type Range = Omit<IntensityStats, 'looksLike'>;

/**
 * The window from the 2nd to the 98th percentile. Where they (nearly) coincide, as in a mask or a phantom, the whole
 * range; a scan of one value gets a width of 1.
 */
export function autoWindow({ min, max, low, high }: Range): GreyWindow {
  if (high - low >= (max - min) / 1000 && high > low) return { center: (low + high) / 2, width: high - low };
  return { center: (min + max) / 2, width: max > min ? max - min : 1 };
}

/** @param id of a preset, or 'auto'; null where there is no such preset */
export function presetWindow(id: string, stats: Range): GreyWindow | null {
  if (id === 'auto') return autoWindow(stats);
  const preset = CT_PRESETS.find((one) => one.id === id);
  return preset ? { center: preset.center, width: preset.width } : null;
}

/** What a scan opens with: soft tissue for CT, where percentiles lie between air and bone, else the automatic window. */
export function openingWindow(stats: IntensityStats): { readonly window: GreyWindow; readonly preset: string } {
  if (stats.looksLike !== 'CT') return { window: autoWindow(stats), preset: 'auto' };
  const { id, center, width } = CT_PRESETS[0];
  return { window: { center, width }, preset: id };
}

/**
 * Left drag: right widens, down raises the level (the image gets darker), as clinical viewers do.
 * A drag of 1024 px covers the scan's whole range; steps above one unit are whole units.
 * @param dxPx, dyPx pixels since the last event, y down
 */
export function dragWindow(window: GreyWindow, dxPx: number, dyPx: number, stats: Range): GreyWindow {
  const range = stats.max - stats.min;
  const perPixel = range / 1024 > 1 ? Math.round(range / 1024) : range / 1024;
  // Hounsfield windows end at 1; a scan of 0..1 needs a floor in its own scale.
  const narrowest = Math.min(1, range / 1024);
  return {
    center: window.center + dyPx * perPixel,
    width: Math.max(narrowest, window.width + dxPx * perPixel),
  };
}
