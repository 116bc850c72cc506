/**
 * Milliseconds and GFLOP/s of the 3x3x3 convolutions of the synapse network, per variant, beside one thread per output
 * (the shape of ONNX Runtime's Conv3DNaive) in the same run.
 *
 *     npx vitest bench --run bench/kernels.bench.ts
 *
 * On a CPU adapter the large grids are cut to a few slices (the plan stays that of the whole grid), and CPU time is
 * printed too: unlike the wall clock it depends little on what else the machine does.
 */
import { bench, describe } from 'vitest';
import { Program, Recorder } from '../src/inference/gpu/program';
import { recordConv3d } from '../src/inference/kernels/conv3d/conv3d';
import { type Conv3dPlan, planConv3d } from '../src/inference/kernels/conv3d/plan';
import { randomNormal } from '../src/testing/allClose';
import { openGpuDevice } from '../src/testing/gpuDevice';
import type { Triple } from '../src/volume/volume';
import { recordNaiveConv3d } from './naiveConv3d';

interface Layer {
  readonly layer: string;
  readonly dims: Triple;
  readonly onCpu: Triple;
  readonly channels: number;
  readonly variants: Readonly<Record<string, Partial<Conv3dPlan>>>;
}

const LAYERS: readonly Layer[] = [
  {
    ...{ layer: 'full resolution', dims: [64, 128, 128], onCpu: [8, 16, 16], channels: 16 },
    variants: {
      '8 voxels x 2 groups': {},
      '4 voxels x 4 groups': { voxels: 4, groups: 4, lanes: 1, threadsXyz: [4, 4, 4] },
    },
  },
  { layer: 'stage 0', dims: [32, 32, 32], onCpu: [4, 16, 16], channels: 32, variants: { chosen: {} } },
  {
    layer: 'stage 1',
    dims: [16, 16, 16],
    onCpu: [4, 8, 8],
    channels: 64,
    variants: { chosen: {} },
  },
  { layer: 'stage 2', dims: [8, 8, 8], onCpu: [4, 4, 8], channels: 128, variants: { chosen: {} } },
  { layer: 'stage 3', dims: [4, 4, 4], onCpu: [4, 4, 4], channels: 256, variants: { chosen: {} } },
];

const device = await openGpuDevice();
const cpuAdapter = device?.adapterInfo.architecture === 'swiftshader' || process.env.ORGANSCOPE_BENCH === 'small';

for (const { layer, dims, onCpu, channels, variants } of LAYERS) {
  const dimsDhw = cpuAdapter ? onCpu : dims;
  const voxels = dimsDhw[0] * dimsDhw[1] * dimsDhw[2];
  const weight = randomNormal(channels * channels * 27, 1);
  describe.skipIf(!device)(`${layer}: ${channels}->${channels} at ${dimsDhw.join('x')}`, () => {
    measure('one thread per output', 1, (r, op) => recordNaiveConv3d(r, op));
    for (const [name, changed] of Object.entries(variants)) {
      const plan = { ...planConv3d(dims, channels / 4, channels / 4, 16), ...changed };
      measure(name, 3, (r, op) => recordConv3d(r, { ...op, label: 'conv', cin: channels, cout: channels, plan }));
    }
  });

  function measure(
    name: string,
    iterations: number,
    record: (r: Recorder, op: Parameters<typeof recordNaiveConv3d>[1]) => unknown,
  ): void {
    let program: Program | undefined;
    let compileMs = 0;
    const runs: { ms: number; cpuMs: number }[] = [];
    bench(
      name,
      async () => {
        const [start, cpu] = [performance.now(), process.cpuUsage()];
        await program?.run(new Map());
        const used = process.cpuUsage(cpu);
        runs.push({ ms: performance.now() - start, cpuMs: (used.user + used.system) / 1000 });
      },
      {
        ...{ iterations, time: 0, warmupIterations: 1, warmupTime: 0 },
        async setup() {
          if (program) return;
          const r = new Recorder();
          const x = r.constant('x', randomNormal(voxels * channels, 2));
          const out = r.output('y', voxels * channels * 4);
          record(r, { x, dimsDhw, channels, weight, out });
          const start = performance.now();
          program = await Program.compile(device as GPUDevice, r);
          compileMs = performance.now() - start;
        },
        teardown(_, mode) {
          if (mode !== 'run') return;
          const median = (key: 'ms' | 'cpuMs') => runs.map((run) => run[key]).sort((a, b) => a - b)[runs.length >> 1];
          const gflop = (54 * voxels * channels * channels) / 1e9;
          const rate = (ms: number) => `${ms.toFixed(1)} ms, ${((1000 * gflop) / ms).toFixed(2)} GFLOP/s`;
          const cpu = cpuAdapter ? `; CPU ${rate(median('cpuMs'))}` : '';
          console.log(
            `${layer} ${channels}->${channels} ${dimsDhw.join('x')}, ${name}: ${rate(median('ms'))}${cpu}; compile ${compileMs.toFixed(0)} ms`,
          );
          program?.[Symbol.dispose]();
        },
      },
    );
  }
}
