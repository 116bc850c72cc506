/** What a result is of: the masks over a scan, bound to the scans and the model (or the file) that they come from. */

import { type Message, message } from '../core/messages';
import type { PlannedMemory, ProviderInfo, Timings } from '../inference/protocol';
import { chosenModel } from '../models/entries';
import type { Label, Manifest, Region } from '../models/manifest';
import type { LabelBox } from '../volume/labelBox';
import type { LabelSize } from '../volume/statistics';
import type { Question } from './questions';
import type { ChosenModel, ScanSummary, ScansState } from './scans';

/** One scan that a network read. */
export interface InputScan {
  /** ScanSummary.id */
  readonly id: number;
  readonly name: string;
  /** Name of the model's channel. */
  readonly channel: string;
}

/** Which model is run on which scans. */
export interface PlannedRun {
  readonly kind: 'run';
  /** ModelEntry.id */
  readonly modelId: string;
  readonly model: Manifest;
  /** In the order of the model's channels. */
  readonly inputs: readonly InputScan[];
}

export interface FinishedRun extends PlannedRun {
  readonly provider: ProviderInfo;
  readonly timings: Timings;
  readonly memory: PlannedMemory;
  /** Why its masks may mean nothing. */
  readonly warnings: readonly Message[];
  /** ISO 8601. */
  readonly finishedAt: string;
}

/** A mask that the user opened. */
export interface MaskFile {
  readonly kind: 'file';
  readonly name: string;
  /** The scan that it was laid over. */
  readonly over: Pick<ScanSummary, 'id' | 'name'>;
}

export type Origin = FinishedRun | MaskFile;

/** What the page says about finished masks; nothing in it depends on what is shown or chosen later. */
export interface ResultSummary {
  /** Unique in this visit. */
  readonly id: number;
  readonly labels: readonly Label[];
  readonly regions: readonly Region[];
  /** By label id; a label that does not occur is missing. */
  readonly sizes: ReadonlyMap<number, LabelSize>;
  readonly origin: Origin;
}

/** Masks that are still being made: what has been final so far lies in `session.partial`. */
export interface PartialResult {
  readonly origin: PlannedRun;
  /** What was added last. */
  readonly box: Pick<LabelBox, 'startXyz' | 'dimsXyz'>;
}

export interface ResultsState {
  readonly result: ResultSummary | null;
  /** From a run's first finished slices to its end; `result` is what was there before. */
  readonly partial: PartialResult | null;
  /** ResultSummary.id of the last result whose mask the user has saved. */
  readonly savedResult: number | null;
}

export const INITIAL_RESULTS: ResultsState = { result: null, partial: null, savedResult: null };

/** What decides of what the next run is. */
export type RunInputs = Pick<ScansState, 'scans' | 'assignment'> & ChosenModel;

/** What a run of the chosen model would be of; null while there is no model, or a channel has no scan. */
export function nextRun(now: RunInputs): PlannedRun | null {
  const entry = chosenModel(now);
  if (!entry) return null;
  const { id: modelId, manifest: model } = entry;
  const inputs: InputScan[] = [];
  for (const [at, { name: channel }] of model.channels.entries()) {
    const scan: ScanSummary | undefined = now.scans[now.assignment[at] ?? -1];
    if (!scan) return null;
    inputs.push({ id: scan.id, name: scan.name, channel });
  }
  return { kind: 'run', modelId, model, inputs };
}

/** Whether the chosen model, run on the scans that are chosen, would make this result once more. */
export function isOfNow({ origin }: Pick<ResultSummary, 'origin'>, now: RunInputs): boolean {
  const next = nextRun(now);
  return (
    next !== null &&
    origin.kind === 'run' &&
    next.model.name === origin.model.name &&
    next.model.version === origin.model.version &&
    next.inputs.length === origin.inputs.length &&
    next.inputs.every(({ id }, at) => id === origin.inputs[at].id)
  );
}

/** Whether a run's result would be lost with the page: its mask was not saved yet. */
export const isUnsaved = ({ result, savedResult }: Pick<ResultsState, 'result' | 'savedResult'>): boolean =>
  result?.origin.kind === 'run' && result.id !== savedResult;

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

/** The question before an unsaved result is given up. */
export function unsavedQuestion({ origin }: ResultSummary, { saved, unsaved }: Replacing): Question {
  const what =
    origin.kind === 'run'
      ? message('masks-of-run', { model: origin.model.title, scans: scansOf(origin).join(', ') })
      : origin.name;
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

/** Names of the scans that a result is of, in the order of the model's channels. */
export const scansOf = (origin: Origin): readonly string[] =>
  origin.kind === 'run' ? origin.inputs.map(({ name }) => name) : [origin.over.name];

/** The structures that lie over the scan, or would after a run: all that may be listed and toggled. */
export interface ListedStructures {
  readonly labels: readonly Label[];
  readonly regions: readonly Region[];
  /** Null while they are not known. */
  readonly sizes: ReadonlyMap<number, LabelSize> | null;
  /** Whether masks of them are on the screen. */
  readonly drawn: boolean;
}

/** Of a run's first slices while it goes on, else of the result, else of the chosen model. */
export function listedStructures(
  result: ResultSummary | null,
  partial: PartialResult | null,
  chosen: Manifest | undefined,
): ListedStructures {
  if (partial) return { ...structuresOf(partial.origin.model), sizes: null, drawn: true };
  if (result) return { labels: result.labels, regions: result.regions, sizes: result.sizes, drawn: true };
  return chosen
    ? { ...structuresOf(chosen), sizes: null, drawn: false }
    : { labels: [], regions: [], sizes: null, drawn: false };
}

const structuresOf = ({ labels, regions }: Manifest) => ({ labels, regions });
