/** What runs would make and have made: label maps, each bound to the scans and the model (or the file) that it comes from. */
import { type Message, message } from '../core/messages';
import { chosenModel } from '../models/entries';
import type { Manifest } from '../models/manifest';
import {
  byId,
  type LabelMap,
  type LabelMapId,
  type PlannedRun,
  type RunInput,
  type StudyDocument,
} from '../study/document';
import type { Box } from '../volume/box';
import type { Question } from './questions';
import type { ChosenModel, ScansState } from './scans';

/** Masks that are still being made. No label map of the study yet: what is unfinished is not saved and not edited. */
export interface Unfinished
  extends Pick<LabelMap, 'id' | 'name' | 'grid' | 'labels' | 'regions' | 'over' | 'revision' | 'voxels'> {
  readonly madeFrom: PlannedRun;
  /** What was added last. */
  readonly box: Box;
}

export interface ResultsState {
  /** Of the study's label maps. */
  readonly shownLabelsId: LabelMapId | null;
  /** From a run's first finished slices to its end; drawn in place of the shown label map. */
  readonly unfinished: Unfinished | null;
}

export const INITIAL_RESULTS: ResultsState = { shownLabelsId: null, unfinished: null };

/** What decides of what the next run is. */
export type RunInputs = Pick<ScansState, 'study' | 'assignment'> & ChosenModel;

/** The label map over the scan; null where there is none. */
export const shownLabels = ({
  study,
  shownLabelsId,
}: Pick<ScansState, 'study'> & Pick<ResultsState, 'shownLabelsId'>): LabelMap | null =>
  byId(study.labelMaps, shownLabelsId);

/** What a run of the chosen model would be of; null while there is no model, or a channel has no scan. */
export function nextRun(now: RunInputs): PlannedRun | null {
  const manifest = chosenModel(now)?.manifest;
  if (!manifest) return null;
  const { name, version, title, weights, channels } = manifest;
  const inputs: RunInput[] = [];
  for (const [at, channel] of channels.entries()) {
    const scan = byId(now.study.scans, now.assignment[at] ?? null);
    if (!scan) return null;
    inputs.push({ scan: scan.id, name: scan.name, channel: channel.name });
  }
  return { kind: 'model', model: { name, version, title, sha256: weights.sha256 }, inputs };
}

/** Whether the chosen model, run on the scans that are chosen, would make this label map once more. */
export function isOfNow({ madeFrom }: Pick<LabelMap, 'madeFrom'>, now: RunInputs): boolean {
  const next = nextRun(now);
  return (
    next !== null &&
    madeFrom.kind === 'model' &&
    next.model.name === madeFrom.model.name &&
    next.model.version === madeFrom.model.version &&
    next.inputs.length === madeFrom.inputs.length &&
    next.inputs.every(({ scan }, at) => scan === madeFrom.inputs[at].scan)
  );
}

/** Whether a label map would be lost with the page: no file holds it as it is now. */
export const isUnsaved = ({ revision, savedRevision }: Pick<LabelMap, 'revision' | 'savedRevision'>): boolean =>
  revision !== savedRevision;

/** What takes the place of an unsaved result, on the buttons of the question before: after saving it, and without. */
export interface Replacing {
  readonly saved: Message;
  readonly unsaved: Message;
}

export const REPLACING = {
  segmenting: (): Replacing => ({
    saved: message('save-then-segment'),
    unsaved: message('segment-without-saving'),
  }),
  opening: (name: string): Replacing => ({
    saved: message('save-then-open', { name }),
    unsaved: message('open-without-saving', { name }),
  }),
  openingSeveral: (count: number): Replacing => ({
    saved: message('save-then-open-several', { count }),
    unsaved: message('open-several-without-saving', { count }),
  }),
  showing: (name: string): Replacing => ({
    saved: message('save-then-show', { name }),
    unsaved: message('show-without-saving', { name }),
  }),
} as const;

/** The question before an unsaved label map is given up. */
export function unsavedQuestion({ madeFrom }: LabelMap, { saved, unsaved }: Replacing): Question {
  const what =
    madeFrom.kind === 'model'
      ? message('masks-of-run', {
          model: madeFrom.model.title,
          scans: madeFrom.inputs.map(({ name }) => name).join(', '),
        })
      : madeFrom.fileName;
  return {
    title: message('result-not-saved'),
    text: message('result-would-be-lost', { what }),
    answers: [
      { answer: 'save', label: saved },
      { answer: 'replace', label: unsaved },
      { answer: 'keep', label: message('keep-the-result') },
    ],
  };
}

/** Names of the scans that a label map is of: those that the model read, or the one that a file's masks lie over. */
export const scansOf = (
  { madeFrom, over }: Pick<LabelMap, 'madeFrom' | 'over'>,
  { scans }: StudyDocument,
): readonly string[] =>
  madeFrom.kind === 'model' ? madeFrom.inputs.map(({ name }) => name) : [byId(scans, over)?.name ?? ''];

/** The structures that lie over the scan, or would after a run: all that may be listed and toggled. */
export interface ListedStructures extends Pick<LabelMap, 'labels' | 'regions'> {
  /** Null while they are not known. */
  readonly sizes: LabelMap['sizes'];
  /** Whether masks of them are on the screen. */
  readonly drawn: boolean;
}

/** Of a run's first slices while it goes on, else of the label map that is shown, else of the chosen model. */
export function listedStructures(
  shown: LabelMap | null,
  unfinished: Unfinished | null,
  chosen: Pick<Manifest, 'labels' | 'regions'> | undefined,
): ListedStructures {
  const drawn = unfinished ?? shown;
  const { labels, regions } = drawn ?? chosen ?? { labels: [], regions: [] };
  return { labels, regions, sizes: drawn && drawn === shown ? shown.sizes : null, drawn: drawn !== null };
}
