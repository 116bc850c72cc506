/**
 * Lowers claimed ops onto kernels. Norms are lazy: a convolution stores its raw sums with their statistics, and whoever
 * reads the value applies the norm, residual and activation on the way (NormalizedTensor). A value is only finished in
 * memory when a reader cannot do that.
 */
import { InternalError } from '../../../core/errors';
import type { Recorder, TensorId } from '../../gpu/recorder';
import { recordConv3d } from '../kernels/conv3d/conv3d';
import { conv3dKey } from '../kernels/conv3d/plan';
import { recordEpa, recordEpaBlock } from '../kernels/epa/epa';
import { recordToChannelsLast, recordToPlanar } from '../kernels/layout/layout';
import { recordApplyNorm, recordNormFinalize, recordStats } from '../kernels/norm/norm';
import type { NormalizedTensor } from '../kernels/norm/normalized';
import type { Partials } from '../kernels/norm/partials';
import { recordPatchConv } from '../kernels/patch-conv/patchConv';
import { recordPointwise } from '../kernels/pointwise/pointwise';
import { recordUpsample } from '../kernels/upsample/upsample';
import type { EngineOp, Norm, Plan, PlanValue, ValueName } from '../onnx/ops';
import { epaLayer, floats } from './epaLayer';
import type { TunedPlans } from './tune';
import { valueShape } from './values';

/** What is known of a value so far; at least one form is present. */
interface Held {
  readonly channels: number;
  readonly voxels: number;
  /** As ONNX has it. */
  planar?: TensorId;
  /** Channels last, perhaps with a norm to apply on reading. */
  last?: NormalizedTensor;
  /** norm(w * plane): a 1x1x1 convolution of one channel, which only a residual can read without computing it. */
  projected?: { readonly plane: TensorId; readonly scaleShift: TensorId; readonly compute: () => NormalizedTensor };
}

/** Whether the kernel that makes a graph's output can store it channels last, for a reader outside of the graph. */
export function canStoreChannelsLast(plan: Plan, name: ValueName): boolean {
  const value = plan.values.get(name);
  const step = plan.steps[value?.producer ?? -1];
  return step?.kind === 'pointwise' && !step.norm && value?.readers.length === 0;
}

/** What ops are recorded with. */
export interface LoweringOptions {
  /** Planar tensors of values made elsewhere. */
  readonly inputs: ReadonlyMap<ValueName, TensorId>;
  /** Planar tensors to fill, by value. */
  readonly outputs: ReadonlyMap<ValueName, TensorId>;
  /** The graph's output is stored channels last (canStoreChannelsLast). */
  readonly channelsLast?: boolean;
  /** Plans of convolutions measured on the adapter; others take the plan chosen by shape. */
  readonly conv3dPlans?: TunedPlans;
}

/** Records ops in order. */
export function recordOps(r: Recorder, plan: Plan, ops: readonly EngineOp[], options: LoweringOptions): void {
  new Lowering(r, plan, options).run(ops);
}

class Lowering {
  private readonly held = new Map<ValueName, Held>();
  private readonly written = new Set<ValueName>();

  constructor(
    private readonly r: Recorder,
    private readonly plan: Plan,
    private readonly options: LoweringOptions,
  ) {
    for (const [name, planar] of options.inputs) {
      const value = this.value(name);
      // Tokens (1, N, C) are channels last as they are.
      const isTokens = value.dims?.length === 3 && value.dims[2] % 4 === 0;
      this.held.set(name, { ...valueShape(value), planar, last: isTokens ? { x: planar } : undefined });
    }
  }

  run(ops: readonly EngineOp[]): void {
    for (const op of ops) this.lower(op);
    for (const [name, out] of this.options.outputs) {
      if (this.written.has(name)) continue;
      const { channels, voxels } = this.get(name);
      recordToPlanar(this.r, { label: name, x: this.operand(name), voxels, channels, out });
    }
  }

  private lower(op: EngineOp): void {
    const { r } = this;
    const label = op.name;
    switch (op.kind) {
      case 'conv3d': {
        const dims = { label, dimsDhw: op.dhw, cin: op.cin, cout: op.cout, weight: op.weight };
        const input = this.convInput(op.x);
        // A plane of scalars is read by a plan of its own.
        const key = conv3dKey(op.dhw, op.cin, op.cout);
        const tuned = 'planarInput' in input ? undefined : this.options.conv3dPlans?.get(key);
        const { y, stats } = recordConv3d(r, {
          ...dims,
          ...input,
          ...this.epilogue(op),
          plan: tuned,
          stats: op.norm !== null,
        });
        this.keep(op, op.cout, y, stats);
        break;
      }
      case 'pointwise': {
        const voxels = op.dhw[0] * op.dhw[1] * op.dhw[2];
        const x = this.get(op.x);
        const isPlane = op.cin === 1 && x.planar !== undefined;
        const compute = () => {
          const weights = { label, voxels, cin: op.cin, cout: op.cout, weight: op.weight };
          return recordPointwise(r, {
            ...weights,
            x: this.operand(op.x),
            ...this.epilogue(op),
            stats: op.norm !== null,
          });
        };
        if (isPlane && op.norm && !op.bias && !op.residual && !op.act && op.norm.groups === op.cout) {
          const partials = recordStats(r, { label, x: x.planar as TensorId, planar: true, voxels, channels: 1 });
          const scaleShift = this.finalize(label, op.norm, partials, op.weight);
          const later = () => {
            const { y, stats } = compute();
            return { x: y, scaleShift: this.finalize(label, op.norm as Norm, stats as Partials) };
          };
          this.held.set(op.y, {
            channels: op.cout,
            voxels,
            projected: { plane: x.planar as TensorId, scaleShift, compute: later },
          });
          break;
        }
        const out = this.options.outputs.get(op.y);
        if (out !== undefined && !op.norm && this.isOnlyOutput(op.y)) {
          const weights = { label, voxels, cin: op.cin, cout: op.cout, weight: op.weight };
          const planarOutput = !(this.options.channelsLast && this.value(op.y).isOutput);
          recordPointwise(r, { ...weights, x: this.operand(op.x), ...this.epilogue(op), planarOutput, out });
          this.written.add(op.y);
          break;
        }
        const { y, stats } = compute();
        this.keep(op, op.cout, y, stats);
        break;
      }
      case 'patch-conv': {
        const x = this.get(op.x);
        const dims = { label, dimsDhw: op.inDhw, kernel: op.kernel, cin: op.cin, cout: op.cout, weight: op.weight };
        const input = x.planar !== undefined ? { x: x.planar, planarInput: true } : { x: this.finished(op.x) };
        const { y, stats } = recordPatchConv(r, { ...dims, ...input, ...this.epilogue(op), stats: op.norm !== null });
        this.keep(op, op.cout, y, stats);
        break;
      }
      case 'upsample': {
        const dims = { label, dimsDhw: op.inDhw, kernel: op.kernel, cin: op.cin, cout: op.cout, weight: op.weight };
        const y = recordUpsample(r, {
          ...dims,
          x: this.operand(op.x),
          bias: op.bias ?? undefined,
          skip: op.residual ? this.operand(op.residual) : undefined,
        });
        this.keep({ ...op, norm: null }, op.cout, y);
        break;
      }
      case 'norm': {
        const { planar, last } = this.get(op.x);
        const { channels, voxels } = valueShape(this.value(op.x));
        if (planar !== undefined && !last && this.isOnlyOutput(op.y)) {
          // From ONNX Runtime and back to it: no detour over channels last.
          const partials = recordStats(r, { label, x: planar, planar: true, voxels, channels });
          const scaleShift = this.finalize(label, op.norm, partials);
          const normalized = { x: planar, planarChannels: channels, scaleShift, slope: op.act?.slope };
          this.held.set(op.y, { channels, voxels, last: normalized });
          break;
        }
        const x = this.finished(op.x);
        this.keep(op, channels, x, recordStats(r, { label, x, voxels, channels }));
        break;
      }
      case 'epa-block': {
        const y = recordEpaBlock(r, {
          ...epaLayer(op.epa, label, op.tokens, op.channels),
          x: this.operand(op.x),
          positionEmbedding: floats(op.posEmbed),
          normWeight: floats(op.layerNorm.gamma),
          normBias: floats(op.layerNorm.beta),
          epsilon: op.layerNorm.epsilon,
          gamma: floats(op.gamma),
        });
        this.held.set(op.y, { channels: op.channels, voxels: op.tokens, last: { x: y } });
        break;
      }
      case 'epa': {
        const out = this.options.outputs.get(op.y);
        const weights = epaLayer(op.epa, label, op.tokens, op.channels);
        const y = recordEpa(r, { ...weights, x: this.finished(op.x), out });
        if (out !== undefined) this.written.add(op.y);
        this.held.set(op.y, { channels: op.channels, voxels: op.tokens, last: { x: y } });
        break;
      }
      default:
        op satisfies never;
    }
  }

  /** What a convolution does on store: everything, unless a norm has to wait for its statistics. */
  private epilogue(op: {
    bias: Float32Array | null;
    norm: Norm | null;
    residual?: ValueName | null;
    act?: { slope: number } | null;
  }) {
    const bias = op.bias ?? undefined;
    if (op.norm) return { bias };
    return {
      bias,
      residual: op.residual ? this.operand(op.residual) : undefined,
      activation: op.act ?? undefined,
    };
  }

  /** Files the result of a convolution; with a norm it stays raw, and readers apply norm, residual and activation. */
  private keep(
    op: { name: string; y: ValueName; norm: Norm | null; residual?: ValueName | null; act?: { slope: number } | null },
    channels: number,
    x: TensorId,
    stats?: Partials,
  ): void {
    const { voxels } = valueShape(this.value(op.y));
    const { norm } = op;
    if (!norm) {
      this.held.set(op.y, { channels, voxels, last: { x } });
      return;
    }
    const scaleShift = this.finalize(op.name, norm, stats as Partials);
    const slope = op.act?.slope;
    const residual = op.residual ? this.residual(op.residual) : {};
    this.held.set(op.y, { channels, voxels, last: { x, scaleShift, slope, ...residual } });
  }

  private finalize(label: string, norm: Norm, partials: Partials, projection?: Float32Array): TensorId {
    return recordNormFinalize(this.r, {
      label,
      partials,
      groups: projection ? 1 : norm.groups,
      epsilon: norm.epsilon,
      weight: norm.gamma ?? undefined,
      bias: norm.beta ?? undefined,
      projection,
    });
  }

  /** A value as the residual of a lazy one: at most a norm of its own, no activation. */
  private residual(name: ValueName): Pick<NormalizedTensor, 'residual' | 'residualPlane' | 'residualScaleShift'> {
    const { projected } = this.get(name);
    if (projected) {
      return { residual: projected.plane, residualPlane: true, residualScaleShift: projected.scaleShift };
    }
    const { x, scaleShift, residual, slope, planarChannels } = this.operand(name);
    const isPlain = residual === undefined && slope === undefined && planarChannels === undefined;
    return isPlain ? { residual: x, residualScaleShift: scaleShift } : { residual: this.finished(name) };
  }

  /** Input of a 3x3x3 convolution, which can apply a norm and an activation but no residual. */
  private convInput(name: ValueName) {
    const { planar, last, projected } = this.get(name);
    if (planar !== undefined && !last && !projected) return { x: planar, planarInput: true };
    const { x, scaleShift, residual, slope } = this.operand(name);
    if (residual === undefined && (scaleShift === undefined) === (slope === undefined)) {
      return { x, inputNorm: scaleShift === undefined ? undefined : { scaleShift, slope: slope as number } };
    }
    return { x: this.finished(name) };
  }

  /** Channels last, with what is still to be applied. */
  private operand(name: ValueName): NormalizedTensor {
    const held = this.get(name);
    if (!held.last) {
      const { voxels, channels } = held;
      held.last = held.projected
        ? held.projected.compute()
        : { x: recordToChannelsLast(this.r, { label: name, x: held.planar as TensorId, voxels, channels }) };
    }
    return held.last;
  }

  /** Channels last, complete in memory. */
  private finished(name: ValueName): TensorId {
    const operand = this.operand(name);
    if (Object.entries(operand).every(([key, part]) => key === 'x' || part === undefined)) return operand.x;
    const held = this.get(name);
    const { voxels, channels } = held;
    const { scaleShift, slope } = operand;
    if (scaleShift === undefined) throw new InternalError('invariant', { what: `${name} has a residual but no norm.` });
    const activation = slope === undefined ? undefined : { slope };
    const x = recordApplyNorm(this.r, { label: name, ...operand, scaleShift, activation, voxels, channels });
    held.last = { x };
    return x;
  }

  private isOnlyOutput(name: ValueName): boolean {
    return this.value(name).readers.every((step) => this.plan.steps[step].kind === 'segment');
  }

  private value(name: ValueName): PlanValue {
    const value = this.plan.values.get(name);
    if (!value) throw new InternalError('invariant', { what: `The plan has no value ${name}.` });
    return value;
  }

  private get(name: ValueName): Held {
    const held = this.held.get(name);
    if (!held) throw new InternalError('invariant', { what: `${name} is read before it is made.` });
    return held;
  }
}
