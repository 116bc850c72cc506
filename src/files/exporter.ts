/** The contract of every kind of file that is made of what is open. */
import type { LabelDefinition, RegionDefinition } from '../study/document';
import type { LabelSize } from '../volume/statistics';
import type { LabelVolume } from '../volume/volume';

/** What a user takes away: a label map, and where it comes from. */
export interface ExportSelection {
  /** Files are named after the scan, and what found the structures in it. */
  readonly scanName: string;
  readonly madeBy: string;
  /** A line about it inside the file, where the format has room for one; absent: the exporter's own. */
  readonly description?: string;
  /** For tables: all scans that were read, and what found the structures, with its version. */
  readonly scans: readonly string[];
  readonly by: string;
  readonly labels: readonly LabelDefinition[];
  readonly regions: readonly Pick<RegionDefinition, 'name' | 'labels'>[];
  /** By label id; null while they are not known. */
  readonly sizes: ReadonlyMap<number, LabelSize> | null;
  /** null where no voxels are to be written. */
  readonly volume: LabelVolume | null;
}

export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
}

export interface Exporter {
  readonly id: string;
  /** Whether it can write this. */
  accepts(selection: ExportSelection): boolean;
  /** @throws AppError that says what cannot be written so; CancelledError after an abort */
  write(selection: ExportSelection, signal?: AbortSignal): Promise<readonly NamedBlob[]>;
}
