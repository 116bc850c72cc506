/** 3x3x3 convolution, stride 1, zero padding 1, with the norms, residual and activation around it. See conv3d.wgsl. */

import { invariant } from '../../../../core/invariant';
import type { Triple } from '../../../../volume/grid';
import { channelGroups, type Recorder, type TensorId } from '../../../gpu/recorder';
import { Bindings } from '../../../gpu/wgsl';
import { declareFinish, type Epilogue } from '../epilogue';
import { recordStats } from '../norm/norm';
import { declareOperand } from '../norm/normalized';
import { halfOf, type Partials } from '../norm/partials';
import partialsSource from '../norm/partials.wgsl?raw';
import productSource from '../product.wgsl?raw';
import convSource from './conv3d.wgsl?raw';
import { type Conv3dPlan, planConv3d } from './plan';
import reduceSource from './reduce.wgsl?raw';

export interface Conv3dDispatch extends Epilogue {
  readonly label: string;
  /** (D, H, W, cin padded to 4), or planar (cin, D, H, W) with `planarInput`. */
  readonly x: TensorId;
  readonly planarInput?: boolean;
  readonly dimsDhw: Triple;
  readonly cin: number;
  readonly cout: number;
  /** (cout, cin, 3, 3, 3) */
  readonly weight: Float32Array;
  /** x is normalised and passed through leaky ReLU while it is read; the zero padding stays zero. */
  readonly inputNorm?: { readonly scaleShift: TensorId; readonly slope: number };
  /** Also returns norm statistics of the stored values. */
  readonly stats?: boolean;
  /** Where to store the result; a new temporary if absent. */
  readonly out?: TensorId;
  /** Overrides parts of the plan that is chosen by shape: what was measured on the adapter, or is about to be. */
  readonly plan?: Partial<Conv3dPlan>;
}

/** @returns y (D, H, W, cout padded to 4), and the statistics if asked for @throws InternalError when shapes disagree */
export function recordConv3d(r: Recorder, op: Conv3dDispatch): { y: TensorId; stats?: Partials } {
  const { label, dimsDhw, cin, cout, weight } = op;
  const [d, h, w] = dimsDhw;
  const planar = op.planarInput === true;
  invariant(
    weight.length === cout * cin * 27,
    label,
    () => `weight has ${weight.length} values, not ${cout}x${cin}x27.`,
  );
  invariant(!op.bias || op.bias.length === cout, label, () => `bias has ${op.bias?.length} values, not ${cout}.`);
  invariant(!planar || !op.inputNorm, label, () => 'a planar input is read without a norm.');
  const voxels = d * h * w;
  const cout4 = channelGroups(cout);
  const steps = planar ? cin : channelGroups(cin);
  const plan = { ...planConv3d(dimsDhw, steps, cout4, planar ? 4 : 16), ...op.plan };
  const { threadsXyz, voxels: vx, groups, lanes, weights } = plan;
  const [tx, ty, tz] = threadsXyz;
  const threads = tx * ty * tz * lanes;
  const outTiles = Math.ceil(cout4 / (groups * lanes));
  const boxes = [Math.ceil(w / (tx * vx)), Math.ceil(h / ty), Math.ceil(d / tz)];
  const stepsPerSplit = Math.ceil(steps / plan.splits);
  const splits = Math.ceil(steps / stepsPerSplit);
  invariant(weights === 'storage' || outTiles === 1, label, () => 'uniform weights are one tile.');

  const constants = {
    ...{ D: d, H: h, W: w, STEPS: steps, STEPS_PER_SPLIT: stepsPerSplit, COUT4: cout4, OUT_TILES: outTiles },
    ...{
      TX: tx,
      TY: ty,
      TZ: tz,
      VX: vx,
      OG: groups,
      CL: lanes,
      BOX: threads / lanes,
      THREADS: threads,
      HALF: halfOf(threads / lanes),
    },
    ...{ ROW: vx + 2, HX: tx * vx + 2, HY: ty + 2, HZ: tz + 2, BOXES_X: boxes[0], BOXES_Y: boxes[1] },
    ...{ PLANAR: planar, SPLIT: splits > 1, STATS: op.stats === true && splits === 1 },
  };
  const packed = packConv3d(weight, cin, cout, groups * lanes, planar);
  const y = op.out ?? r.activation(label, voxels * cout4);
  // Partial sums stay fp32: they are rounded once, when they are complete.
  const sums = constants.SPLIT ? r.temporary(`${label} sums`, 16 * voxels * cout4 * splits) : y;

  const bindings = new Bindings(r);
  let functions = '';
  if (planar) bindings.add('x', 'read', 'array<f32>', op.x);
  else functions += declareOperand(bindings, 'input', { x: op.x, ...op.inputNorm }, steps, voxels);
  // Lanes read different weights side by side, and four threads need all four.
  const alike = lanes === 1 && threads % 4 === 0;
  bindings.weights('w', planar ? 'vec4f' : 'mat4x4f', weights, `${label} weight`, packed, alike);
  bindings.vec4s('y', 'write', sums);
  let stats: Partials | undefined;
  if (constants.STATS) {
    const workgroups = boxes[0] * boxes[1] * boxes[2];
    stats = { tensor: r.temporary(`${label} statistics`, workgroups * cout4 * 48), workgroups, channels: cout };
    bindings.add('partials', 'write', 'array<vec4f>', stats.tensor);
    functions += partialsSource;
  }
  if (!constants.SPLIT) functions += declareFinish(r, bindings, label, op, cout, voxels);
  r.dispatch(
    {
      label: `${label} conv3d ${cin}->${cout}`,
      code: bindings.shader(functions + productSource + convSource, constants),
      access: bindings.access,
      workgroups: [boxes[0] * boxes[1], boxes[2], outTiles * splits],
      splitAxis: 1,
      flops: 54 * voxels * cin * cout,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
  if (constants.SPLIT) recordReduce(r, op, sums, y, splits);
  if (op.stats && !stats) stats = recordStats(r, { label, x: y, voxels, channels: cout });
  return { y, stats };
}

function recordReduce(r: Recorder, op: Conv3dDispatch, sums: TensorId, y: TensorId, splits: number): void {
  const voxels = op.dimsDhw[0] * op.dimsDhw[1] * op.dimsDhw[2];
  const cout4 = channelGroups(op.cout);
  const constants = { SPLITS: splits, COUT4: cout4, SIZE: voxels * cout4 };
  const bindings = new Bindings(r);
  bindings.vec4s('sums', 'read', sums);
  bindings.vec4s('y', 'write', y);
  const finish = declareFinish(r, bindings, op.label, op, op.cout, voxels);
  r.dispatch(
    {
      label: `${op.label} reduce`,
      code: bindings.shader(finish + reduceSource, constants),
      access: bindings.access,
      workgroups: [Math.ceil(constants.SIZE / 64), 1, 1],
      flops: 4 * splits * constants.SIZE,
      bytes: bindings.bytes,
    },
    bindings.tensors,
  );
}

/**
 * (cout, cin, 27) to [output tile][input step][tap][groups of the tile], each a matrix of 4 input columns by 4 output
 * rows; planar: one input channel per step and no columns. Channels beyond cin and cout are zero.
 */
function packConv3d(
  weight: Float32Array,
  cin: number,
  cout: number,
  tileGroups: number,
  planar: boolean,
): Float32Array<ArrayBuffer> {
  const columns = planar ? 1 : 4;
  const steps = Math.ceil(cin / columns);
  const tiles = Math.ceil(channelGroups(cout) / tileGroups);
  const packed = new Float32Array(tiles * steps * 27 * tileGroups * columns * 4);
  for (let co = 0; co < cout; co++) {
    const group = Math.floor(co / 4);
    const [tile, own] = [Math.floor(group / tileGroups), group % tileGroups];
    for (let ci = 0; ci < cin; ci++) {
      const [step, column] = [Math.floor(ci / columns), ci % columns];
      for (let tap = 0; tap < 27; tap++) {
        const matrix = ((tile * steps + step) * 27 + tap) * tileGroups + own;
        packed[(matrix * columns + column) * 4 + (co % 4)] = weight[(co * cin + ci) * 27 + tap];
      }
    }
  }
  return packed;
}
