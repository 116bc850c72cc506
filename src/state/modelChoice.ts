/** Whether the chosen model is made for the scans that it would take, and which one is. */
import { type Message, message } from '../core/messages';
import { assignByName } from '../models/channels';
import { chosenModel, type ModelEntry } from '../models/entries';
import { type JudgedScan, suitability } from '../models/suitability';
import type { Scan } from '../study/document';
import type { ShelfState } from './modelShelf';
import type { Part } from './part';
import type { RunInputs } from './results';
import { assignedScans, type ScansState } from './scans';
import { isBusy, type StatusState } from './status';

/** Why the chosen model's masks may mean nothing on the scans that it would take, whichever is shown; the worst first. */
export function chosenWarnings(now: RunInputs): readonly Message[] {
  const entry = chosenModel(now);
  return entry ? suitability(entry.manifest, assignedScans(now).map(judged)) : [];
}

const judged = ({ grid, name, intensity, labelMap }: Scan): JudgedScan => ({
  ...grid,
  name,
  intensity,
  ...(labelMap && { labelMap }),
});

/** Whether a model has a scan for each of its channels among these, and nothing speaks against it. */
function suits({ manifest }: ModelEntry, scans: readonly Scan[]): boolean {
  const assigned = assignByName(
    manifest.channels,
    scans.map(({ name }) => name),
  ).flatMap((scan) => scans[scan ?? -1] ?? []);
  return assigned.length === manifest.channels.length && suitability(manifest, assigned.map(judged)).length === 0;
}

/**
 * The model to offer for the open scans: the one that was used last if it suits, else the first that does, those that are
 * no experiment before those that are. Null where none suits.
 * @param remembered ModelEntry.id of the last choice, also of earlier visits
 */
export function fittingModel(
  { models, study: { scans } }: Pick<ShelfState, 'models'> & Pick<ScansState, 'study'>,
  remembered: string | null = null,
): ModelEntry | null {
  if (scans.length === 0) return null;
  const rank = ({ id, manifest }: ModelEntry) => (id === remembered ? 0 : manifest.experimental ? 2 : 1);
  return [...models].sort((a, b) => rank(a) - rank(b)).find((entry) => suits(entry, scans)) ?? null;
}

export interface ModelChoicePort {
  /** ModelEntry.id of the last choice, also of earlier visits. */
  rememberedModel(): string | null;
  inform(message: Message): void;
}

/**
 * Chooses another model, and says so, where the one that was used last, on another scan, is not made for this one: it is
 * not left armed. The user's own choice stays. To be created after the scans' slice, which has put the scans into the
 * model's channels by then.
 */
export function createModelChoice(part: Part<ShelfState & ScansState & StatusState>, port: ModelChoicePort): void {
  part.subscribe(({ study, modelId }, before) => {
    if (study.scans === before.study.scans && (modelId === before.modelId || before.modelId !== null)) return;
    const now = part.getState();
    if (now.modelAsked || isBusy(now.status)) return;
    const [worst] = chosenWarnings(now);
    const fitting = worst ? fittingModel(now, port.rememberedModel()) : null;
    if (!fitting) return;
    part.setState({ modelId: fitting.id });
    port.inform(
      message('model-exchanged', {
        model: chosenModel(now)?.manifest.title ?? '',
        why: worst,
        chosen: fitting.manifest.title,
      }),
    );
  });
}
