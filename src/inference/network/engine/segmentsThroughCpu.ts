/**
 * Segments on ONNX Runtime's CPU provider, with every hand-over copied through the CPU: slow, and what is left where
 * ONNX Runtime cannot share the engine's device.
 */
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-web';
import { InternalError } from '../../../core/errors';
import { releaseAll } from '../../../core/release';
import type { OwnedDevice } from '../../gpu/ownedDevice';
import { readBuffer } from '../../gpu/readback';
import type { Plan, ValueName } from '../onnx/ops';
import type { OpenSegment } from './engine';

/**
 * @param owned the engine's device
 * @param ort any build with the 'wasm' provider
 * @param takeTurns runs one call of ONNX Runtime; where others use it too, no two at the same time
 */
export function segmentsThroughCpu(
  owned: OwnedDevice,
  ort: { readonly InferenceSession: typeof InferenceSession; readonly Tensor: TensorConstructor },
  takeTurns: <T>(call: () => Promise<T>) => Promise<T> = (call) => call(),
): OpenSegment {
  return async (segment, plan) => {
    const session = await takeTurns(() =>
      ort.InferenceSession.create(segment.model, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }),
    );
    let outputs: GPUBuffer[] = [];
    const release = () => {
      for (const buffer of outputs) buffer.destroy();
      outputs = [];
    };
    return {
      async run(inputs) {
        release();
        const feeds: Record<string, Tensor> = {};
        for (const [name, buffer] of inputs) {
          const dims = dimsOf(plan, name);
          const bytes = dims.reduce((a, b) => a * b, 4);
          const values = new Float32Array(await readBuffer(owned.device, buffer, bytes, owned));
          feeds[name] = new ort.Tensor('float32', values, [...dims]);
        }
        const results = await takeTurns(() => session.run(feeds));
        const made = new Map<ValueName, GPUBuffer>();
        for (const name of segment.outputs) {
          const buffer = upload(owned.device, name, results[name].data as Float32Array<ArrayBuffer>);
          outputs.push(buffer);
          made.set(name, buffer);
        }
        return made;
      },
      releaseOutputs: release,
      dispose: () => releaseAll([release, () => takeTurns(() => session.release())]),
    };
  };
}

function dimsOf(plan: Plan, name: ValueName): readonly number[] {
  const dims = plan.values.get(name)?.dims;
  if (!dims) throw new InternalError('invariant', { what: `The shape of ${name} is not known.` });
  return dims;
}

function upload(device: GPUDevice, label: string, values: Float32Array<ArrayBuffer>): GPUBuffer {
  const buffer = device.createBuffer({
    label,
    size: Math.ceil(values.byteLength / 16) * 16,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
  device.queue.writeBuffer(buffer, 0, values.buffer, values.byteOffset, values.byteLength);
  return buffer;
}
