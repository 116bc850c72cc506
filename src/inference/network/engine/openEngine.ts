/**
 * Networks on the GPU: 'wgsl' claims everything that our kernels can run, 'hybrid' only the EPA blocks, 'webgpu' nothing;
 * whatever is left runs in ONNX Runtime on the same device, handed over as GPU buffers.
 */
import type * as Ort from 'onnxruntime-web';
import { AppError, ModelError, UnsupportedDeviceError } from '../../../core/errors';
import { firstLines, type Message, message, type Parameter } from '../../../core/messages';
import { adapterFacts } from '../../gpu/adapter';
import { knownArithmetic } from '../../gpu/arithmeticRate';
import { ScopeError } from '../../gpu/errorScopes';
import { requestAdapter, requestDevice } from '../../gpu/gpuDevice';
import { measurementsOf } from '../../gpu/measurements';
import { type OwnedDevice, refused } from '../../gpu/ownedDevice';
import type { Precision } from '../../protocol';
import { decodeModel } from '../onnx/decode';
import type { Claims, Plan, ValueName } from '../onnx/ops';
import { planGraph } from '../onnx/plan';
import { planTable } from '../onnx/planTable';
import { loadOrt, type OrtOptions, openingFailed, ortTurns } from '../ort/ort';
import { Engine, type OpenSegment } from './engine';
import { segmentsWithFallback } from './segmentFallback';
import { segmentsThroughCpu } from './segmentsThroughCpu';
import { whyUnsupported } from './supports';
import { chooseVariants } from './tune';

/** What each provider leaves to our kernels. */
const CLAIMS: Readonly<Record<string, Claims>> = { wgsl: 'all', hybrid: 'epa', webgpu: 'none' };

/** What a network on the GPU is built from. */
export interface GpuOptions extends OrtOptions {
  readonly precision: Precision;
}

/** A network on a device of its own. Whoever opens it destroys both, the engine first. */
export interface OpenEngine {
  readonly owned: OwnedDevice;
  readonly engine: Engine;
  /** Where each node of the model went, as a table to read. */
  readonly placement: string;
  /** What the user should know about how it runs, if anything; may change while running. */
  note(): Message | undefined;
}

/**
 * Plans and compiles a network; where it is ours, with the fastest variants of its kernels on this adapter.
 * @throws ModelError for a file or graph that cannot run, UnsupportedDeviceError when the adapter gives no device
 */
export async function openEngine(options: GpuOptions): Promise<OpenEngine> {
  const { info, ortUrl, threads } = options;
  const adapter = await requestAdapter();
  if (!adapter) throw new UnsupportedDeviceError('needs-adapter', { provider: info.provider });
  const owned = await requestDevice(adapter);
  let opening: Promise<Engine> | null = null;
  try {
    const plan = planGraph(decodeModel(options.model), { claims: CLAIMS[info.provider], accept: whyUnsupported });
    requireShapes(plan, options);
    const moved: Parameter[] = [];
    const openSegment = segmentsWithFallback(
      owned,
      segmentsOnDevice(owned, ortUrl),
      segmentsOnCpu(owned, ortUrl, threads),
      (why) => moved.push(why),
    );
    const facts = adapterFacts(adapter);
    const kept = measurementsOf(facts);
    const variants = await owned.race(chooseVariants(plan, facts, owned, kept));
    opening = Engine.open(owned, plan, openSegment, {
      output: 'channels-last',
      storage: options.precision,
      variants,
      gflops: await knownArithmetic(kept),
    });
    const engine = await owned.race(opening);
    return { owned, engine, placement: planTable(plan), note: () => noteOfMoved(moved) };
  } catch (error) {
    const failure = await owned.whyFailed();
    // One that was still opening when the device failed.
    opening?.then((late) => late.dispose()).catch(() => undefined);
    owned.destroy();
    if (failure) throw failure;
    if (error instanceof ScopeError) throw refused(error.message, { cause: error });
    throw error instanceof AppError ? error : openingFailed(error, info.provider, ortUrl);
  }
}

/** @throws ModelError when the graph is not the one that model.json describes */
function requireShapes({ inputs, outputs, values }: Plan, { channels, classes, patchDhw }: OrtOptions): void {
  const dims = (name: string) => values.get(name)?.dims?.join(', ') ?? message('unknown');
  for (const [what, name, expected] of [
    [message('network-input'), inputs[0], [1, channels, ...patchDhw]],
    [message('network-output'), outputs[0], [1, classes, ...patchDhw]],
  ] as const) {
    const promised = expected.join(', ');
    if (dims(name) !== promised) throw new ModelError('model-shape', { what, shape: dims(name), promised });
  }
}

/** @param moved why segments could not share the device, for each that could not */
function noteOfMoved(moved: readonly Parameter[]): Message | undefined {
  return moved.length === 0 ? undefined : firstLines(message('parts-moved', { count: moved.length, why: moved[0] }));
}

/** Segments on ONNX Runtime's WebAssembly build, which is only loaded when one is needed. */
function segmentsOnCpu(owned: OwnedDevice, ortUrl: string, threads: number): OpenSegment {
  return async (segment, plan) => {
    const ort = await loadOrt('wasm', ortUrl, threads);
    return segmentsThroughCpu(owned, ort, (call) => ortTurns.take(call))(segment, plan);
  };
}

/**
 * Segments on ONNX Runtime's WebGPU provider, sharing the device, so that values stay in GPU memory. A call that waits for
 * a device that has failed must not keep others waiting: the next provider needs its turn.
 */
function segmentsOnDevice(owned: OwnedDevice, ortUrl: string): OpenSegment {
  const { device } = owned;
  const takeTurns = <T>(call: () => Promise<T>) => ortTurns.take(() => owned.race(call()));
  return async (segment, plan) => {
    const ort = await loadOrt('webgpu', ortUrl, 1);
    const session = await takeTurns(() =>
      ort.InferenceSession.create(segment.model, {
        executionProviders: [{ name: 'webgpu', device } as Ort.InferenceSession.ExecutionProviderConfig],
        preferredOutputLocation: 'gpu-buffer',
        graphOptimizationLevel: 'all',
      }),
    );
    let held: Ort.Tensor[] = [];
    const release = () => {
      // After this the buffers go back to ONNX Runtime's pool; whatever reads them has been submitted by now.
      for (const tensor of held) tensor.dispose();
      held = [];
    };
    return {
      async run(inputs) {
        const feeds: Record<string, Ort.Tensor> = {};
        for (const [name, buffer] of inputs) {
          const dims = [...(plan.values.get(name)?.dims ?? [])];
          feeds[name] = ort.Tensor.fromGpuBuffer(buffer as never, { dataType: 'float32', dims });
        }
        const results = await takeTurns(() => session.run(feeds));
        const made = new Map<ValueName, GPUBuffer>();
        for (const name of segment.outputs) {
          held.push(results[name]);
          made.set(name, results[name].gpuBuffer as unknown as GPUBuffer);
        }
        return made;
      },
      releaseOutputs: release,
      async dispose() {
        release();
        await takeTurns(() => session.release()).catch(() => undefined);
      },
    };
  };
}
