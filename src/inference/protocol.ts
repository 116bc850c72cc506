/**
 * Everything that crosses between the page and the inference worker. Imported by both sides; knows neither DOM nor GPU.
 * Volumes are resampled, segmented and mapped back inside the worker, so the page never blocks on voxels.
 */
import type { Message } from '../core/messages';
import type { NamedFile } from '../files/namedFile';
import type { StoredModel } from '../models/library';
import type { LabelBox } from '../volume/labelBox';
import type { LabelSize } from '../volume/statistics';
import type { LabelVolume, Volume } from '../volume/volume';
import type { Call } from '../workers/calls';

/** 'auto': wgsl or wasm, whichever a short measurement finds faster on this machine (job/measureSpeeds.ts). */
export type ProviderChoice = 'auto' | Provider;

/**
 * What runs the network: 'wgsl' our kernels, 'hybrid' our EPA kernels inside ONNX Runtime's WebGPU provider, 'webgpu'
 * that provider alone, 'wasm' ONNX Runtime on the CPU.
 */
export type Provider = 'wgsl' | 'hybrid' | 'webgpu' | 'wasm';

/**
 * How our kernels store what they hand to each other, and large weights: 'fp16' takes half the memory and bandwidth, at
 * a relative error of about 1e-3 in the logits. Arithmetic is fp32 either way. ONNX Runtime alone always runs in fp32.
 */
export type Precision = 'fp32' | 'fp16';

/** Which provider runs, on what, and why; shown on the page and written to reports. */
export interface ProviderInfo {
  readonly provider: Provider;
  /** e.g. 'nvidia ampere', 'google swiftshader (software)', or '2 threads' for wasm. */
  readonly adapter: Message;
  /** Sentences for the user. */
  readonly reason: Message;
}

/**
 * 'look' is the first look at a whole scan, of models that have one; 'preview' shows the middle of it early. 'prepare' comes first, and again when a run begins
 * anew because its device failed: labels delivered before are void then.
 */
export type Phase = 'load-model' | 'prepare' | 'compile' | 'look' | 'preview' | 'infer' | 'finish';

export interface Progress {
  readonly phase: Phase;
  /** Steps of this phase: windows for 'look', 'preview' and 'infer', bytes for 'load-model'; total 0 when unknown. */
  readonly done: number;
  readonly total: number;
  /** Seconds left of the whole run, estimated from the windows so far; null until known. */
  readonly secondsLeft: number | null;
  /** Known before the first window; absent until then. */
  readonly memory?: PlannedMemory;
}

/** Memory that a run was planned to take at its peak, where the network runs. */
export interface PlannedMemory {
  readonly bytes: number;
  /** For the user: how much, for what. */
  readonly text: Message;
}

/** Milliseconds per phase; windows are those of 'infer', their median excludes the first (compiling) one. */
export interface Timings {
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>;
  readonly totalMs: number;
  readonly windows: number;
  readonly medianWindowMs: number;
}

export interface SegmentResult {
  readonly labels: LabelVolume;
  /** Size of every label that occurs, background included; counted where no click waits for it. */
  readonly sizes: ReadonlyMap<number, LabelSize>;
  readonly provider: ProviderInfo;
  readonly timings: Timings;
  readonly memory: PlannedMemory;
  /** What had been expected; compare with timings.totalMs less 'load-model'. Absent where nothing was known. */
  readonly predicted?: Prediction;
  /** Why its masks may mean nothing; empty where nothing speaks against it. */
  readonly warnings: readonly Message[];
  /** Where each node of the model went, as a table to read; absent where ONNX Runtime had the whole model. */
  readonly placement?: string;
}

/** Adding a model: 'wait' for what is running to end (said by the client), 'read' the files, 'verify' sums, 'try' one window of noise, 'keep'. */
export type AddStep = 'wait' | 'read' | 'verify' | 'try' | 'keep';

export interface AddProgress {
  readonly step: AddStep;
  /** Bytes; total 0 where a step has none. */
  readonly done: number;
  readonly total: number;
}

/** Of a model's download, bytes. */
export interface KeepProgress {
  readonly done: number;
  readonly total: number;
}

/** Both equal where it is known. */
export interface Span {
  readonly least: number;
  readonly most: number;
}

/** What a WebGPU adapter says about itself (GPUAdapterInfo, plus isFallbackAdapter of older browsers). */
export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}

/** An adapter and what it offers to us. */
export interface AdapterReport extends AdapterFacts {
  /** Name of the software that pretends to be a GPU, 'unnamed' where it has none; null for hardware. */
  readonly software: string | null;
  /** Those that the network needs more of than WebGPU guarantees, by WebGPU's names. */
  readonly limits: Readonly<Record<string, number>>;
  /** Of those that we use, by WebGPU's names: the ones it has. */
  readonly features: readonly string[];
}

/** How fast this machine is: one convolution on both sides, and what surrounds it. */
export interface MeasuredSpeeds {
  /** 10^9 fp32 operations a second that the adapter reaches; null without an adapter. */
  readonly gflops: number | null;
  /** Milliseconds of the convolution on our kernel; null without an adapter. */
  readonly gpuMs: number | null;
  /** True when the convolution itself was not tried on the adapter, since arithmetic alone would take `gpuMs`. */
  readonly gpuAtLeast: boolean;
  /** Milliseconds of the same in WebAssembly; null where it was not tried. */
  readonly cpuMs: number | null;
  /** 10^9 bytes a second to the adapter and back; null where that was not measured. */
  readonly uploadGbPerS: number | null;
  readonly readbackGbPerS: number | null;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/** Everything about the machine that a run depends on. Asked for by features, never guessed from the browser's name. */
export interface DeviceReport {
  /** The browser has WebGPU, with an adapter or without. */
  readonly webgpu: boolean;
  /** The one that runs would use: the fastest that the browser gives. */
  readonly adapter: AdapterReport | null;
  /** The one that saves power, where the browser gives another for it; null where it gives the same or none. */
  readonly lowPowerAdapter: AdapterFacts | null;
  readonly logicalProcessors: number;
  readonly crossOriginIsolated: boolean;
  /** That a run would have. */
  readonly wasmThreads: number;
  readonly wasmSimd: boolean;
  /** As the browser tells it: rounded and cut off; null where it does not. */
  readonly deviceMemoryGb: number | null;
  /** Whether the browser keeps files for this page (its private file system). */
  readonly privateFileSystem: boolean;
  /** null: 'auto' before anything was measured, or a provider that this machine cannot run. */
  readonly chosen: ProviderInfo | null;
  /** Of the last measurement that is kept. */
  readonly speeds: MeasuredSpeeds | null;
}

/** What a device said to the window that a model brings with its answer. */
export interface SelfTestAnswer {
  /** 'no-reference': the model brings no answer to compare with. */
  readonly outcome: 'passed' | 'failed' | 'no-reference';
  readonly provider: ProviderInfo;
  readonly precision: Precision;
  /** Largest difference of a logit, in standard deviations of the reference's, and what is allowed; null without one. */
  readonly error: number | null;
  readonly tolerance: number | null;
  readonly milliseconds: number;
  /** ISO 8601. */
  readonly testedAt: string;
}

export interface SelfTestInput {
  readonly modelUrl: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  readonly ortUrl: string;
}

export type PredictionBasis = 'earlier-runs' | 'device-speed';

/** How long a run was expected to take, without the download. */
export interface Prediction {
  readonly seconds: Span;
  /** Runs of this model on this device before, or the device's speed and the network's arithmetic alone. */
  readonly basis: PredictionBasis;
  /** Earlier runs that it rests on. */
  readonly runs: number;
  /** `seconds` are the expected ones divided and multiplied by this: 1.2 is about 20 % either way. */
  readonly spread: number;
}

export interface PlanInput {
  /** As SegmentInput has them. */
  readonly volumes: readonly VolumeFacts[];
  readonly mirror?: boolean;
  readonly modelUrl: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
}

/** What a run would take, before it. */
export interface RunPlan {
  /** As DeviceReport.chosen. */
  readonly provider: ProviderInfo | null;
  /** Runs of the network, mirrored copies counted; a span where a first look decides. A scheme that crops may need fewer. */
  readonly windows: Span;
  /** null where nothing is known of this model on this machine, or of the machine. */
  readonly prediction: Prediction | null;
  /** As planned for the whole scan; null where the provider or the network's part is not known, or it would not fit. */
  readonly memory: PlannedMemory | null;
  /** Bytes of the model that are not in this browser yet. */
  readonly downloadBytes: number;
  /** 10^9 operations of one run of the network; null where that is not known before it has been loaded. */
  readonly gflopPerWindow: number | null;
  /** Of this device, provider and precision with these weights; null where it has not been tested. */
  readonly selfTest: SelfTestAnswer | null;
}

export type MeasureStep = 'arithmetic' | 'transfer' | 'cpu' | 'gpu';

export interface MeasureProgress {
  /** What is measured now. */
  readonly step: MeasureStep;
  /** Steps done, of `total`. */
  readonly done: number;
  readonly total: number;
}

export interface DeviceInput {
  /** What `chosen` is asked for. */
  readonly provider: ProviderChoice;
  readonly ortUrl: string;
}

/** What the browser keeps for this page. */
export interface ModelStorage {
  readonly models: readonly StoredModel[];
  /** Of everything this page stores, and what the browser allows it; null when it does not say. */
  readonly usedBytes: number | null;
  readonly quotaBytes: number | null;
}

/** A volume without its voxels, which travel beside the call. */
export type VolumeFacts = Omit<Volume, 'data'>;

export interface SegmentInput {
  /** One per channel of the model, in its order, all on one grid; their voxels are the call's arrays. */
  readonly volumes: readonly VolumeFacts[];
  /** Average over mirrored windows; absent: as the model says. */
  readonly mirror?: boolean;
  /** Absolute URL of the folder with model.json, ending in '/', or a kept model's storedAddress. */
  readonly modelUrl: string;
  readonly provider: ProviderChoice;
  readonly precision: Precision;
  /** Whether to tell labels of the middle before all else. */
  readonly preview?: boolean;
  /** Absolute URL of the folder with onnxruntime-web's own files, ending in '/'; the worker cannot know the page's base. */
  readonly ortUrl: string;
}

export type SegmentEvent =
  | { readonly kind: 'progress'; readonly progress: Progress; readonly provider?: ProviderInfo }
  /** Labels of a part of the scan, while the run goes on; what no box of a run covers is background. */
  | { readonly kind: 'slab'; readonly box: LabelBox }
  /** Labels of the middle before the first slab: not final, slabs correct them. */
  | { readonly kind: 'preview'; readonly box: LabelBox };

export interface AddModelInput {
  /** A model folder's files, or one zip of them. */
  readonly files: readonly NamedFile[];
  /** Whether a model with the same name and version may be replaced. */
  readonly replace: boolean;
  readonly provider: ProviderChoice;
  readonly ortUrl: string;
}

/**
 * What the inference worker can be asked for. The client asks for one 'segment', 'addModel', 'measureDevice' or 'selfTest' at a time;
 * the others are answered beside them.
 */
export type InferenceCalls = {
  readonly segment: Call<SegmentInput, SegmentResult, SegmentEvent>;
  readonly addModel: Call<AddModelInput, StoredModel, AddProgress>;
  /** @param input absolute URL of a model's folder on the server, ending in '/' */
  readonly keepModel: Call<string, StoredModel, KeepProgress>;
  readonly selfTest: Call<SelfTestInput, SelfTestAnswer, Progress>;
  readonly planRun: Call<PlanInput, RunPlan>;
  readonly describeDevice: Call<DeviceInput, DeviceReport>;
  readonly measureDevice: Call<DeviceInput, DeviceReport, MeasureProgress>;
  readonly listModels: Call<null, ModelStorage>;
  /** @param input StoredModel.id */
  readonly deleteModel: Call<string, ModelStorage>;
};
