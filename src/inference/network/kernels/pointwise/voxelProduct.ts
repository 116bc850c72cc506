/** Records a matrix product per voxel; pointwise, patch-conv and upsample say what is read and where results go. */
import type { Recorder, TensorId } from '../../../gpu/recorder';
import type { Bindings } from '../../../gpu/wgsl';
import type { Partials } from '../norm/partials';
import partialsSource from '../norm/partials.wgsl?raw';
import productSource from '../product.wgsl?raw';
import voxelProductSource from './voxelProduct.wgsl?raw';

export interface VoxelProductPlan {
  /** Voxels and vec4 of outputs per thread. */
  readonly voxels: number;
  readonly groups: number;
}

export interface VoxelProduct {
  readonly label: string;
  /** Vectors, and their elements: in vec4 steps, or one by one if `scalar`. */
  readonly voxels: number;
  readonly depth: number;
  readonly scalar: boolean;
  /** Outputs come in blocks of `cout` channels (one per tap of an upsampling, else one); blocks never share a tile. */
  readonly blocks: number;
  readonly cout: number;
  /** The weight of input element k for output channel co of a block. */
  readonly weight: (block: number, co: number, k: number) => number;
  /** WGSL of start(), operand() and store(), with their bindings, which `w` and `partials` join. */
  readonly functions: string;
  readonly bindings: Bindings;
  readonly constants: Readonly<Record<string, number | boolean>>;
  readonly plan: VoxelProductPlan;
  readonly stats?: boolean;
}

const THREADS = 64;
const UNIFORM_BYTES = 65536;
/** Workgroups that occupy a laptop GPU (10 to 40 cores). */
const ENOUGH_WORKGROUPS = 128;

/**
 * 4 x 4 while that leaves enough workgroups: inputs and weights are both read once for four uses. Then fewer voxels, which
 * costs weight reads, then fewer outputs, which costs input reads.
 */
export function planVoxelProduct(voxels: number, blocks: number, cout: number): VoxelProductPlan {
  const cout4 = Math.ceil(cout / 4);
  // The tile size up to 4 that pads least: 5 groups -> 3 + 2, not 4 + 1.
  const whole = Math.ceil(cout4 / Math.ceil(cout4 / 4));
  const candidates: VoxelProductPlan[] = [
    ...[4, 2, 1].map((v) => ({ voxels: v, groups: whole })),
    ...[2, 1].filter((g) => g < whole).map((g) => ({ voxels: 1, groups: g })),
  ];
  const workgroups = (p: VoxelProductPlan) =>
    Math.ceil(voxels / (THREADS * p.voxels)) * blocks * Math.ceil(cout4 / p.groups);
  return candidates.find((p) => workgroups(p) >= ENOUGH_WORKGROUPS) ?? (candidates.at(-1) as VoxelProductPlan);
}

/** Tiles of one block: store() gets the tile counted over all blocks. */
export function tilesPerBlock(cout: number, plan: VoxelProductPlan): number {
  return Math.ceil(Math.ceil(cout / 4) / plan.groups);
}

/** Appends the dispatch. @returns the statistics if asked for */
export function recordVoxelProduct(r: Recorder, product: VoxelProduct): Partials | undefined {
  const { label, voxels, depth, scalar, blocks, cout, bindings, plan } = product;
  const steps = scalar ? depth : Math.ceil(depth / 4);
  const cout4 = Math.ceil(cout / 4);
  const chunks = Math.ceil(voxels / (THREADS * plan.voxels));
  const constants = {
    ...product.constants,
    ...{ VOXELS: voxels, STEPS: steps, VX: plan.voxels, OG: plan.groups, COUT4: cout4 },
    ...{ THREADS, BOX: THREADS, HALF: THREADS / 2, SCALAR: scalar, STATS: product.stats === true },
  };
  const packed = packProduct(product, steps);
  const where = packed.byteLength <= UNIFORM_BYTES ? 'uniform' : 'storage';
  bindings.weights('w', scalar ? 'vec4f' : 'mat4x4f', where, `${label} weight`, packed);
  let functions = product.functions;
  let stats: Partials | undefined;
  if (product.stats) {
    const tensor: TensorId = r.temporary(`${label} statistics`, chunks * cout4 * 48);
    bindings.add('partials', 'write', 'array<vec4f>', tensor);
    stats = { tensor, workgroups: chunks, channels: cout };
    functions += partialsSource;
  }
  r.dispatch(
    {
      label,
      code: bindings.shader(functions + productSource + voxelProductSource, constants),
      access: bindings.access,
      workgroups: [blocks * tilesPerBlock(cout, plan), chunks, 1],
      splitAxis: 1,
      flops: 2 * voxels * depth * blocks * cout,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  return stats;
}

/** [tile][step][group], each four columns (one if scalar) of four outputs; what depth and cout do not fill is zero. */
function packProduct({ depth, scalar, blocks, cout, weight, plan }: VoxelProduct, steps: number) {
  const columns = scalar ? 1 : 4;
  const tiles = tilesPerBlock(cout, plan);
  const packed = new Float32Array(blocks * tiles * steps * plan.groups * columns * 4);
  for (let block = 0; block < blocks; block++) {
    for (let co = 0; co < cout; co++) {
      const group = Math.floor(co / 4);
      const tile = block * tiles + Math.floor(group / plan.groups);
      for (let k = 0; k < depth; k++) {
        const matrix = (tile * steps + Math.floor(k / columns)) * plan.groups + (group % plan.groups);
        packed[(matrix * columns + (k % columns)) * 4 + (co % 4)] = weight(block, co, k);
      }
    }
  }
  return packed;
}
