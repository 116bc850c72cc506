/** Numbers and times as the page writes them. */
import type { Triple } from '../volume/grid';

/** Millilitres with one decimal; a volume that would read 0.0 but is not zero says so. */
export function formatMl(ml: number): string {
  if (ml > 0 && ml < 0.05) return '< 0.1';
  return ml.toFixed(1);
}

/** Voxel edges in mm, up to three decimals, no trailing zeros: "0.977 × 0.977 × 3.27 mm". */
export const formatSpacing = (spacing: Triple): string =>
  `${spacing.map((mm) => String(Number(mm.toFixed(3)))).join(' × ')} mm`;

export const formatDims = (dims: Triple): string => dims.join(' × ');

/** "0.3 MB", "22 MB", "4.1 GB": decimal, as disks and downloads are counted. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  const megabytes = bytes / 1e6;
  return `${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB`;
}

/** "23 November 2026", from ISO 8601; what is no date as it is. */
export function formatDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : date.toLocaleDateString('en-GB', { dateStyle: 'long' });
}

/** "8 s", "1 min 05 s", "2 h 03 min". */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

/** "0.84 s" below ten seconds, else as above. */
export const formatDuration = (ms: number): string =>
  ms < 10_000 ? `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s` : formatSeconds(ms / 1000);
