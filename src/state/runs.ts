/** Running the chosen model on the scans in its channels. */
import { CancelledError, InternalError, InvalidInputError } from '../core/errors';
import type { InferenceClient } from '../inference/client';
import type { Progress, ProviderInfo } from '../inference/protocol';
import { chosenModel } from '../models/entries';
import { type LabelBox, writeBox } from '../volume/labelBox';
import { type NoticesState, warningsOf } from './notices';
import type { Part, Send } from './part';
import type { Questions } from './questions';
import { isOfNow, isUnsaved, nextRun, REPLACING, type ResultsState, unsavedQuestion } from './results';
import type { RunSettingsState } from './runSettings';
import { type ChosenModel, missingChannels, type ScansState } from './scans';
import type { Session } from './session';
import { type AppEvent, can, type StatusState } from './status';

export interface RunState {
  readonly progress: Progress | null;
  /** Known once a run has begun. */
  readonly runningOn: ProviderInfo | null;
}

/** What a run reads, and what it changes. */
type Now = RunState & ResultsState & NoticesState & StatusState & ScansState & RunSettingsState & ChosenModel;

export interface RunPort {
  readonly segment: InferenceClient['segment'];
  readonly session: Session;
  readonly send: Send<Now>;
  readonly ask: Questions['ask'];
  /** For results: never given twice. */
  newId(): number;
  report(error: unknown): void;
}

export interface Runs {
  /** Resolves when the run has ended, however it did. */
  segment(): Promise<void>;
  cancel(): void;
}

export const INITIAL_RUN: RunState = { progress: null, runningOn: null };

export function createRuns(state: Part<Now>, { session, send, ask, newId, report, ...network }: RunPort): Runs {
  let run: AbortController | null = null;

  const segment = async (): Promise<void> => {
    const model = chosenModel(state.getState());
    if (!can(state.getState().status, 'segment') || session.volumes.length === 0) return;
    if (!model) {
      report(new InternalError('no-model'));
      return;
    }
    const missing = missingChannels(state.getState());
    if (missing !== '') {
      report(new InvalidInputError('channel-missing', { model: model.manifest.title, channels: missing }));
      return;
    }
    const { result } = state.getState();
    // The same run once more loses nothing that it does not bring back.
    if (result && isUnsaved(state.getState()) && !isOfNow(result, state.getState())) {
      const given = await ask(unsavedQuestion(result, REPLACING.segmenting()));
      if (given === 'keep' || !can(state.getState().status, 'segment')) return;
    }
    const { assignment, provider, mirror } = state.getState();
    const planned = nextRun(state.getState());
    if (!planned) return;
    const volumes = assignment.map((scan) => session.volumes[scan as number]);
    const onSlab = (box: LabelBox) => {
      if (!can(state.getState().status, 'slab')) return;
      const { dimsXyz, spacingXyz, affine, data } = volumes[0];
      session.partial ??= { dimsXyz, spacingXyz, affine, data: new Uint8Array(data.length) };
      writeBox(session.partial, box);
      send('slab', { partial: { origin: planned, box: { startXyz: box.startXyz, dimsXyz: box.dimsXyz } } });
    };
    /** The run begins anew elsewhere: what a device showed before it failed is not mixed with what comes now. */
    const startOver = () => {
      session.partial = null;
      state.setState({ partial: null });
    };
    /** Ends the run: the masks that were being made are replaced by the whole, or by what was there before. */
    const end = (event: AppEvent, change: Partial<RunState & ResultsState> = {}) => {
      session.partial = null;
      send(event, { progress: null, partial: null, ...change });
    };
    const controller = new AbortController();
    run = controller;
    send('segment', { progress: null, runningOn: null, notices: warningsOf(state.getState()) });
    try {
      const {
        labels,
        sizes,
        provider: ranOn,
        timings,
        memory,
        warnings,
      } = await network.segment(volumes, {
        modelUrl: model.address,
        provider,
        mirror: mirror ?? undefined,
        signal: controller.signal,
        onProgress: (progress, runningOn) => {
          state.setState((now) => ({ progress, runningOn: runningOn ?? now.runningOn }));
          if (progress.phase === 'prepare' && session.partial) startOver();
        },
        onSlab,
      });
      session.labels = labels;
      end('segmented', {
        result: {
          id: newId(),
          labels: model.manifest.labels,
          regions: model.manifest.regions,
          sizes,
          origin: { ...planned, provider: ranOn, timings, memory, warnings, finishedAt: new Date().toISOString() },
        },
      });
    } catch (error) {
      if (error instanceof CancelledError) {
        end('cancelled');
      } else {
        end('segment-failed');
        report(error);
      }
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
