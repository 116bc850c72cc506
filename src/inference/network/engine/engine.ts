/**
 * Runs a planned graph on one GPU device: our programs and ONNX Runtime's segments in turns, values handed over as
 * buffers. Nothing but the input and the output crosses to the CPU.
 */

import { InternalError } from '../../../core/errors';
import { message } from '../../../core/messages';
import { releaseAfter, releaseAll } from '../../../core/release';
import { allocated, requireTensorsFit } from '../../gpu/gpuMemory';
import type { OwnedDevice } from '../../gpu/ownedDevice';
import { Program, programBytes } from '../../gpu/program';
import { readBuffer } from '../../gpu/readback';
import { Recorder, type RecorderOptions, type TensorId } from '../../gpu/recorder';
import type { Storage } from '../../gpu/storage';
import type { EngineOp, Plan, PlanValue, Segment, ValueName } from '../onnx/ops';
import { canStoreChannelsLast, type LoweringOptions, recordOps } from './lower';
import type { Variants } from './tune';
import { channelsLastBytes, planarBytes } from './values';

/** A segment of the graph on ONNX Runtime, on the engine's device. */
export interface SegmentSession {
  /**
   * Submits one run; the outputs may be read by anything submitted to the queue afterwards.
   * @param inputs planar fp32, by value name
   */
  run(inputs: ReadonlyMap<ValueName, GPUBuffer>): Promise<ReadonlyMap<ValueName, GPUBuffer>>;
  /** Lets the outputs of the last run be overwritten. */
  releaseOutputs(): void;
  dispose(): Promise<void>;
}

export type OpenSegment = (segment: Segment, plan: Plan) => Promise<SegmentSession>;

type Stage =
  | { readonly kind: 'program'; readonly program: Program; readonly inputs: Values; readonly outputs: Values }
  | { readonly kind: 'segment'; readonly session: SegmentSession; readonly segment: Segment };

type Values = ReadonlyMap<ValueName, TensorId>;

/** Consecutive claimed ops form one program: one compute pass, one memory plan. */
export function groupSteps(plan: Plan): (readonly EngineOp[] | Segment)[] {
  const groups: (EngineOp[] | Segment)[] = [];
  for (const step of plan.steps) {
    const last = groups.at(-1);
    if (step.kind === 'segment') groups.push(step);
    else if (Array.isArray(last)) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

export interface EngineOptions {
  /** Shaders compiled, and how many there are. */
  readonly onProgress?: (done: number, total: number) => void;
  /**
   * 'channels-last': the output is (D, H, W, C padded to a multiple of 4) where a kernel can store it so; else, and by
   * default, planar.
   */
  readonly output?: 'planar' | 'channels-last';
  /** Of what is large between kernels and of large weights; input, output and arithmetic are fp32 either way. */
  readonly storage?: Storage;
  /** Which variants of kernels suit the device (tune.ts); absent: those that run anywhere. */
  readonly variants?: Variants;
  /** As RecorderOptions has it. */
  readonly smallBytes?: number;
  /** As CompileOptions has it. */
  readonly gflops?: number;
}

export class Engine {
  private constructor(
    private readonly owned: OwnedDevice,
    private readonly plan: Plan,
    private readonly stages: readonly Stage[],
    /** The graph's only input as ONNX has it, planar fp32: filled by the caller before `submit`. */
    readonly input: GPUBuffer,
    /** How the output is stored. */
    readonly logitsLayout: 'planar' | 'channels-last',
  ) {}

  /**
   * Compiles every program and opens every segment. Leaves nothing behind on the device when it fails.
   * @throws UnsupportedDeviceError('gpu-limit' | 'gpu-memory'), the former before anything is allocated; why the device
   *   failed; what compiling and opening throw
   */
  static async open(
    owned: OwnedDevice,
    plan: Plan,
    openSegment: OpenSegment,
    { onProgress, output = 'planar', storage = 'fp32', variants, smallBytes, gflops }: EngineOptions = {},
  ): Promise<Engine> {
    const { device } = owned;
    const groups = groupSteps(plan);
    const { shareLoads } = variants ?? {};
    const options = { shareLoads, smallBytes, storage, shaderF16: device.features.has('shader-f16') };
    const channelsLast = output === 'channels-last' && canStoreChannelsLast(plan, plan.outputs[0]);
    const recorded = groups.map((group, index) =>
      Array.isArray(group)
        ? record(plan, groups, index, options, { channelsLast, conv3dPlans: variants?.conv3dPlans })
        : null,
    );
    const inputBytes = Math.ceil(planarBytes(planValue(plan, plan.inputs[0])) / 16) * 16;
    let neededBytes = inputBytes;
    for (const r of recorded) {
      if (!r) continue;
      requireTensorsFit(r.recorder, device.limits);
      neededBytes += programBytes(r.recorder);
    }
    const totals = recorded.map((r) => new Set(r?.recorder.steps.map((s) => s.kernel.code)).size);
    const total = totals.reduce((a, b) => a + b, 0);
    const done = totals.map(() => 0);
    const stages: Stage[] = [];
    const openAll = async (): Promise<Engine> => {
      for (const [index, group] of groups.entries()) {
        const r = recorded[index];
        if (r) {
          const compiled = (n: number) => {
            done[index] = n;
            onProgress?.(
              done.reduce((a, b) => a + b, 0),
              total,
            );
          };
          const program = await Program.compile(device, r.recorder, { onProgress: compiled, neededBytes, gflops });
          stages.push({ kind: 'program', program, inputs: r.inputs, outputs: r.outputs });
        } else {
          const segment = group as Segment;
          stages.push({ kind: 'segment', segment, session: await openSegment(segment, plan) });
        }
        owned.check();
      }
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
      const input = await allocated(device, message('the-network'), neededBytes, () =>
        device.createBuffer({ label: plan.inputs[0], size: inputBytes, usage }),
      );
      return new Engine(owned, plan, stages, input, channelsLast ? 'channels-last' : 'planar');
    };
    return openAll().catch(async (error) => {
      throw await releaseAfter(error, stages.map(disposing));
    });
  }

  /** GPU bytes of our programs; ONNX Runtime's segments are not counted. */
  get bytesAllocated(): number {
    return this.programs.reduce((sum, program) => sum + program.bytesAllocated, this.input.size);
  }

  get usesOnnxRuntime(): boolean {
    return this.stages.some((stage) => stage.kind === 'segment');
  }

  get programs(): readonly Program[] {
    return this.stages.flatMap((stage) => (stage.kind === 'program' ? [stage.program] : []));
  }

  /**
   * Submits one window: whatever `input` holds by then.
   * @returns the graph's only output; valid for what is submitted before `release`
   */
  async submit(): Promise<GPUBuffer> {
    const values = new Map<ValueName, GPUBuffer>([[this.plan.inputs[0], this.input]]);
    for (const stage of this.stages) {
      if (stage.kind === 'program') this.runProgram(stage, values);
      else {
        const inputs = new Map(stage.segment.inputs.map((name) => [name, values.get(name) as GPUBuffer]));
        const outputs = await this.owned.race(stage.session.run(inputs));
        for (const [name, buffer] of outputs) values.set(name, buffer);
      }
    }
    return values.get(this.plan.outputs[0]) as GPUBuffer;
  }

  /** Lets the output of the last `submit` be overwritten. */
  release(): void {
    for (const stage of this.stages) if (stage.kind === 'segment') stage.session.releaseOutputs();
  }

  /**
   * One window there and back: for tests and benchmarks.
   * @param input planar fp32
   * @returns the output as it is stored (`logitsLayout`), fp32
   * @throws why the device failed, and with it whatever it computed
   */
  async run(input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>> {
    try {
      this.owned.device.queue.writeBuffer(this.input, 0, input.buffer, input.byteOffset, input.byteLength);
      const output = await this.submit();
      const value = planValue(this.plan, this.plan.outputs[0]);
      const bytes = this.logitsLayout === 'planar' ? planarBytes(value) : channelsLastBytes(value);
      return new Float32Array(await readBuffer(this.owned.device, output, bytes, this.owned));
    } finally {
      this.release();
    }
  }

  dispose(): Promise<void> {
    return releaseAll([...this.stages.map(disposing), () => this.input.destroy()]);
  }

  private runProgram(
    { program, inputs, outputs }: Extract<Stage, { kind: 'program' }>,
    values: Map<ValueName, GPUBuffer>,
  ) {
    program.submit((encoder) => {
      for (const [name, id] of inputs) {
        const to = program.buffer(id);
        encoder.copyBufferToBuffer(values.get(name) as GPUBuffer, 0, to, 0, to.size);
      }
    });
    for (const [name, id] of outputs) values.set(name, program.buffer(id));
  }
}

const disposing = (stage: Stage) => (): unknown =>
  stage.kind === 'program' ? stage.program[Symbol.dispose]() : stage.session.dispose();

/** Records one group; what it shares with other groups becomes planar inputs and outputs. */
/** Records group `index` of a plan, without a device. */
export function record(
  plan: Plan,
  groups: readonly (readonly EngineOp[] | Segment)[],
  index: number,
  options: RecorderOptions,
  lowering: Pick<LoweringOptions, 'channelsLast' | 'conv3dPlans'>,
) {
  const ops = groups[index] as readonly EngineOp[];
  const recorder = new Recorder(options);
  const made = new Set(ops.map((op) => op.y));
  const own = new Set(ops.map((op) => plan.steps.indexOf(op)));
  const inputs = new Map<ValueName, TensorId>();
  const outputs = new Map<ValueName, TensorId>();
  for (const op of ops) {
    for (const name of [op.x, 'residual' in op ? op.residual : null]) {
      if (name === null || made.has(name) || inputs.has(name)) continue;
      inputs.set(name, recorder.input(name, planarBytes(planValue(plan, name))));
    }
    const value = planValue(plan, op.y);
    if (value.isOutput || value.readers.some((step) => !own.has(step))) {
      const bytes = value.isOutput && lowering.channelsLast ? channelsLastBytes(value) : planarBytes(value);
      outputs.set(op.y, recorder.output(op.y, bytes));
    }
  }
  recordOps(recorder, plan, ops, { inputs, outputs, ...lowering });
  return { recorder, inputs, outputs };
}

function planValue(plan: Plan, name: ValueName): PlanValue {
  const value = plan.values.get(name);
  if (!value) throw new InternalError('invariant', { what: `The plan has no value ${name}.` });
  return value;
}
