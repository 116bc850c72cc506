/** Positions and values as text for the people who read them. */
import type { Triple } from '../volume/volume';

/** One decimal with a real minus sign; "0.0" rather than "−0.0". */
export function formatSigned(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

/** World mm by side of the patient: [-12.34, 4, 0] -> "L 12.3  A 4.0  S 0.0 mm". */
export function formatWorld([r, a, s]: Triple): string {
  const side = (value: number, positive: string, negative: string) => {
    const text = Math.abs(value).toFixed(1);
    return `${value < 0 && Number(text) !== 0 ? negative : positive} ${text}`;
  };
  return `${side(r, 'R', 'L')}  ${side(a, 'A', 'P')}  ${side(s, 'S', 'I')} mm`;
}

/**
 * An intensity with as many digits as its scan needs: whole numbers where the range is large, else about four
 * significant digits of the range.
 */
export function formatIntensity(value: number, range: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return formatSigned(value, 0);
  const decimals = range > 0 ? Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(range)))) : 3;
  return formatSigned(value, decimals);
}

/** The longest of 1, 2, 5, 10, 20, 50 ... mm that is not longer than `maxMm`; at least 1 mm. */
export function scaleBarMm(maxMm: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, maxMm)));
  const steps = [5, 2, 1].map((factor) => factor * power);
  return steps.find((step) => step <= maxMm) ?? 1;
}

/** 5 -> "5 mm", 50 -> "5 cm". */
export const formatLength = (mm: number): string => (mm >= 10 ? `${mm / 10} cm` : `${mm} mm`);
