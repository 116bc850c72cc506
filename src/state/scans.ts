/** The open scans: which is shown, and which goes into which channel of the chosen model. */
import { type Assignment, assignByHand, assignByName } from '../models/channels';
import { chosenModel } from '../models/entries';
import { byId, EMPTY_STUDY, type Scan, type ScanId, type StudyDocument } from '../study/document';
import type { ShelfState } from './modelShelf';
import type { Part } from './part';

export interface ScansState {
  /** What is open; several scans only where they lie on one grid. Changed by commands alone. */
  readonly study: StudyDocument;
  readonly shownScanId: ScanId | null;
  /** Which scan goes into which channel of the chosen model. */
  readonly assignment: Assignment<ScanId>;
}

export interface Scans {
  showScan(id: ScanId): void;
  /** Puts a scan into a channel of the chosen model, null for none. */
  assign(channel: number, scan: ScanId | null): void;
}

export type ChosenModel = Pick<ShelfState, 'models' | 'modelId'>;

export const INITIAL_SCANS: ScansState = { study: EMPTY_STUDY, shownScanId: null, assignment: [] };

/** The scan that is shown; null while none is open. */
export const shownScan = ({ study, shownScanId }: Pick<ScansState, 'study' | 'shownScanId'>): Scan | null =>
  byId(study.scans, shownScanId) ?? study.scans[0] ?? null;

/** @param made choices that stay */
export function assignmentFor(
  now: ChosenModel,
  scans: readonly Scan[],
  made: Assignment<ScanId> = [],
): Assignment<ScanId> {
  const channels = chosenModel(now)?.manifest.channels ?? [];
  const indexes = made.map((id) => {
    const index = scans.findIndex((scan) => scan.id === id);
    return index < 0 ? null : index;
  });
  const names = scans.map(({ name }) => name);
  return assignByName(channels, names, indexes).map((index) => (index === null ? null : scans[index].id));
}

/** The scans that the chosen model would take, in the order of its channels, without channels that have none. */
export const assignedScans = ({ study, assignment }: Pick<ScansState, 'study' | 'assignment'>): readonly Scan[] =>
  assignment.flatMap((id) => byId(study.scans, id) ?? []);

/** Names of the channels that have no scan yet, in one string; '' when there is none. */
export function missingChannels(now: Pick<ScansState, 'study' | 'assignment'> & ChosenModel): string {
  if (now.study.scans.length === 0) return '';
  const channels = chosenModel(now)?.manifest.channels ?? [];
  return channels
    .flatMap(({ name }, at) => (byId(now.study.scans, now.assignment[at] ?? null) === null ? [name] : []))
    .join(', ');
}

export function createScans(part: Part<ScansState & ChosenModel>): Scans {
  // Another model has other channels. A result stays: it names the model it is from.
  const channels = (now: ChosenModel) => JSON.stringify(chosenModel(now)?.manifest.channels);
  part.subscribe((now, before) => {
    const mayDiffer = now.modelId !== before.modelId || now.models !== before.models;
    if (mayDiffer && channels(now) !== channels(before)) {
      part.setState({ assignment: assignmentFor(now, now.study.scans) });
    }
  });
  return {
    showScan: (id) => part.setState(({ study }) => (byId(study.scans, id) ? { shownScanId: id } : {})),
    assign: (channel, scan) =>
      part.setState(({ assignment }) => ({ assignment: assignByHand(assignment, channel, scan) })),
  };
}
