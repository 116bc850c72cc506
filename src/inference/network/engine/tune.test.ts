import { describe, expect, it } from 'vitest';
import { measurementsInMemory } from '../../gpu/measurements';
import type { AdapterFacts } from '../../protocol';
import { candidateConv3dPlans } from '../kernels/conv3d/plan';
import type { Conv3dOp, Plan } from '../onnx/ops';
import { fastest, hotShapes, type MeasurePlans, sharesLoads, trialGrid, tuneConvolutions } from './tune';

const adapter: AdapterFacts = {
  ...{ vendor: 'apple', architecture: 'metal-3', device: '', description: '' },
  isFallbackAdapter: false,
};

const conv = (dhw: Conv3dOp['dhw'], cin: number, cout = cin): Conv3dOp => ({
  ...{ kind: 'conv3d', name: 'c', x: 'x', y: 'y', nodes: [], dhw, cin, cout },
  ...{ weight: new Float32Array(), bias: null, norm: null, residual: null, act: null },
});

// The synapse network in small: one shape dominates, one is a plane, one does not matter.
const steps = [conv([64, 128, 128], 1, 16), conv([64, 128, 128], 16), conv([32, 32, 32], 32), conv([4, 4, 4], 16)];
const plan = { steps: [...steps, ...steps], values: new Map(), inputs: [], outputs: [], nodes: [] } as Plan;

/** Says that the last candidate is fastest, and remembers what it was asked. */
function measuring() {
  const asked: string[] = [];
  const measure: MeasurePlans = async ({ dimsDhw, cin }, plans) => {
    asked.push(`${dimsDhw.join('x')} ${cin}`);
    return plans.map((_, i) => plans.length - i);
  };
  return { asked, measure };
}

describe('tuning convolutions', () => {
  it('tries the shapes that take most of the time, largest first', () => {
    expect(hotShapes(plan).map(({ dimsDhw, cin }) => [dimsDhw[0], cin])).toEqual([
      [64, 16],
      [32, 32],
    ]);
  });

  it('takes the fastest plan, and measures a shape once per adapter', async () => {
    const kept = measurementsInMemory();
    const first = measuring();
    const tuned = await tuneConvolutions(plan, adapter, kept, first.measure);
    expect(first.asked).toEqual(['64x128x128 16', '32x32x32 32']);
    expect([...tuned.keys()]).toEqual(['64x128x128 16->16', '32x32x32 32->32']);
    expect(tuned.get('32x32x32 32->32')).toEqual(candidateConv3dPlans([32, 32, 32], 8, 8, 16).at(-1));
    const again = measuring();
    expect(await tuneConvolutions(plan, adapter, kept, again.measure)).toEqual(tuned);
    expect(again.asked).toEqual([]);
  });

  it('leaves shapes to their static plan once the time is spent', async () => {
    const kept = measurementsInMemory();
    const tuned = await tuneConvolutions(plan, adapter, kept, async ({ cin }) => (cin === 16 ? [2, 1, 2, 2] : null));
    expect([...tuned.keys()]).toEqual(['64x128x128 16->16']);
    expect(await kept.get('32x32x32 32->32')).toBeUndefined();
  });

  it('tries nothing on a software adapter, and has a plan of its own for SwiftShader', async () => {
    const { asked, measure } = measuring();
    const on = (architecture: string) =>
      tuneConvolutions(plan, { ...adapter, architecture }, measurementsInMemory(), measure);
    expect((await on('swiftshader')).get('32x32x32 32->32')).toMatchObject({ voxels: 16, groups: 4, lanes: 1 });
    expect(await on('llvmpipe')).toEqual(new Map());
    expect(asked).toEqual([]);
  });

  it('lets threads share loads on SwiftShader only, and only where it has subgroups', () => {
    const on = (architecture: string, ...features: GPUFeatureName[]) =>
      sharesLoads({ ...adapter, architecture }, { features: new Set(features) });
    expect(on('swiftshader', 'subgroups')).toBe(true);
    expect(on('swiftshader', 'timestamp-query')).toBe(false);
    expect(on('llvmpipe', 'subgroups')).toBe(false);
    expect(on('metal-3', 'subgroups')).toBe(false);
  });

  it('keeps the static plan unless another is clearly faster', () => {
    expect(fastest([10, 9.8, 11])).toBe(0);
    expect(fastest([10, 9.5, 9])).toBe(2);
  });

  it('tries large grids in part', () => {
    expect(trialGrid([64, 128, 128], 54 * 256)).toEqual([32, 16, 128]);
    expect(trialGrid([8, 8, 8], 54 * 128 * 128)).toEqual([8, 8, 8]);
  });
});
