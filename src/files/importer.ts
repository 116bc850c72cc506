/** The contract of every format that scans and label maps are read from. */
import type { Grid } from '../volume/grid';
import type { Volume } from '../volume/volume';
import type { NamedFile } from './namedFile';

/** 'sure': by its name. 'possible': its content is like it, under another name. 'no': another format's. */
export type Claim = 'sure' | 'possible' | 'no';

export interface NamedGrid extends Grid {
  readonly name: string;
}

/**
 * Reads one format. What it yields has no ids yet, and is not a scan or a label map yet either: `Volume.labelMap` says what
 * it looks like, and the user decides before the study takes it in.
 */
export interface Importer {
  readonly id: string;
  /**
   * Whether a file is of this format.
   * @param head its first (unpacked) bytes, HEAD_BYTES or all that there are; none where only its name is asked about
   */
  sniff(head: Uint8Array, path: string): Claim;
  /** Whether a file is of use only together with another of this format; absent: none is. */
  isPart?(path: string): boolean;
  /**
   * Puts files that are parts of one volume together; all others pass through, those of other formats too.
   * @throws InvalidInputError for parts that cannot be read
   */
  join?(files: readonly NamedFile[]): Promise<readonly NamedFile[]>;
  /** Where the voxels lie, without reading them. @throws InvalidInputError */
  readGrid(file: NamedFile): Promise<NamedGrid>;
  /**
   * Reads volumes one after another, since several large ones may not fit in memory while they are unpacked.
   * @param files all of this format, joined
   * @throws InvalidInputError that says why a file is not usable and what to do; CancelledError after an abort
   */
  read(files: readonly NamedFile[], signal?: AbortSignal): AsyncIterable<Volume>;
}

/** Enough to tell any format that is known here. */
export const HEAD_BYTES = 544;
