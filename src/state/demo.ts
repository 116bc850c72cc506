/** A demonstration that a presenter walks through: which step it is at, its scan, its run, and going back to the start. */

import { removeLabelMaps } from '../study/commands';
import type { LabelMap, ScanId } from '../study/document';
import { DEMOS, type DemoId } from './demoScripts';
import type { ShelfState } from './modelShelf';
import type { NoticesState } from './notices';
import type { Part, Send } from './part';
import type { ResultsState } from './results';
import type { RunState } from './runs';
import type { ScansState } from './scans';
import { isBusy, type StatusState } from './status';

/** How long it took from the beginning of the run, milliseconds; null until it is known. */
export interface DemoTimes {
  readonly firstMasks: number | null;
  readonly allMasks: number | null;
}

export interface RunningDemo {
  readonly id: DemoId;
  /** Index in the script's steps. */
  readonly step: number;
  /** How often it went back to the start: what the viewer was made to show is over then. */
  readonly round: number;
  /** The scan: null while it is being read, 'missing' where it could not be (a notice says why). */
  readonly scan: ScanId | 'missing' | null;
  /** Whether the model is on this computer; null while it is on its way. */
  readonly modelKept: boolean | null;
  readonly times: DemoTimes;
  /** The device failed during this run, which began again. */
  readonly begunAnew: boolean;
}

export interface DemoState {
  readonly demo: RunningDemo | null;
}

type Now = DemoState & ScansState & ShelfState & StatusState & ResultsState & RunState & NoticesState;

export interface DemoPort {
  /** Fetches a sample scan and opens it in the place of what is open. @returns whether it was opened */
  openSample(file: string): Promise<boolean>;
  loadModels(): Promise<void>;
  /** Segments, and shows what the middle of the scan may look like before anything is final. */
  segment(): Promise<void>;
  cancel(): void;
  /** Fetches a model, and keeps with it what a day without a network asks for. @param address ModelEntry.address */
  keepModel(address: string): Promise<unknown>;
  /** Has the network opened and tried where it will run. @param address ModelEntry.address */
  tryModel(address: string): Promise<unknown>;
  /** Takes masks for something that nobody misses. */
  noteSaved(labelMap: LabelMap): void;
  readonly send: Send<Now>;
  /** Milliseconds of the clock on the wall, which goes on while a computer sleeps. */
  now(): number;
}

export interface Demos {
  /** Begins a demonstration; the one that runs already begins again. */
  startDemo(id: DemoId): Promise<void>;
  /** Moves through the steps. @param by 1 or -1; beyond the first and the last there is nothing */
  stepDemo(by: number): void;
  /** Back to the first step, without masks; the scan and the model stay ready. */
  restartDemo(): Promise<void>;
  /** Leaves the scan and its masks open, as if the user had opened them. */
  endDemo(): void;
  /** Somebody is there. */
  noteDemoInput(): void;
}

export const INITIAL_DEMO: DemoState = { demo: null };

/** After this long without a key or the pointer, the next visitor finds the first step. */
export const IDLE_MS = 3 * 60_000;
const CHECK_MS = 5000;

const NO_TIMES: DemoTimes = { firstMasks: null, allMasks: null };

export function createDemo(part: Part<Now>, port: DemoPort): Demos {
  let lastInput = 0;
  let runBegan = 0;
  /** Whether the user had chosen a model himself before. */
  let asked = false;
  let checking: ReturnType<typeof setInterval> | undefined;
  /** Changes with every start: what an earlier one waited for does not matter any more. */
  let latest = 0;

  const demoNow = () => part.getState().demo;
  const change = (to: Partial<RunningDemo>) => part.setState(({ demo }) => (demo ? { demo: { ...demo, ...to } } : {}));

  const end = () => {
    latest++;
    clearInterval(checking);
    part.setState({ demo: null, modelAsked: asked });
  };

  /** Resolves when no run is going on. */
  const runEnded = () =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (isBusy(part.getState().status)) return;
        stop();
        resolve();
      };
      const stop = part.subscribe(check);
      check();
    });

  /** Begins the run when its step is reached and there is no result yet. */
  const runIfDue = () => {
    const { demo, status, shownLabelsId } = part.getState();
    if (!demo || demo.scan === null || demo.scan === 'missing' || shownLabelsId !== null || isBusy(status)) return;
    if (demo.step < DEMOS[demo.id].runStep) return;
    void port.segment();
  };

  /** Takes away masks and messages of the last audience. */
  const clear = async () => {
    const mine = latest;
    if (isBusy(part.getState().status)) port.cancel();
    await runEnded();
    if (mine !== latest) return;
    const maps = part.getState().study.labelMaps.map(({ id }) => id);
    port.send('cleared', { shownLabelsId: null, notices: [] }, maps.length > 0 ? removeLabelMaps(maps) : undefined);
  };

  const restart = async () => {
    lastInput = port.now();
    change({ step: 0 });
    if (typeof demoNow()?.scan !== 'string' || demoNow()?.scan === 'missing') return;
    const mine = latest;
    await clear();
    if (mine !== latest) return;
    const { round = 0 } = demoNow() ?? {};
    change({ step: 0, round: round + 1, times: NO_TIMES, begunAnew: false });
  };

  const checkIdle = () => {
    const { demo, status } = part.getState();
    // A run is something to watch, however long it takes: the time counts from its end.
    if (isBusy(status)) lastInput = port.now();
    if (!demo || port.now() - lastInput < IDLE_MS) return;
    if (demo.step > 0) void restart();
    else lastInput = port.now();
  };

  part.subscribe((now, before) => {
    const { demo } = now;
    if (!demo) return;
    if (demo.scan !== null && demo.scan !== 'missing' && !now.study.scans.some(({ id }) => id === demo.scan)) {
      // The user has opened something of his own.
      end();
      return;
    }
    if (isBusy(now.status) && !isBusy(before.status)) {
      runBegan = port.now();
      change({ times: NO_TIMES, begunAnew: false });
    } else if (now.unfinished && !before.unfinished && demo.times.firstMasks === null) {
      change({ times: { ...demo.times, firstMasks: port.now() - runBegan } });
    } else if (now.status === 'segmenting' && !now.unfinished && before.unfinished) {
      change({ begunAnew: true });
    } else if (now.status === 'segmented' && isBusy(before.status)) {
      const took = port.now() - runBegan;
      change({ times: { firstMasks: demo.times.firstMasks ?? took, allMasks: took } });
      for (const labelMap of now.study.labelMaps) port.noteSaved(labelMap);
    }
  });

  return {
    async startDemo(id) {
      const running = demoNow();
      if (running?.id === id && running.scan !== 'missing') return restart();
      // A run of the user's own is not thrown away.
      if (!running && isBusy(part.getState().status)) return;
      const { file, modelId } = DEMOS[id];
      lastInput = port.now();
      clearInterval(checking);
      checking = setInterval(checkIdle, CHECK_MS);
      const round = (running?.round ?? 0) + 1;
      const mine = ++latest;
      part.setState({ demo: { id, step: 0, round, scan: null, modelKept: null, times: NO_TIMES, begunAnew: false } });
      if (running) await clear();
      if (mine !== latest) return;
      // The model first, chosen by the script: that another does not suit the scan is nothing to say.
      await port.loadModels();
      if (mine !== latest) return;
      const model = part.getState().models.find((one) => one.id === modelId);
      if (!running) asked = part.getState().modelAsked;
      part.setState({ modelAsked: true, ...(model && { modelId }) });
      const opened = await port.openSample(file);
      if (mine !== latest) return;
      const [scan] = part.getState().study.scans;
      if (!opened) {
        // The user kept what he had, or opened something else meanwhile: that is shown.
        if (scan) end();
        else change({ scan: 'missing' });
        return;
      }
      change({ scan: scan.id });
      runIfDue();
      if (!model) return;
      // A browser that keeps nothing still runs it: the first step says what that means.
      const kept = await port.keepModel(model.address).then(
        () => true,
        () => false,
      );
      if (mine !== latest) return;
      change({ modelKept: kept });
      // What fails here fails again in the run, which says so.
      if (!isBusy(part.getState().status)) void port.tryModel(model.address).catch(() => undefined);
    },
    stepDemo(by) {
      const demo = demoNow();
      if (!demo) return;
      lastInput = port.now();
      const step = Math.min(DEMOS[demo.id].steps.length - 1, Math.max(0, demo.step + by));
      if (step !== demo.step) change({ step });
      runIfDue();
    },
    restartDemo: restart,
    endDemo: end,
    noteDemoInput() {
      lastInput = port.now();
    },
  };
}
