/** Positions and values as text for the people who read them. */
import type { Triple } from '../../volume/grid';

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
 * significant digits of the range; powers of ten where those would be zeros: 1.2e-8 -> "1.20e−8".
 */
export function formatIntensity(value: number, range: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value)) return formatSigned(value, 0);
  const scale = range > 0 ? range : Math.abs(value);
  const decimals = Math.max(0, 3 - Math.floor(Math.log10(scale)));
  return decimals > 6 ? value.toExponential(2).replaceAll('-', '−') : formatSigned(value, decimals);
}

/** The longest of 1, 2, 5, 10, 20, 50 ... mm, or of their tenths, that is not longer than `maxMm`. */
export function scaleBarMm(maxMm: number): number {
  const exponent = Math.floor(Math.log10(maxMm));
  // Divided below 1: 2 / 100 is 0.02, 2 * 0.01 need not be.
  const steps = [5, 2, 1].map((factor) => (exponent < 0 ? factor / 10 ** -exponent : factor * 10 ** exponent));
  return steps.find((step) => step <= maxMm) ?? steps[2];
}

/** 5 -> "5 mm", 50 -> "5 cm", 0.5 -> "0.5 mm", 0.02 -> "20 µm". */
export function formatLength(mm: number): string {
  if (mm >= 10) return `${mm / 10} cm`;
  return mm < 0.1 ? `${Number((mm * 1000).toPrecision(3))} µm` : `${mm} mm`;
}
