/**
 * Loading onnxruntime-web, and whole networks on its WebAssembly provider. Two of its builds are used, each imported only
 * when needed: `/wasm`, and for the segments of wgsl.ts `/webgpu` (the native C++ execution provider; the default import
 * is the older one and silently wrong on some 3-D operators).
 */
import type { Env, InferenceSession, TensorConstructor, TensorFactory } from 'onnxruntime-web';
import { ModelError, UnsupportedDeviceError } from '../../../core/errors';
import { message, reasonOf } from '../../../core/messages';
import { Turns } from '../../../core/turns';
import type { Triple } from '../../../volume/grid';
import { bindNestedWorkers } from '../../../workers/boundWorker';
import type { ProviderInfo } from '../../protocol';
import type { Backend } from './backend';

interface Ort {
  readonly env: Env;
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: TensorConstructor & TensorFactory;
}

/** Parallel create() throws and parallel run() hangs or corrupts memory in 1.30 (asyncify): all calls take turns. */
export const ortTurns = new Turns(1);

/** WebAssembly that has not started after this long never will (a blocked worker-src, for example). */
const INIT_TIMEOUT_MS = 60_000;

/** @param provider which of the two builds; its settings apply to everything it runs later */
export async function loadOrt(provider: 'webgpu' | 'wasm', ortUrl: string, threads: number): Promise<Ort> {
  const ort = (provider === 'webgpu'
    ? await import('onnxruntime-web/webgpu')
    : await import('onnxruntime-web/wasm')) as unknown as Ort;
  bindNestedWorkers();
  ort.env.wasm.wasmPaths = ortUrl;
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.initTimeout = INIT_TIMEOUT_MS;
  ort.env.logLevel = 'error';
  return ort;
}

/** Everything a network is opened with. */
export interface OrtOptions {
  readonly info: ProviderInfo;
  /** WebAssembly threads. */
  readonly threads: number;
  /** Absolute URL of the folder with onnxruntime-web's .mjs and .wasm files, ending in '/'. */
  readonly ortUrl: string;
  readonly model: Uint8Array;
  /** What the manifest promises. */
  readonly channels: number;
  readonly classes: number;
  readonly patchDhw: Triple;
}

/** The operator that onnxruntime-web's message about a session is about; null for other failures. */
export function unknownOperator(text: string): string | null {
  const known =
    /No Op registered for (\S+)|Could not find an implementation for (\w+)|(\S+) is not a registered function/;
  const found = known.exec(text);
  // "ai.onnx.Foo:Foo(-1)" and "com.example:Foo(-1)" name domain and version around it.
  return found ? (found[1] ?? found[2] ?? found[3]).replace(/\(-?\d+\)$/, '') : null;
}

/** What to throw: an UnsupportedDeviceError when onnxruntime-web itself did not start, a ModelError when it refused the file */
export function openingFailed(cause: unknown, provider: string, ortUrl: string): Error {
  const why = reasonOf(cause);
  if (/no available backend|timeout|failed to fetch|imported module/i.test(why)) {
    return new UnsupportedDeviceError('ort-not-started', { provider, address: ortUrl, why }, { cause });
  }
  const operator = unknownOperator(why);
  if (operator) return new ModelError('operator-not-in-ort', { operator, provider }, { cause });
  return new ModelError('model-not-loaded', { provider, why }, { cause });
}

/**
 * Loads the network on WebAssembly.
 * @throws ModelError when onnxruntime-web does not accept the file; UnsupportedDeviceError when it cannot start
 */
export async function openOrtBackend(options: OrtOptions): Promise<Backend> {
  try {
    const ort = await loadOrt('wasm', options.ortUrl, options.threads);
    const session = await ortTurns.take(() =>
      ort.InferenceSession.create(options.model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }),
    );
    return new OrtBackend(ort, session, options);
  } catch (cause) {
    throw openingFailed(cause, 'wasm', options.ortUrl);
  }
}

class OrtBackend implements Backend {
  warm = false;
  readonly info: ProviderInfo;

  constructor(
    private readonly ort: Ort,
    private readonly session: InferenceSession,
    private readonly options: OrtOptions,
  ) {
    this.info = options.info;
  }

  run(patch: Float32Array, dimsDhw: Triple): Promise<Float32Array> {
    return ortTurns.take(() => this.runOnce(patch, dimsDhw));
  }

  private async runOnce(patch: Float32Array, dimsDhw: Triple): Promise<Float32Array> {
    const { ort, session, options } = this;
    const input = new ort.Tensor('float32', patch, [1, options.channels, ...dimsDhw]);
    let outputs: InferenceSession.OnnxValueMapType;
    try {
      outputs = await session.run({ [session.inputNames[0]]: input });
    } catch (cause) {
      const { provider, adapter } = options.info;
      throw new ModelError('run-failed', { provider, adapter, why: reasonOf(cause) }, { cause });
    }
    const logits = outputs[session.outputNames[0]];
    const expected = [1, options.classes, ...dimsDhw];
    if (logits.dims.join() !== expected.join()) {
      const [shape, promised] = [logits.dims.join(', '), expected.join(', ')];
      throw new ModelError('model-shape', { what: message('network-output'), shape, promised });
    }
    const data = (await logits.getData()) as Float32Array;
    this.warm = true;
    return data;
  }

  async dispose(): Promise<void> {
    await ortTurns.take(() => this.session.release()).catch(() => undefined);
  }
}
