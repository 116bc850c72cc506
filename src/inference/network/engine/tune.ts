/**
 * Choosing kernel plans by measuring: the convolutions that take most of a network's time are tried in two to four ways
 * each on the adapter at hand. Which is fastest depends on registers, caches and how uniform buffers are read, and no
 * adapter says so. Measured once per adapter and shape.
 */
import type { Triple } from '../../../volume/grid';
import { softwareAdapterName } from '../../gpu/adapter';
import type { Measurements } from '../../gpu/measurements';
import type { OwnedDevice } from '../../gpu/ownedDevice';
import { Program } from '../../gpu/program';
import { Recorder } from '../../gpu/recorder';
import { timeKernels } from '../../gpu/timing';
import type { AdapterFacts } from '../../protocol';
import { recordConv3d } from '../kernels/conv3d/conv3d';
import {
  type Conv3dPlan,
  candidateConv3dPlans,
  conv3dKey,
  planConv3d,
  SWIFTSHADER_SHARE,
} from '../kernels/conv3d/plan';
import type { Plan } from '../onnx/ops';

/** A convolution's shape, channels last. */
export interface ConvShape {
  readonly dimsDhw: Triple;
  readonly cin: number;
  readonly cout: number;
}

/** Milliseconds of each plan at a shape; null when the adapter turned out too slow to try. */
export type MeasurePlans = (shape: ConvShape, plans: readonly Conv3dPlan[]) => Promise<readonly number[] | null>;

/** By `conv3dKey`; shapes that are absent take the plan chosen by shape alone. */
export type TunedPlans = ReadonlyMap<string, Conv3dPlan>;

/** Shapes with a smaller share of the convolutions' arithmetic are left as they are. */
const HOT_SHARE = 0.05;
const MOST_SHAPES = 4;
/** Time on the GPU for all shapes together. */
const BUDGET_MS = 200;
/** What is tried of a large grid: enough workgroups for a laptop GPU, a few milliseconds there. */
const TRIAL_FLOPS = 1e9;
/** A gain below this is noise, and not worth a shader that nobody else runs. */
const WORTHWHILE = 0.97;

/**
 * Plans for the hot convolutions of a network. Nothing is tried on a software adapter, where it takes longer than it saves;
 * for SwiftShader there is a plan of its own.
 * @param kept remembers what was measured, so that the next network or visit need not
 * @param measure `measurePlans` of the device; tests give their own
 */
export async function tuneConvolutions(
  plan: Plan,
  adapter: AdapterFacts,
  kept: Measurements,
  measure: MeasurePlans,
): Promise<TunedPlans> {
  const tuned = new Map<string, Conv3dPlan>();
  const software = softwareAdapterName(adapter);
  for (const shape of hotShapes(plan)) {
    const key = conv3dKey(shape.dimsDhw, shape.cin, shape.cout);
    if (software) {
      if (software === 'SwiftShader') tuned.set(key, planConv3d(...shapeOf(shape), SWIFTSHADER_SHARE));
      continue;
    }
    const plans = candidateConv3dPlans(...shapeOf(shape));
    const known = await kept.get(key);
    let choice = typeof known === 'number' && known < plans.length ? known : null;
    if (choice === null) {
      const times = await measure(shape, plans);
      if (!times) break;
      choice = fastest(times);
      await kept.set(key, choice);
    }
    tuned.set(key, plans[choice]);
  }
  return tuned;
}

/**
 * Whether four threads should load matrices together (RecorderOptions.shareLoads). SwiftShader, whose subgroups are four
 * threads, fetches every number of every thread by itself: there it more than doubles the speed of convolutions. Graphics
 * cards read what threads share once anyway.
 */
export function sharesLoads(adapter: AdapterFacts, { features }: Pick<GPUDevice, 'features'>): boolean {
  return softwareAdapterName(adapter) === 'SwiftShader' && features.has('subgroups');
}

/** Which variants of kernels run a network fastest on an adapter. */
export interface Variants {
  readonly conv3dPlans?: TunedPlans;
  /** RecorderOptions.shareLoads */
  readonly shareLoads?: boolean;
}

/** The variants for Engine.open. `kept` as in tuneConvolutions. */
export async function chooseVariants(
  plan: Plan,
  adapter: AdapterFacts,
  owned: OwnedDevice,
  kept: Measurements,
): Promise<Variants> {
  const conv3dPlans = await tuneConvolutions(plan, adapter, kept, measurePlans(owned));
  return { conv3dPlans, shareLoads: sharesLoads(adapter, owned.device) };
}

/** What the planners are asked: vec4 of channels in and out, 16 bytes each. */
function shapeOf({ dimsDhw, cin, cout }: ConvShape) {
  return [dimsDhw, Math.ceil(cin / 4), Math.ceil(cout / 4), 16] as const;
}

/** Index of the shortest time, but the first when nothing is clearly shorter. */
export function fastest(times: readonly number[]): number {
  const best = times.indexOf(Math.min(...times));
  return times[best] < WORTHWHILE * times[0] ? best : 0;
}

/** The shapes that matter, largest share first. */
export function hotShapes(plan: Plan): ConvShape[] {
  const work = new Map<string, { shape: ConvShape; flops: number }>();
  let total = 0;
  for (const op of plan.steps) {
    if (op.kind !== 'conv3d') continue;
    const { dhw: dimsDhw, cin, cout } = op;
    const flops = 54 * dimsDhw[0] * dimsDhw[1] * dimsDhw[2] * cin * cout;
    total += flops;
    // A single channel is read as a plane, for which there is one plan.
    if (cin === 1) continue;
    const key = conv3dKey(dimsDhw, cin, cout);
    work.set(key, { shape: { dimsDhw, cin, cout }, flops: flops + (work.get(key)?.flops ?? 0) });
  }
  return [...work.values()]
    .filter(({ flops }) => flops >= HOT_SHARE * total)
    .sort((a, b) => b.flops - a.flops)
    .slice(0, MOST_SHAPES)
    .map(({ shape }) => shape);
}

/** Measures on the device, until the budget is spent. Times of a device that fails are not given. */
export function measurePlans(owned: OwnedDevice, budgetMs = BUDGET_MS): MeasurePlans {
  const { device } = owned;
  let spentMs = 0;
  return async (shape, plans) => {
    if (spentMs > budgetMs) return null;
    const compiling = plans.map((plan) => compileTrial(device, shape, plan));
    try {
      const compiled = await Promise.all(compiling);
      const times: number[] = [];
      for (const program of compiled) {
        // Once to wake the adapter up, then for the clock.
        const startedAt = performance.now();
        await owned.race(program.run(new Map()));
        const { times: measured } = await owned.race(timeKernels(device, program, budgetMs / 10));
        times.push(measured.reduce((sum, { ms }) => sum + ms, 0));
        spentMs += performance.now() - startedAt;
        if (spentMs > 2 * budgetMs) return null;
      }
      await owned.confirm();
      return times;
    } finally {
      // One that does not compile leaves the others to be released.
      for (const trial of await Promise.allSettled(compiling)) {
        if (trial.status === 'fulfilled') trial.value[Symbol.dispose]();
      }
    }
  };
}

/** The convolution alone on a grid of trial size, over zeros: time does not depend on values. */
async function compileTrial(device: GPUDevice, { dimsDhw, cin, cout }: ConvShape, plan: Conv3dPlan): Promise<Program> {
  const r = new Recorder();
  const trialDhw = trialGrid(dimsDhw, 54 * cin * cout);
  const voxels = trialDhw[0] * trialDhw[1] * trialDhw[2];
  const x = r.input('x', voxels * Math.ceil(cin / 4) * 16);
  const out = r.output('y', voxels * Math.ceil(cout / 4) * 16);
  const weight = new Float32Array(cout * cin * 27);
  recordConv3d(r, { label: 'trial', x, dimsDhw: trialDhw, cin, cout, weight, plan, out });
  return Program.compile(device, r);
}

/** Halves depth and height, never below 16, until the grid is small enough: 64 x 128 x 128 at 16 channels -> 32 x 16 x 128. */
export function trialGrid([depth, height, width]: Triple, flopsPerVoxel: number): Triple {
  let [d, h] = [depth, height];
  while (d * h * width * flopsPerVoxel > TRIAL_FLOPS && Math.max(d, h) > 16) {
    if (h >= d) h = Math.ceil(h / 2);
    else d = Math.ceil(d / 2);
  }
  return [d, h, width];
}
