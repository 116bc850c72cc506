/** Whether the chosen model is made for the scans that it would take, and which one is. */

import type { Message } from '../core/messages';
import { assignByName } from '../models/inputs';
import { suitability } from '../models/suitability';
import { chosenModel, type ModelEntry } from './models';
import type { AppState, ScanSummary } from './store';

/** Why the chosen model's masks may mean nothing on the scans that it would take, whichever is shown; the worst first. */
export function chosenWarnings(now: Pick<AppState, 'models' | 'modelId' | 'scans' | 'assignment'>): readonly Message[] {
  const entry = chosenModel(now);
  return entry
    ? suitability(
        entry.manifest,
        now.assignment.flatMap((scan) => now.scans[scan ?? -1] ?? []),
      )
    : [];
}

/** Whether a model has a scan for each of its channels among these, and nothing speaks against it. */
function suits({ manifest }: ModelEntry, scans: readonly ScanSummary[]): boolean {
  const assigned = assignByName(
    manifest.channels,
    scans.map(({ name }) => name),
  ).flatMap((scan) => scans[scan ?? -1] ?? []);
  return assigned.length === manifest.channels.length && suitability(manifest, assigned).length === 0;
}

/**
 * The model to offer for the open scans: the one that was used last if it suits, else the first that does, those that are
 * no experiment before those that are. Null where none suits.
 * @param remembered ModelEntry.id of the last choice, also of earlier visits
 */
export function fittingModel(
  { models, scans }: Pick<AppState, 'models' | 'scans'>,
  remembered: string | null = null,
): ModelEntry | null {
  if (scans.length === 0) return null;
  const rank = ({ id, manifest }: ModelEntry) => (id === remembered ? 0 : manifest.experimental ? 2 : 1);
  return [...models].sort((a, b) => rank(a) - rank(b)).find((entry) => suits(entry, scans)) ?? null;
}
