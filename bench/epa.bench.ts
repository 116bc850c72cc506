/**
 * Milliseconds per EPA block (position, layer norm, attention, residual) at the shapes of the synapse network: three
 * encoder blocks each, and three decoder blocks each of the first three.
 *
 *     npx vitest bench --run bench/epa.bench.ts
 */
import { bench, describe } from 'vitest';
import { Program, Recorder } from '../src/inference/gpu/program';
import { recordEpaBlock } from '../src/inference/kernels/epa/epa';
import { randomEpa } from '../src/inference/kernels/epa/randomEpa';
import { randomNormal } from '../src/testing/allClose';
import { openGpuDevice } from '../src/testing/gpuDevice';

const STAGES = [
  { stage: 'encoder 0, decoder 3', tokens: 32768, channels: 32, projected: 64 },
  { stage: 'encoder 1, decoder 4', tokens: 4096, channels: 64, projected: 64 },
  { stage: 'encoder 2, decoder 5', tokens: 512, channels: 128, projected: 64 },
  { stage: 'encoder 3', tokens: 64, channels: 256, projected: 32 },
];

const device = await openGpuDevice();

describe.skipIf(!device)('EPA blocks', () => {
  for (const { stage, tokens, channels, projected } of STAGES) {
    let program: Program | undefined;
    bench(
      `${stage}: ${tokens} tokens x ${channels}`,
      async () => {
        await program?.run(new Map());
      },
      {
        ...{ iterations: 5, time: 0, warmupIterations: 1, warmupTime: 0 },
        async setup() {
          const c = (seed: number, length = channels) => randomNormal(length, seed);
          const weights = randomEpa({ tokens, channels, projected, heads: 4, projection: 'shared', fusion: 'concat' });
          const r = new Recorder();
          const tensors = { x: r.input('x', tokens * channels * 4), out: r.output('y', tokens * channels * 4) };
          const norm = { normWeight: c(1), normBias: c(2), gamma: c(3), epsilon: 1e-5 };
          recordEpaBlock(r, { ...weights, ...norm, positionEmbedding: c(4, tokens * channels), ...tensors });
          program ??= await Program.compile(device as GPUDevice, r);
        },
      },
    );
  }
});
