/**
 * The page without a window: the same InferenceClient as the app's, driven by `npm run segment` through a browser
 * nobody sees. Files come in through an <input>, the mask leaves as a download, everything else is plain data.
 */
import { fileWorkOf } from '../compute/fileWork';
import { ComputePool } from '../compute/pool';
import { asAppError, InvalidInputError, toWire, type WireError } from '../core/errors';
import type { Message } from '../core/messages';
import type { NamedFile } from '../files/namedFile';
import { InferenceClient } from '../inference/client';
import type { PlannedMemory, Precision, Progress, ProviderChoice, ProviderInfo, Timings } from '../inference/protocol';
import { say } from '../locales/say';
import { assignByName } from '../models/channels';
import { fetchManifest } from '../models/fetchModel';
import type { Manifest } from '../models/manifest';
import { judged, suitability } from '../models/suitability';
import { requireEqualGrids } from '../volume/sameGrid';
import { regionSize } from '../volume/statistics';

export interface HeadlessRequest {
  /** Address of the model's folder, relative to the page or absolute. */
  readonly modelUrl: string;
  readonly provider: ProviderChoice;
  /** Average over mirrored windows; absent: as the model says. */
  readonly mirror?: boolean;
  /** 'fp32' if absent. */
  readonly precision?: Precision;
}

export interface RunWarning {
  /** 'reading', or the message's. */
  readonly code: string;
  readonly message: string;
}

/** The same in sentences, for the terminal and for reports. */
export type InWords<T> = { readonly [K in keyof T]: T[K] extends Message ? string : T[K] };

/** What one run did; the command line adds paths and the app's version. */
export interface HeadlessReport {
  readonly model: { readonly name: string; readonly version: string; readonly sha256: string };
  readonly provider: InWords<ProviderInfo>;
  readonly timings: Timings;
  readonly memory: InWords<PlannedMemory>;
  /** Which part of the model ran where, line by line; null where ONNX Runtime ran all of it. */
  readonly placement: readonly string[] | null;
  /** What the reader had to assume ('reading'), and why the masks may mean nothing. */
  readonly warnings: readonly RunWarning[];
  readonly dimsXyz: readonly number[];
  readonly spacingXyz: readonly number[];
  readonly labels: readonly {
    readonly id: number;
    readonly name: string;
    readonly voxels: number;
    readonly ml: number;
  }[];
  /** Unions of labels that the model names. */
  readonly regions: readonly {
    readonly name: string;
    /** Ids that it joins. */
    readonly labels: readonly number[];
    readonly voxels: number;
    readonly ml: number;
  }[];
}

export type HeadlessOutcome =
  | { readonly ok: true; readonly report: HeadlessReport }
  | { readonly ok: false; readonly error: WireError & { readonly message: string } };

type ProgressInWords = Omit<Progress, 'memory'> & { readonly memory?: InWords<PlannedMemory> };

const memoryInWords = (memory: PlannedMemory) => ({ ...memory, text: say(memory.text) });

const providerInWords = (info: ProviderInfo) => ({ ...info, adapter: say(info.adapter), reason: say(info.reason) });

export interface Headless {
  /** Segments the files in the page's <input>, one per channel of the model: by name where names tell, else in order; downloads the mask as .nii.gz, never throws. */
  segment(request: HeadlessRequest): Promise<HeadlessOutcome>;
  /** Ends the run in progress, which then fails with CancelledError. */
  cancel(): void;
}

declare global {
  interface Window {
    organscope: Headless;
    /** Set from outside to hear about progress. */
    organscopeProgress?: (progress: ProgressInWords, provider?: InWords<ProviderInfo>) => void;
    /** Set from outside to hear of warnings before the run begins. */
    organscopeWarning?: (warning: RunWarning) => void;
  }
}

const input = document.querySelector('input') as HTMLInputElement;
const client = new InferenceClient();
const work = fileWorkOf(new ComputePool());
let controller = new AbortController();

/** Files in the order of the model's channels; as they came where their names do not tell. */
function inChannelOrder(files: readonly NamedFile[], { channels }: Manifest): readonly NamedFile[] {
  const assigned = assignByName(
    channels,
    files.map(({ path }) => path),
  );
  const isComplete = files.length === channels.length && assigned.every((file) => file !== null);
  return isComplete ? assigned.map((file) => files[file as number]) : files;
}

async function run({ modelUrl, provider, precision, mirror }: HeadlessRequest): Promise<HeadlessReport> {
  const files = await work.joinParts([...(input.files ?? [])].map((file) => ({ path: file.name, file })));
  if (files.length === 0) throw new InvalidInputError('no-file');
  const absoluteModelUrl = new URL(modelUrl, document.baseURI).href;
  const manifest = await fetchManifest(absoluteModelUrl);
  // Headers first: scans that cannot go together are not worth the minutes that their voxels take.
  if (files.length > 1) requireEqualGrids(await work.readGrids(files));
  const volumes = await work.readVolumes(inChannelOrder(files, manifest), controller.signal);
  const [volume] = volumes;
  const warnings: readonly RunWarning[] = [
    ...volumes.flatMap((one) => one.warnings.map((warning) => ({ code: 'reading', message: say(warning) }))),
    ...suitability(manifest, volumes.map(judged)).map((warning) => ({ code: warning.code, message: say(warning) })),
  ];
  for (const warning of warnings) window.organscopeWarning?.(warning);
  const result = await client.segment(volumes, {
    modelUrl: absoluteModelUrl,
    provider,
    mirror,
    precision,
    signal: controller.signal,
    onProgress: ({ memory, ...progress }, info) =>
      window.organscopeProgress?.(
        { ...progress, ...(memory && { memory: memoryInWords(memory) }) },
        info && providerInWords(info),
      ),
  });
  const [mask] = await work.exportFiles('nifti-mask', {
    scanName: volume.name,
    madeBy: manifest.name,
    scans: volumes.map(({ name }) => name),
    by: `${manifest.name} ${manifest.version}`,
    labels: manifest.labels,
    regions: manifest.regions,
    sizes: result.sizes,
    volume: result.labels,
  });
  download(mask.blob);
  const { sizes } = result;
  return {
    model: { name: manifest.name, version: manifest.version, sha256: manifest.weights.sha256 },
    provider: providerInWords(result.provider),
    timings: result.timings,
    memory: memoryInWords(result.memory),
    placement: result.placement?.split('\n') ?? null,
    warnings,
    dimsXyz: volume.dimsXyz,
    spacingXyz: volume.spacingXyz,
    labels: manifest.labels.map(({ id, name }) => ({ id, name, ...(sizes.get(id) ?? { voxels: 0, ml: 0 }) })),
    regions: manifest.regions.map(({ name, labels }) => ({ name, labels, ...regionSize(labels, sizes) })),
  };
}

function download(mask: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(mask);
  link.download = 'mask.nii.gz';
  link.click();
}

window.organscope = {
  async segment(request) {
    controller = new AbortController();
    try {
      return { ok: true, report: await run(request) };
    } catch (error) {
      return { ok: false, error: { ...toWire(error), message: say(asAppError(error)) } };
    }
  },
  cancel: () => controller.abort(),
};
