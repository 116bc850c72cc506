/**
 * What is open: scans, label maps, and where each comes from. Plain data that can be written to a file; voxels are named by
 * handles and lie in a VoxelStore. Nothing here knows what is shown, which model is chosen, the DOM or a GPU.
 */
import type { Id } from '../core/ids';
import type { Message } from '../core/messages';
import type { Grid, Triple } from '../volume/grid';
import type { Intensity } from '../volume/intensity';
import type { LabelSize } from '../volume/statistics';
import type { LabelMapFindings, NiftiForms, OrientationDoubt } from '../volume/volume';
import type { VoxelHandle } from './voxelStore';

export type ScanId = Id<'scan'>;
export type LabelMapId = Id<'labels'>;

/** A NIfTI file, with whose numbers results are written back. */
export interface NiftiSource {
  readonly kind: 'nifti';
  readonly fileName: string;
  readonly forms: NiftiForms;
}

/** A file of a format that has nothing to be written back with: results go by the scan's affine alone. */
export interface PlainSource {
  readonly kind: 'plain';
  readonly fileName: string;
}

/** Where a scan's voxels were read from. A format whose numbers results are to be written with adds its own kind. */
export type FileSource = NiftiSource | PlainSource;

export interface Scan {
  readonly id: ScanId;
  /** The file's name, for display and for naming what is made of it. */
  readonly name: string;
  readonly grid: Grid;
  /** 'scanner': the file says where its voxels lie in the patient. 'assumed': it says nothing, or two things. */
  readonly frame: 'scanner' | 'assumed';
  readonly orientationDoubt: OrientationDoubt | null;
  /** By its intensities; null where they could be either. */
  readonly modality: 'CT' | 'MR' | null;
  readonly intensity: Intensity;
  /** Where its values look like label ids: it was opened as a scan all the same. */
  readonly labelMap: LabelMapFindings | null;
  readonly source: FileSource;
  /** What the reader had to assume. */
  readonly warnings: readonly Message[];
  readonly voxels: VoxelHandle;
}

/** A structure of a label map. */
export interface LabelDefinition {
  /** Value of its voxels, 0..255; 0 is background. */
  readonly id: number;
  readonly name: string;
  /** sRGB, 0..255. */
  readonly color: Triple;
}

/** A union of structures that has a name of its own. */
export interface RegionDefinition {
  readonly name: string;
  readonly color: Triple;
  readonly labels: readonly number[];
}

/** A model by what does not change when it is moved or renamed. */
export interface ModelReference {
  readonly name: string;
  readonly version: string;
  readonly title: string;
  /** Of its weights. */
  readonly sha256: string;
}

/** A scan that a network read, by the name that it had. */
export interface RunInput {
  readonly scan: ScanId;
  readonly name: string;
  /** Name of the model's channel. */
  readonly channel: string;
}

/** Which model is run on which scans. */
export interface PlannedRun {
  readonly kind: 'model';
  readonly model: ModelReference;
  /** In the order of the model's channels. */
  readonly inputs: readonly RunInput[];
}

/** How a run went: what a reader of its masks may want to know. */
export interface RunInformation {
  /** Which of the ways to run a network it was, e.g. 'wgsl'. */
  readonly provider: string;
  /** On what: 'nvidia ampere', '2 threads'. */
  readonly adapter: Message;
  /** Why that one. */
  readonly reason: Message;
  readonly milliseconds: number;
  readonly windows: number;
  /** Seconds without the download: how long it was expected to take, and took; null where nothing was expected. */
  readonly expected: { readonly least: number; readonly most: number; readonly took: number } | null;
  /** How much memory it was planned to take, for what. */
  readonly memory: Message;
  /** Why the masks may mean nothing. */
  readonly warnings: readonly Message[];
  /** ISO 8601. */
  readonly finishedAt: string;
}

/** A network found these labels. */
export interface MadeByModel extends PlannedRun {
  readonly run: RunInformation;
}

/** The user opened them. */
export interface ReadFromFile {
  readonly kind: 'file';
  readonly fileName: string;
}

export interface LabelMap {
  readonly id: LabelMapId;
  /** The file's name, or the model's title. */
  readonly name: string;
  readonly grid: Grid;
  readonly labels: readonly LabelDefinition[];
  readonly regions: readonly RegionDefinition[];
  readonly madeFrom: MadeByModel | ReadFromFile;
  /** The scan whose header a file of these labels is written with. */
  readonly over: ScanId;
  /** Counts changes of the voxels: what was computed of another revision does not hold. */
  readonly revision: number;
  /** By label id, of this revision; null while they are being counted. */
  readonly sizes: ReadonlyMap<number, LabelSize> | null;
  /** Of the revision that was saved last; null for none. */
  readonly savedRevision: number | null;
  readonly voxels: VoxelHandle<'uint8'>;
}

/** All that is open, in the order in which it was opened. */
export interface StudyDocument {
  readonly scans: readonly Scan[];
  readonly labelMaps: readonly LabelMap[];
}

export const EMPTY_STUDY: StudyDocument = { scans: [], labelMaps: [] };

/** The open thing with this id; null where there is none, or none any more. */
export const byId = <Item extends { readonly id: string }>(
  items: readonly Item[],
  id: Item['id'] | null,
): Item | null => items.find((item) => item.id === id) ?? null;
