/** A plan for people. */
import type { EngineOp, Plan, Segment } from './ops';

const times = (sizes: readonly number[]) => sizes.join('x');

function describe(op: EngineOp): string {
  if (op.kind === 'epa' || op.kind === 'epa-block') {
    const { heads, projected, eBias, output, e, f } = op.epa;
    const flavour = `${eBias ? (e === f ? 'shared' : 'separate') : 'plain'} ${output ? 'concat' : 'sum'}`;
    return `${op.tokens} tokens x ${op.channels}, ${heads} heads, ${projected} projected, ${flavour}`;
  }
  const grid = 'dhw' in op ? times(op.dhw) : `${times(op.inDhw)} -> ${times(op.outDhw)}`;
  const channels = op.kind === 'norm' ? op.channels : op.cout;
  const parts = [op.kind === 'norm' ? String(channels) : `${op.cin} -> ${op.cout}`, grid];
  if ('bias' in op && op.bias) parts.push('bias');
  if ('norm' in op && op.norm) {
    parts.push(op.norm.groups === channels ? 'instance norm' : `group norm ${op.norm.groups}`);
  }
  if ('residual' in op && op.residual !== null) parts.push('sum');
  if ('act' in op && op.act) parts.push(op.act.slope ? `leaky relu ${Number(op.act.slope.toPrecision(3))}` : 'relu');
  if (op.kind === 'pointwise' && op.softmax) parts.push('softmax');
  return parts.join(', ');
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;

function describeSegment(segment: Segment, plan: Plan, step: number): string {
  const nodes = plan.nodes.filter((node) => node.step === step);
  const counts = new Map<string, number>();
  for (const { opType } of nodes) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  const types = [...counts].map(([type, n]) => (n > 1 ? `${n} ${type}` : type)).join(', ');
  return `${types}; ${segment.inputs.length} in, ${segment.outputs.length} out, ${mebibytes(segment.model.length)}`;
}

/** Columns padded to their widest cell. */
function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

/** Where a model's nodes go: the steps in order, then, by reason, what stays with ONNX Runtime. */
export function planTable(plan: Plan): string {
  const rows = plan.steps.map((step, i) => {
    const nodes = plan.nodes.filter((node) => node.step === i).length;
    if (step.kind === 'segment')
      return [String(i), 'ONNX Runtime', step.name, String(nodes), describeSegment(step, plan, i)];
    return [String(i), step.kind, step.name, String(nodes), describe(step)];
  });
  const lines = layOut([['step', 'runs on', 'name', 'nodes', 'what'], ...rows]);

  const left = plan.nodes.filter((node) => node.why !== null && node.step >= 0);
  const taken = plan.nodes.filter((node) => node.why === null).length;
  const idle = plan.nodes.length - left.length - taken;
  lines.push('', `${plan.nodes.length} nodes: ${taken} in kernels, ${left.length} with ONNX Runtime, ${idle} not run.`);
  const reasons = new Map<string, string[]>();
  for (const { opType, name, why } of left) {
    const key = `${opType}: ${why}`;
    reasons.set(key, [...(reasons.get(key) ?? []), name]);
  }
  const reasonRows = [...reasons].map(([key, names]) => {
    const shown = names.slice(0, 2).join(', ') + (names.length > 2 ? ', ...' : '');
    return [String(names.length), key, shown];
  });
  if (reasonRows.length) lines.push('', ...layOut([['left', 'why', 'where'], ...reasonRows]));
  return lines.join('\n');
}
