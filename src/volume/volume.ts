/** A scan in memory. Pure data: nothing here knows the DOM, a GPU or a network. */
import type { Message } from '../core/messages';
import type { Grid, Triple, VoxelArray } from './grid';
import type { Intensity } from './intensity';

/**
 * What a NIfTI header says about the place of its voxels, number by number as read: what is believed of it is the affine.
 * A mask is written with the same numbers, so that every program that puts the scan somewhere puts the mask there too.
 */
export interface NiftiForms {
  /** NIfTI-1 has float32 and dimensions up to 32767, NIfTI-2 float64. */
  readonly version: 1 | 2;
  /** pixdim[0..7]: qfac, then the voxel size, then the steps of a series. */
  readonly pixdim: readonly number[];
  /** xyzt_units, the whole byte. */
  readonly units: number;
  /** 0 unknown, 1 scanner, 2 aligned, 3 Talairach, 4 MNI, 5 other template. */
  readonly qformCode: number;
  readonly sformCode: number;
  /** quatern_b, quatern_c, quatern_d, then qoffset_x, qoffset_y, qoffset_z. */
  readonly quaternion: readonly number[];
  /** srow_x, srow_y, srow_z: 12 numbers. */
  readonly srows: readonly number[];
}

/**
 * Why the sides of the patient are in doubt: the file says nothing of them ('unknown'), or two things that contradict each
 * other ('disputed').
 */
export type OrientationDoubt = 'unknown' | 'disputed';

export interface LabelName {
  readonly id: number;
  readonly name: string;
  /** sRGB, 0..255. */
  readonly color: Triple;
}

/** What a reader found out about a volume whose values are label ids. */
export interface LabelMapFindings {
  /** 'header': the file says so (intent code 1002). 'values': they look so. */
  readonly because: 'header' | 'values';
  /** Voxels by id, background (0) included. Null where the values cannot be masks: see `unusable`. */
  readonly voxels: ReadonlyMap<number, number> | null;
  /** Why the values cannot be drawn as masks, as the end of a sentence about the file; null where they can. */
  readonly unusable: Message | null;
  /** From the file's own table; empty where it has none. */
  readonly names: readonly LabelName[];
}

/** One scalar volume with intensities already scaled (scl_slope, scl_inter applied). */
export interface Volume extends Grid {
  readonly data: VoxelArray;
  /** The file's name, for display and for naming the exported mask. */
  readonly name: string;
  /** What the reader had to assume; said to the user. */
  readonly warnings: readonly Message[];
  /** Absent for a volume that was not read from a file. */
  readonly forms?: NiftiForms;
  /** Absent where the file is clear. */
  readonly orientationDoubt?: OrientationDoubt;
  /** Of `data`; every reader adds it, so that it is taken once and not on the page's thread. */
  readonly intensity?: Intensity;
  /** Where the values are label ids; `data` are bytes then, if masks of them can be drawn. */
  readonly labelMap?: LabelMapFindings;
}

/** One label per voxel of `grid`; 0 is background. */
export interface LabelVolume extends Grid {
  readonly data: Uint8Array;
  /** Those of the scan that was segmented; where absent, a mask is written by its affine. */
  readonly forms?: NiftiForms;
}
