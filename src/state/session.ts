import type { LabelVolume, Volume } from '../volume/volume';

/** The arrays behind `scan`, `scans`, `result` and `partial`. */
export interface Session {
  volume: Volume | null;
  volumes: readonly Volume[];
  labels: LabelVolume | null;
  partial: LabelVolume | null;
}
