/**
 * The logits of the four published networks on our engine, against PyTorch: the proof that a researcher's checkpoint
 * gives in the browser what it gave at home. `ORGANSCOPE_PARITY=full npm test parity` runs all of them at full size in
 * every way, an hour of a software GPU on two cores; otherwise acdc is of full size, the others keep every layer and
 * width on a smaller grid, with one-voxel and uneven axes at the coarsest stages, and each is run as users get it and in
 * one other way.
 */
import * as ort from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterFacts } from '../src/inference/gpu/adapter';
import { measurementsInMemory } from '../src/inference/gpu/measurements';
import { OwnedDevice } from '../src/inference/gpu/ownedDevice';
import { Engine } from '../src/inference/network/engine/engine';
import { segmentsThroughCpu } from '../src/inference/network/engine/segmentsThroughCpu';
import { whyUnsupported } from '../src/inference/network/engine/supports';
import { chooseVariants } from '../src/inference/network/engine/tune';
import { decodeModel } from '../src/inference/network/onnx/decode';
import { planGraph } from '../src/inference/network/onnx/plan';
import { relativeError } from '../src/testing/allClose';
import { openGpuDevice } from '../src/testing/gpuDevice';
import { makePublishedNetworks, type PublishedNetwork, publishedNetwork } from './publishedNetworks';

ort.env.logLevel = 'error';
ort.env.wasm.numThreads = 2;

const full = process.env.ORGANSCOPE_PARITY === 'full';

/** Relative RMS. PyTorch's own float32 logits are 1.0e-6 to 1.8e-6 from its float64 ones. */
const BAR = 1e-5;
/** With activations and large weights as halves. */
const FP16_BAR = 2e-3;

/** Provider, what it claims, storage and kernels. */
const AS_SERVED = ['wgsl', 'all', 'fp32', 'kernels for this adapter', BAR] as const;
const PORTABLE = ['wgsl', 'all', 'fp32', 'portable kernels', BAR] as const;
const HYBRID = ['hybrid', 'epa', 'fp32', 'portable kernels', BAR] as const;
const HALVES = ['wgsl', 'all', 'fp16', 'kernels for this adapter', FP16_BAR] as const;
const EVERY_WAY = [AS_SERVED, PORTABLE, HYBRID, HALVES];

const NETWORKS: (readonly [name: string, ways: readonly (typeof EVERY_WAY)[number][]])[] = full
  ? ['synapse', 'acdc', 'lung', 'tumor'].map((name) => [name, EVERY_WAY] as const)
  : [
      ['synapse:32x64x64', [AS_SERVED, HALVES]],
      ['acdc', [AS_SERVED, HYBRID]],
      ['lung:8x64x96', [AS_SERVED, PORTABLE]],
      ['tumor:64x32x64', [AS_SERVED, PORTABLE]],
    ];

const device = await openGpuDevice();
afterAll(() => device.destroy());
beforeAll(() => makePublishedNetworks(NETWORKS.map(([name]) => name)));

/** As on a page, what was measured once is known to every later engine. */
const measurements = measurementsInMemory();

describe.each(NETWORKS)('the published network %s', (name, ways) => {
  let network: PublishedNetwork;
  beforeAll(() => {
    network = publishedNetwork(name);
  });

  it.each(ways)(
    'has the logits of PyTorch on %s, claims %s, %s, %s',
    async (provider, claims, storage, kernels, bar) => {
      const plan = planGraph(decodeModel(network.model), { claims, accept: whyUnsupported });
      expect(plan.steps.some((step) => step.kind === 'segment')).toBe(provider === 'hybrid');
      const owned = new OwnedDevice(device);
      const openSegment = segmentsThroughCpu(owned, ort);
      const facts = adapterFacts({ info: device.adapterInfo } as GPUAdapter);
      const variants =
        kernels === 'portable kernels' ? undefined : await chooseVariants(plan, facts, owned, measurements);
      const engine = await Engine.open(owned, plan, openSegment, { storage, variants });
      try {
        const { rms } = relativeError(await engine.run(network.input), network.logits);
        console.log(`${name}, ${provider}, ${storage}, ${kernels}: relative RMS ${rms.toExponential(1)} from PyTorch`);
        expect(rms).toBeLessThanOrEqual(bar);
      } finally {
        await engine.dispose();
      }
    },
  );
});
