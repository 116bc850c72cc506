/** An attention block as a graph names its tensors -> as the kernels take it. */
import type { EpaLayer } from '../kernels/epa/weights';
import type { EpaWeights } from '../onnx/ops';

/** Weights of an EPA layer as the kernels take them. */
export function epaLayer(w: EpaWeights, label: string, tokens: number, channels: number): EpaLayer {
  const { heads, projected, output, eBias, fBias } = w;
  const e = floats(w.e);
  const biases = eBias && fBias ? { eBias: floats(eBias), fBias: floats(fBias) } : null;
  const projection: EpaLayer['projection'] = !biases
    ? { kind: 'plain', ef: e }
    : w.e === w.f
      ? { kind: 'shared', e, eBias: biases.eBias }
      : { kind: 'separate', e, f: floats(w.f), ...biases };
  return {
    ...{ label, tokens, channels, heads, projected, projection, qkvv: floats(w.qkvv) },
    temperature: floats(w.temperature),
    temperature2: floats(w.temperature2),
    fusion: output
      ? {
          kind: 'concat',
          outProj: floats(output.outProj),
          outProjBias: floats(output.outProjBias),
          outProj2: floats(output.outProj2),
          outProj2Bias: floats(output.outProj2Bias),
        }
      : { kind: 'sum' },
  };
}

/** A copy that can be uploaded: weights may be views into a file in shared memory. */
export function floats(values: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from(values);
}
