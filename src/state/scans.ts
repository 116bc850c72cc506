/** The open scans: which is shown, and which goes into which channel of the chosen model. */
import { chosenModel } from '../models/entries';
import { type Assignment, assignByHand, assignByName } from '../models/inputs';
import type { Grid } from '../volume/grid';
import type { Intensity } from '../volume/intensity';
import type { LabelMapFindings } from '../volume/volume';
import type { ShelfState } from './modelShelf';
import type { Part } from './part';

/** What the page says about an open scan. */
export interface ScanSummary extends Grid {
  /** Unique in this visit: two files may have one name. */
  readonly id: number;
  readonly name: string;
  readonly intensity: Intensity;
  /** Where it seems to be a mask, and was opened as a scan all the same. */
  readonly labelMap?: Pick<LabelMapFindings, 'because'>;
}

export interface ScansState {
  /** The scan that is shown: one of `scans`. */
  readonly scan: ScanSummary | null;
  /** All open scans; several only where they lie on one grid. */
  readonly scans: readonly ScanSummary[];
  /** Which of `scans` goes into which channel of the chosen model. */
  readonly assignment: Assignment;
}

export interface Scans {
  /** @param index of `scans` */
  showScan(index: number): void;
  /** Puts a scan into a channel of the chosen model. @param scan index of `scans`, null for none */
  assign(channel: number, scan: number | null): void;
}

export type ChosenModel = Pick<ShelfState, 'models' | 'modelId'>;

export const INITIAL_SCANS: ScansState = { scan: null, scans: [], assignment: [] };

/** @param made choices that stay; scans have been added behind the ones they count */
export function assignmentFor(
  now: ChosenModel,
  scans: readonly Pick<ScanSummary, 'name'>[],
  made: Assignment = [],
): Assignment {
  const names = scans.map(({ name }) => name);
  return assignByName(chosenModel(now)?.manifest.channels ?? [], names, made);
}

/** Names of the channels that have no scan yet, in one string; '' when there is none. */
export function missingChannels(now: Pick<ScansState, 'scans' | 'assignment'> & ChosenModel): string {
  if (now.scans.length === 0) return '';
  const channels = chosenModel(now)?.manifest.channels ?? [];
  return channels.flatMap(({ name }, at) => ((now.assignment[at] ?? null) === null ? [name] : [])).join(', ');
}

/** @param show what else there is to do for a scan that is shown from now on */
export function createScans(part: Part<ScansState & ChosenModel>, show: (index: number) => void): Scans {
  // Another model has other channels. A result stays: it names the model it is from.
  const channels = (now: ChosenModel) => JSON.stringify(chosenModel(now)?.manifest.channels);
  part.subscribe((now, before) => {
    const mayDiffer = now.modelId !== before.modelId || now.models !== before.models;
    if (mayDiffer && channels(now) !== channels(before)) {
      part.setState({ assignment: assignmentFor(now, now.scans) });
    }
  });
  return {
    showScan(index) {
      const { scans, scan } = part.getState();
      if (!scans[index] || scans[index] === scan) return;
      show(index);
      part.setState({ scan: scans[index] });
    },
    assign: (channel, scan) =>
      part.setState(({ assignment }) => ({ assignment: assignByHand(assignment, channel, scan) })),
  };
}
