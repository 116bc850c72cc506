/** This computer: what runs depend on, how fast it is, and what the next run would take. */
import type { InferenceClient } from '../inference/client';
import type { DeviceReport, MeasureProgress, RunPlan, SelfTestAnswer, VolumeFacts } from '../inference/protocol';
import { chosenModel, type ModelEntry } from '../models/entries';
import type { Scan } from '../study/document';
import type { Part } from './part';
import type { RunSettingsState } from './runSettings';
import { assignedScans, type ChosenModel, missingChannels, type ScansState } from './scans';
import { isBusy, type StatusState } from './status';

export interface DeviceState {
  /** null until it was asked for. */
  readonly device: DeviceReport | null;
  /** What is being done, one at a time. */
  readonly deviceWork:
    | { readonly kind: 'measure'; readonly progress: MeasureProgress | null }
    | { readonly kind: 'test'; readonly modelId: string }
    | null;
  /** What went wrong last, in describing, measuring, testing or planning; null where nothing did. */
  readonly deviceError: unknown;
  /** Of the chosen model on the scans in its channels; null until known. */
  readonly plan: RunPlan | null;
  /** By ModelEntry.id: what the provider that is chosen now answered; null where it was not tested. */
  readonly selfTests: Readonly<Record<string, SelfTestAnswer | null>>;
}

type Now = DeviceState & RunSettingsState & ScansState & ChosenModel & StatusState;

export type DevicePort = Pick<InferenceClient, 'describeDevice' | 'measureDevice' | 'planRun' | 'selfTest'>;

export interface Device {
  /** Describes this computer and reads what self-tests answered; measures nothing. What fails is in `deviceError`. */
  describeDevice(): Promise<void>;
  /** Takes about a second on hardware; waits for a run to end. Does nothing while something is being measured or tested. */
  measureDevice(): Promise<void>;
  /** Runs a model's test window. @param modelId ModelEntry.id */
  testModel(modelId: string): Promise<void>;
  /** Ends what `deviceWork` says. */
  stopDeviceWork(): void;
}

export const INITIAL_DEVICE: DeviceState = {
  device: null,
  deviceWork: null,
  deviceError: null,
  plan: null,
  selfTests: {},
};

/** How long what a plan is of must have stayed the same. */
const SETTLED_MS = 250;

const factsOf = ({ name, grid, warnings }: Scan): VolumeFacts => ({ ...grid, name, warnings });

/** Stands for a scan where a plan is asked for the sake of its self-test alone. */
const ANY_SCAN: VolumeFacts = {
  name: '',
  warnings: [],
  dimsXyz: [64, 64, 64],
  spacingXyz: [1, 1, 1],
  affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
};

export function createDevice(part: Part<Now>, port: DevicePort): Device {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts what was asked: an answer to an earlier question is dropped. */
  let [planned, described] = [0, 0];
  let work: AbortController | null = null;

  async function plan(): Promise<void> {
    planned += 1;
    const asked = planned;
    const now = part.getState();
    const model = chosenModel(now);
    const scans = assignedScans(now);
    if (!model || scans.length === 0 || missingChannels(now) !== '' || isBusy(now.status)) return;
    try {
      const answer = await port.planRun(scans.map(factsOf), {
        modelUrl: model.address,
        provider: now.provider,
        mirror: now.mirror ?? undefined,
      });
      if (asked === planned) part.setState({ plan: answer });
    } catch (deviceError) {
      // A run would say the same; before it, only the dialog does.
      if (asked === planned) part.setState({ deviceError });
    }
  }

  part.subscribe((now, before) => {
    const changed =
      now.study.scans !== before.study.scans ||
      now.assignment !== before.assignment ||
      now.modelId !== before.modelId ||
      now.models !== before.models ||
      now.provider !== before.provider ||
      now.mirror !== before.mirror;
    // What a run took is known of the next one.
    if (!changed && !(isBusy(before.status) && !isBusy(now.status))) return;
    planned += 1;
    if (changed && now.plan) part.setState({ plan: null });
    clearTimeout(timer);
    timer = setTimeout(() => void plan(), SETTLED_MS);
  });

  const testOf = async (model: ModelEntry): Promise<SelfTestAnswer | null> => {
    const { provider } = part.getState();
    return (await port.planRun([ANY_SCAN], { modelUrl: model.address, provider })).selfTest;
  };

  async function describe(): Promise<void> {
    described += 1;
    const asked = described;
    const { provider, models } = part.getState();
    try {
      const device = await port.describeDevice({ provider });
      if (asked !== described) return;
      part.setState({ device });
      // A model that is out of reach now takes nothing from the others.
      const answers = await Promise.all(
        models.map(async (model) => [model.id, await testOf(model).catch(() => null)] as const),
      );
      if (asked === described) part.setState({ selfTests: Object.fromEntries(answers) });
    } catch (deviceError) {
      if (asked === described) part.setState({ deviceError });
    }
  }

  /** One piece of work that takes a turn with runs; what is known afterwards is read again. */
  async function take(
    deviceWork: NonNullable<DeviceState['deviceWork']>,
    doWork: (signal: AbortSignal) => Promise<unknown>,
  ) {
    if (work) return;
    const mine = new AbortController();
    work = mine;
    part.setState({ deviceWork, deviceError: null });
    try {
      await doWork(mine.signal);
    } catch (deviceError) {
      if (!mine.signal.aborted) part.setState({ deviceError });
    } finally {
      work = null;
      part.setState({ deviceWork: null });
    }
    await Promise.all([describe(), plan()]);
  }

  return {
    async describeDevice() {
      part.setState({ deviceError: null });
      await Promise.all([describe(), plan()]);
    },
    measureDevice: () =>
      take({ kind: 'measure', progress: null }, (signal) =>
        port.measureDevice({
          provider: part.getState().provider,
          signal,
          onProgress: (progress) => {
            if (!signal.aborted) part.setState({ deviceWork: { kind: 'measure', progress } });
          },
        }),
      ),
    testModel: (modelId) =>
      take({ kind: 'test', modelId }, async (signal) => {
        const { models, provider } = part.getState();
        const model = models.find(({ id }) => id === modelId);
        if (model) await port.selfTest({ modelUrl: model.address, provider, signal });
      }),
    stopDeviceWork: () => work?.abort(),
  };
}
