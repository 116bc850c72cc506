/** Whether a network is one that model.json describes and Organscope can run; asked before anything is compiled. */
import { ModelError } from '../../core/errors';
import { type Manifest, outputChannels } from '../../models/manifest';
import type { Model, Node, ValueInfo } from '../network/onnx/onnx';
import { FLOAT } from '../network/onnx/onnx';

/** Operator sets that ONNX Runtime's browser builds know. '' is ONNX's own. */
const KNOWN_DOMAINS = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft']);

/** The parts of the manifest that the network must agree with. */
export type NetworkManifest = Pick<Manifest, 'channels' | 'labels' | 'output' | 'patchDhw'>;

/**
 * @throws ModelError('operator-unsupported') naming the operators; ModelError('network-shape') with the shape the network has
 *   and the one model.json promises
 */
export function checkGraph(model: Model, manifest: NetworkManifest): void {
  checkOperators(model);
  const { inputs, outputs } = model.graph;
  if (inputs.length !== 1) {
    const names = inputs.map(({ name }) => name).join(', ') || 'none';
    throw new ModelError(
      'network-shape',
      `The network has ${inputs.length} inputs (${names}); Organscope feeds one, of shape [1, channels, D, H, W]. Export it with a single input.`,
    );
  }
  const { channels, labels, output, patchDhw } = manifest;
  const classes = outputChannels(manifest);
  const meaning = output.activation === 'softmax' ? `${labels.length} labels` : `${classes} regions`;
  checkShape('input', inputs[0], [1, channels.length, ...patchDhw], `${channels.length} channels and patchDhw`);
  checkShape('output', outputs[0], [1, classes, ...patchDhw], `${meaning} and patchDhw`);
}

function checkOperators({ graph, functions }: Model): void {
  const own = new Set(functions.map(({ domain, name }) => `${domain}::${name}`));
  const isUnknown = ({ domain, opType }: Node) => !KNOWN_DOMAINS.has(domain) && !own.has(`${domain}::${opType}`);
  const nodes = [graph.nodes, ...functions.map((fn) => fn.nodes)].flat();
  const unknown = [...new Set(nodes.filter(isUnknown).map(({ domain, opType }) => `${domain}::${opType}`))];
  if (unknown.length === 0) return;
  throw new ModelError(
    'operator-unsupported',
    `The network uses ${unknown.length === 1 ? 'the operator' : 'the operators'} ${unknown.join(', ')}, which ${unknown.length === 1 ? 'is' : 'are'} not part of ONNX and not defined in the file. Export it with standard operators.`,
  );
}

/** Sizes that the file leaves open fit everything. */
function checkShape(what: string, value: ValueInfo, expected: readonly number[], source: string): void {
  if (value.dataType !== 0 && value.dataType !== FLOAT) {
    throw new ModelError(
      'network-shape',
      `The network's ${what} "${value.name}" has ONNX element type ${value.dataType}; Organscope needs float32 (1). Export it with float32 input and output; the weights may be float16.`,
    );
  }
  const { dims } = value;
  if (!dims) return;
  if (dims.length === expected.length && dims.every((size, i) => size === null || size === expected[i])) return;
  const shape = dims.map((size) => size ?? '?').join(', ');
  throw new ModelError(
    'network-shape',
    `The network's ${what} "${value.name}" is [${shape}], but model.json (${source}) promises [${expected.join(', ')}]. Correct model.json or export the model again.`,
  );
}
