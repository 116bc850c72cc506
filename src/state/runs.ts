/** Running the chosen model on the scans in its channels. */
import { type AppError, CancelledError, InternalError, InvalidInputError, ModelError } from '../core/errors';
import { newId } from '../core/ids';
import type { InferenceClient } from '../inference/client';
import type { Progress, ProviderInfo, SegmentResult } from '../inference/protocol';
import { chosenModel } from '../models/entries';
import { replaceLabelMaps } from '../study/commands';
import type { LabelMap, RunInformation } from '../study/document';
import { volumeOf } from '../study/volumes';
import type { VoxelStore } from '../study/voxelStore';
import { type LabelBox, writeBox } from '../volume/labelBox';
import { isOutOfReach, type KeepingState } from './keeping';
import { type NoticesState, warningsOf } from './notices';
import type { Part, Send } from './part';
import type { Questions } from './questions';
import {
  isOfNow,
  isUnsaved,
  nextRun,
  REPLACING,
  type ResultsState,
  shownLabels,
  type Unfinished,
  unsavedQuestion,
} from './results';
import type { RunSettingsState } from './runSettings';
import { assignedScans, type ChosenModel, missingChannels, type ScansState } from './scans';
import { can, type StatusState } from './status';

export interface RunState {
  readonly progress: Progress | null;
  /** Known once a run has begun. */
  readonly runningOn: ProviderInfo | null;
}

/** What a run reads, and what it changes. */
type Now = RunState &
  ResultsState &
  NoticesState &
  StatusState &
  ScansState &
  RunSettingsState &
  Pick<KeepingState, 'offline'> &
  ChosenModel;

export interface RunPort {
  readonly segment: InferenceClient['segment'];
  readonly voxels: VoxelStore;
  readonly send: Send<Now>;
  readonly ask: Questions['ask'];
  /** Why the chosen model cannot run now; null: nothing known against it. */
  whyNotNow(): Promise<AppError | null>;
  report(error: unknown): void;
}

export interface Runs {
  /**
   * Resolves when the run has ended, however it did.
   * @param how preview: the middle of the scan is shown first, before anything of it is final; the run takes longer for it
   */
  segment(how?: { readonly preview?: boolean }): Promise<void>;
  cancel(): void;
}

export const INITIAL_RUN: RunState = { progress: null, runningOn: null };

export function createRuns(state: Part<Now>, { voxels, send, ask, whyNotNow, report, ...network }: RunPort): Runs {
  let run: AbortController | null = null;

  const segment: Runs['segment'] = async ({ preview = false } = {}) => {
    const chosen = chosenModel(state.getState());
    if (!can(state.getState().status, 'segment') || state.getState().study.scans.length === 0) return;
    if (!chosen) {
      report(new InternalError('no-model'));
      return;
    }
    const missing = missingChannels(state.getState());
    if (missing !== '') {
      report(new InvalidInputError('channel-missing', { model: chosen.manifest.title, channels: missing }));
      return;
    }
    // Before anything is given up for it.
    const hindrance = isOutOfReach(state.getState()) ? await whyNotNow() : null;
    if (hindrance) return report(hindrance);
    const shown = shownLabels(state.getState());
    // The same run once more loses nothing that it does not bring back.
    if (shown && isUnsaved(shown) && !isOfNow(shown, state.getState())) {
      const given = await ask(unsavedQuestion(shown, REPLACING.segmenting()));
      if (given === 'keep' || !can(state.getState().status, 'segment')) return;
    }
    if (!can(state.getState().status, 'segment')) return;
    const { provider, mirror } = state.getState();
    // Another model may have been chosen meanwhile.
    const [model, planned] = [chosenModel(state.getState()), nextRun(state.getState())];
    if (!model || !planned) return;
    const scans = assignedScans(state.getState());
    const { labels, regions, title } = model.manifest;
    /** What the masks of this run are, however far they are. */
    const made = { name: title, grid: scans[0].grid, labels, regions, over: scans[0].id, revision: 0 } as const;

    const onSlab = (box: LabelBox) => {
      const { status, unfinished: before } = state.getState();
      if (!can(status, 'slab')) return;
      const handle = before?.voxels ?? voxels.add(new Uint8Array(scans[0].voxels.length));
      writeBox({ ...made.grid, data: voxels.get(handle) }, box);
      const unfinished: Unfinished = {
        ...made,
        id: before?.id ?? newId('labels'),
        revision: before ? before.revision + 1 : 0,
        voxels: handle,
        madeFrom: planned,
        box: { startXyz: box.startXyz, dimsXyz: box.dimsXyz },
      };
      send('slab', { unfinished });
    };
    /** The arrays behind the masks in the making; to be called as they leave the state. */
    const freeUnfinished = () => {
      const { unfinished } = state.getState();
      if (unfinished) voxels.remove(unfinished.voxels);
    };
    const controller = new AbortController();
    run = controller;
    send('segment', { progress: null, runningOn: null, notices: warningsOf(state.getState()) });
    try {
      const result = await network.segment(
        scans.map((scan) => volumeOf(scan, voxels)),
        {
          modelUrl: model.address,
          provider,
          mirror: mirror ?? undefined,
          signal: controller.signal,
          onProgress: (progress, runningOn) => {
            state.setState((now) => ({ progress, runningOn: runningOn ?? now.runningOn }));
            if (progress.phase !== 'prepare' || !state.getState().unfinished) return;
            // The run begins anew elsewhere: what a device showed before it failed is not mixed with what comes now.
            freeUnfinished();
            state.setState({ unfinished: null });
          },
          onSlab,
          // Masks in the making, like slabs, which are written over them; no result until the run has ended.
          ...(preview && { onPreview: onSlab }),
        },
      );
      const labelMap: LabelMap = {
        ...made,
        id: newId('labels'),
        sizes: result.sizes,
        savedRevision: null,
        voxels: voxels.add(result.labels.data),
        madeFrom: { ...planned, run: runInformation(result) },
      };
      const { shownLabelsId } = state.getState();
      freeUnfinished();
      send(
        'segmented',
        { progress: null, unfinished: null, shownLabelsId: labelMap.id },
        replaceLabelMaps(shownLabelsId ? [shownLabelsId] : [], labelMap),
      );
    } catch (error) {
      // What was there before is shown again.
      freeUnfinished();
      const cancelled = error instanceof CancelledError;
      send(cancelled ? 'cancelled' : 'segment-failed', { progress: null, unfinished: null });
      // A server that was there when the page was opened may be gone.
      const unreachable = error instanceof ModelError && error.code === 'model-unreachable';
      if (!cancelled) report((unreachable && (await whyNotNow())) || error);
    } finally {
      run = null;
    }
  };

  return {
    segment,
    cancel() {
      if (!can(state.getState().status, 'cancel')) return;
      send('cancel');
      run?.abort();
    },
  };
}

const runInformation = ({ provider, timings, memory, warnings, predicted }: SegmentResult): RunInformation => ({
  provider: provider.provider,
  adapter: provider.adapter,
  reason: provider.reason,
  milliseconds: timings.totalMs,
  windows: timings.windows,
  expected: predicted
    ? { ...predicted.seconds, took: (timings.totalMs - (timings.phaseMs['load-model'] ?? 0)) / 1000 }
    : null,
  memory: memory.text,
  warnings,
  finishedAt: new Date().toISOString(),
});
