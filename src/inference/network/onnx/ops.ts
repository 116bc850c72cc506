/**
 * The steps our kernels can do, as plain data: what `match.ts` finds in an ONNX graph, `plan.ts` orders and the engine
 * lowers. One op is one tensor-to-tensor step together with everything fused around it. Every convolution-like op is
 *
 *     y = act(norm(linear(x) + bias) + residual)
 *
 * with absent parts null. Ops name tensors by their ONNX value names and say nothing of memory layout: a kernel reads
 * and writes volumes channels last; `PlanValue` says which values must also exist as ONNX has them (planar).
 *
 * Weights are Float32Arrays: convolutions in PyTorch order, matrices of EPA as tokens are multiplied by them (tokens @ matrix).
 * They may be views into the model file or shared between ops (equal weights are the same object): read them, never write
 * or transfer them.
 */
import type { Triple } from '../../../volume/grid';

/** The ONNX name of a tensor. */
export type ValueName = string;

/** y = x for x >= 0, slope * x below. ReLU has slope 0. */
export interface LeakyRelu {
  readonly slope: number;
}

/**
 * (x - mean) / sqrt(variance + epsilon) * gamma + beta with mean and biased variance over the voxels of each group of
 * channels. groups = channels is instance norm. BatchNorm never appears: it is folded into weight and bias.
 */
export interface Norm {
  readonly groups: number;
  readonly epsilon: number;
  /** (channels); null when all 1. */
  readonly gamma: Float32Array | null;
  /** (channels); null when all 0. */
  readonly beta: Float32Array | null;
}

interface OpBase {
  /** Where it is in the network, e.g. 'decoder2.decoder_block.0.conv1': for labels and the plan table. */
  readonly name: string;
  /** (1, cin, ...inDhw), or (1, N, C) for `epa`. */
  readonly x: ValueName;
  readonly y: ValueName;
  /** Names of the ONNX nodes this op replaces, in graph order. */
  readonly nodes: readonly string[];
}

/** 3 x 3 x 3 convolution, stride 1, zero padding 1. */
export interface Conv3dOp extends OpBase {
  readonly kind: 'conv3d';
  readonly cin: number;
  readonly cout: number;
  readonly dhw: Triple;
  /** (cout, cin, 3, 3, 3) */
  readonly weight: Float32Array;
  /** (cout) */
  readonly bias: Float32Array | null;
  readonly norm: Norm | null;
  /** Added after the norm and before the activation; shaped like y. */
  readonly residual: ValueName | null;
  readonly act: LeakyRelu | null;
}

/** 1 x 1 x 1 convolution. The last one of a segmentation network gives the logits. */
export interface PointwiseOp extends OpBase {
  readonly kind: 'pointwise';
  readonly cin: number;
  readonly cout: number;
  readonly dhw: Triple;
  /** (cout, cin) */
  readonly weight: Float32Array;
  /** (cout) */
  readonly bias: Float32Array | null;
  readonly norm: Norm | null;
  readonly residual: ValueName | null;
  readonly act: LeakyRelu | null;
  /** Softmax over channels after everything else. Only fused when MatchOptions.softmax allows it. */
  readonly softmax: boolean;
}

/** Convolution with kernel = stride and no padding: the stem and the halvings. inDhw = outDhw * kernel exactly. */
export interface PatchConvOp extends OpBase {
  readonly kind: 'patch-conv';
  readonly cin: number;
  readonly cout: number;
  readonly kernel: Triple;
  readonly inDhw: Triple;
  readonly outDhw: Triple;
  /** (cout, cin, kD, kH, kW) */
  readonly weight: Float32Array;
  /** (cout) */
  readonly bias: Float32Array | null;
  readonly norm: Norm | null;
  readonly act: LeakyRelu | null;
}

/** Transposed convolution with kernel = stride and no padding, plus an optional skip. outDhw = inDhw * kernel. */
export interface UpsampleOp extends OpBase {
  readonly kind: 'upsample';
  readonly cin: number;
  readonly cout: number;
  readonly kernel: Triple;
  readonly inDhw: Triple;
  readonly outDhw: Triple;
  /** (cin, cout, kD, kH, kW), as in ConvTranspose3d. */
  readonly weight: Float32Array;
  /** (cout) */
  readonly bias: Float32Array | null;
  /** Shaped like y. */
  readonly residual: ValueName | null;
}

/**
 * A norm whose convolution stays with ONNX Runtime: y = act(norm(x)). Taken for its digits: over the million nearly equal
 * values of a full-resolution channel ONNX Runtime's own kernels lose three to five of the seven that fp32 has.
 */
export interface NormOp extends OpBase {
  readonly kind: 'norm';
  readonly channels: number;
  readonly dhw: Triple;
  readonly norm: Norm;
  readonly act: LeakyRelu | null;
}

/**
 * Efficient paired attention over N tokens of C channels, h heads of d = C / h, P projected tokens: the function
 * organscope::EPA, every flavour of it.
 *
 *     q, k, v, s = columns of x @ qkvv, each transposed to (h, d, N)
 *     kP = k @ E + eBias, sP = s @ F + fBias                (h, d, P); keys are projected before they are normalised
 *     q, k = q / |q|, k / |k|                               over tokens, |.| at least 1e-12
 *     channel = softmax((q @ kt) * temperature) @ v         (h, d, N) -> (N, C), channel h * d + i
 *     spatial = softmax((qt @ kP) * temperature2) @ sPt     (h, N, d) -> (d, h, N) -> reshaped to (N, C): the scramble
 *     y = [spatial @ outProj + outProjBias | channel @ outProj2 + outProj2Bias]   or   channel + spatial
 */
export interface EpaWeights {
  readonly heads: number;
  readonly projected: number;
  /** (C, 4 C); columns are role * C + head * d + i with roles q, k, channel value, spatial value. */
  readonly qkvv: Float32Array;
  /** (heads) each: channel scores, spatial scores. */
  readonly temperature: Float32Array;
  readonly temperature2: Float32Array;
  /** (N, P). The same object as `f` where the network shares them. */
  readonly e: Float32Array;
  /** (P); null in the flavour without. */
  readonly eBias: Float32Array | null;
  /** (N, P) */
  readonly f: Float32Array;
  readonly fBias: Float32Array | null;
  /** Half-width output projections; null where channel and spatial are summed ('sum' fusion). */
  readonly output: {
    /** (C, C / 2) and (C / 2), applied to the spatial branch: channels 0 .. C/2 - 1 of y. */
    readonly outProj: Float32Array;
    readonly outProjBias: Float32Array;
    /** (C, C / 2) and (C / 2), applied to the channel branch: channels C/2 .. C - 1 of y. */
    readonly outProj2: Float32Array;
    readonly outProj2Bias: Float32Array;
  } | null;
}

/** One EPA call alone: tokens in, tokens out, (1, N, C) both. */
export interface EpaOp extends OpBase {
  readonly kind: 'epa';
  readonly tokens: number;
  readonly channels: number;
  readonly epa: EpaWeights;
}

/** EPA with all that surrounds it: t = x + posEmbed; y = t + gamma * EPA(layerNorm(t)). Volumes (1, C, ...dhw) both. */
export interface EpaBlockOp extends OpBase {
  readonly kind: 'epa-block';
  readonly dhw: Triple;
  /** D * H * W. */
  readonly tokens: number;
  readonly channels: number;
  /** (N, C) */
  readonly posEmbed: Float32Array;
  readonly layerNorm: {
    readonly epsilon: number;
    /** (C) each. */
    readonly gamma: Float32Array;
    readonly beta: Float32Array;
  };
  readonly epa: EpaWeights;
  /** (C) scale of the attention branch. */
  readonly gamma: Float32Array;
}

/** Everything the engine can be asked to do. Topologically ordered when in a plan. */
export type EngineOp = Conv3dOp | PointwiseOp | PatchConvOp | UpsampleOp | NormOp | EpaOp | EpaBlockOp;

/** How much of a graph our kernels take: nothing, EPA calls and norms ('epa'), or everything they can. */
export type Claims = 'none' | 'epa' | 'all';

export interface MatchOptions {
  readonly claims: Claims;
  /** Fuse a Softmax over channels that follows a pointwise convolution. Default false: it stays with ONNX Runtime. */
  readonly softmax?: boolean;
  /**
   * The engine's veto: why it cannot run this op, or null when it can. A vetoed op is offered again with less fused
   * around it before its nodes are left to ONNX Runtime.
   */
  readonly accept?: (op: EngineOp) => string | null;
}

/** A value of a plan, and where it has to exist. */
export interface PlanValue {
  readonly name: ValueName;
  /** As ONNX has it: (1, C, D, H, W) or (1, N, C); null when unknown (then only segments touch it). */
  readonly dims: readonly number[] | null;
  /** Index of the step that makes it; -1 for an input of the graph. */
  readonly producer: number;
  /** Indices of the steps that read it. */
  readonly readers: readonly number[];
  readonly isOutput: boolean;
  /**
   * 'planar': in ONNX order, for it comes from or goes to a segment or the caller. 'channels-last': as kernels have it,
   * for an op makes or reads it. Both: the engine converts once. A rank-3 (1, N, C) value has the same bytes in both
   * forms when C is a multiple of 4.
   */
  readonly layouts: readonly ('planar' | 'channels-last')[];
}

/** A part of the graph that stays with ONNX Runtime: a model of its own. */
export interface Segment {
  readonly kind: 'segment';
  /** 'segment 0', 'segment 1', ... */
  readonly name: string;
  /** Names of values it reads (not weights) and makes, as its inputs and outputs are called, planar. */
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  /** Names of its ONNX nodes. */
  readonly nodes: readonly string[];
  /** Serialised ModelProto with its own initializers and functions. */
  readonly model: Uint8Array;
}

/** Where every node of a graph goes. `steps` run in order. */
export interface Plan {
  readonly steps: readonly (EngineOp | Segment)[];
  readonly values: ReadonlyMap<ValueName, PlanValue>;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  /** One entry per ONNX node, in graph order; `why` is given for nodes left to ONNX Runtime. */
  readonly nodes: readonly {
    readonly name: string;
    readonly opType: string;
    readonly step: number;
    readonly why: string | null;
  }[];
}
