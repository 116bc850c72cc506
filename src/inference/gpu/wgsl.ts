/**
 * Specialising WGSL. A shader file is valid WGSL with every option switched on; before it is compiled, options that are
 * off are cut out (a binding that is named anywhere must be bound) and marked loops are written out (arrays indexed by
 * literals live in registers on every compiler, those indexed by a loop variable only on some).
 */
import { InternalError } from '../../core/errors';
import { prelude } from './pipelines';
import type { Access, Recorder, TensorId } from './recorder';
import { formatOf, HALF_FUNCTIONS } from './storage';

const LOOP = /for \(var (\w+) = 0u; \1 < (\w+); \1\+\+\) \{ \/\/ unroll\n/;

/**
 * - Lines between `//#if NAME` (or `//#if !NAME`) and `//#endif` stay only when the flag holds; nesting is allowed.
 * - `for (var v = 0u; v < N; v++) { // unroll` becomes N copies of its body with v replaced by a literal. N is a
 *   constant's name or a number.
 * @throws InternalError for an unknown constant or unbalanced markers
 */
export function specialize(source: string, constants: Readonly<Record<string, number | boolean>>): string {
  return unroll(keepChosen(source, constants), constants);
}

function keepChosen(source: string, constants: Readonly<Record<string, number | boolean>>): string {
  const kept: string[] = [];
  const open: boolean[] = [];
  for (const line of source.split('\n')) {
    const [, directive, negated, flag] = /^\s*\/\/#(if|endif)\s*(!?)(\w*)/.exec(line) ?? [];
    if (directive === 'if') {
      if (!(flag in constants)) throw new InternalError('invariant', { what: `//#if ${flag}: no such constant.` });
      open.push(Boolean(constants[flag]) !== (negated === '!'));
    } else if (directive === 'endif') {
      if (open.pop() === undefined) throw new InternalError('invariant', { what: '//#endif without //#if.' });
    } else if (open.every(Boolean)) {
      kept.push(line);
    }
  }
  if (open.length > 0) throw new InternalError('invariant', { what: '//#if without //#endif.' });
  return kept.join('\n');
}

function unroll(source: string, constants: Readonly<Record<string, number | boolean>>): string {
  let code = source;
  for (let match = LOOP.exec(code); match; match = LOOP.exec(code)) {
    const [head, variable, limit] = match;
    const times = Number(constants[limit] ?? limit.replace(/u$/, ''));
    if (!Number.isInteger(times)) throw new InternalError('invariant', { what: `Loop to ${limit}: no such constant.` });
    const start = match.index + head.length;
    let end = start;
    for (let depth = 1; depth > 0; end++) {
      if (end >= code.length) throw new InternalError('invariant', { what: `Loop over ${variable} is not closed.` });
      if (code[end] === '{') depth++;
      if (code[end] === '}') depth--;
    }
    const body = code.slice(start, end); // includes the closing brace
    const name = new RegExp(`\\b${variable}\\b`, 'g');
    const copies = Array.from({ length: times }, (_, i) => `{\n${body.replace(name, `${i}u`)}\n`);
    code = code.slice(0, match.index) + copies.join('') + code.slice(end);
  }
  return code;
}

/** Four threads' values of `own`, first to last. */
const FROM_FOUR = [0, 1, 2, 3].map((n) => `subgroupBroadcast(own, ${n}u)`).join(', ');

/** Lets main begin by setting `ownColumn`. */
function withOwnColumn(code: string): string {
  return code.replace(
    /fn main\(([^{]*)\{/,
    'fn main(@builtin(subgroup_invocation_id) subgroupLane: u32, $1{\n  ownColumn = subgroupLane % 4u;',
  );
}

/** Collects a kernel's bindings in order, so that optional ones need no placeholder. */
export class Bindings {
  readonly access: Access[] = [];
  readonly tensors: TensorId[] = [];
  private readonly lines: string[] = [];
  private hasHalves = false;
  private hasShared = false;

  constructor(private readonly r: Recorder) {}

  /**
   * A binding of fp32 or integers that the shader indexes itself.
   * @param type WGSL store type, e.g. 'array<f32>'; uniform arrays need a length
   */
  add(name: string, access: Access, type: string, tensor: TensorId): void {
    const space = { read: 'storage, read', write: 'storage, read_write', uniform: 'uniform' }[access];
    this.lines.push(`@group(0) @binding(${this.access.length}) var<${space}> ${name}: ${type};\n`);
    this.access.push(access);
    this.tensors.push(tensor);
  }

  /** A tensor of vec4 in its own storage, and `load_NAME(i: u32) -> vec4f` or, to write, `store_NAME(i: u32, v: vec4f)`. */
  vec4s(name: string, access: Access, tensor: TensorId): void {
    this.elements(name, access, 'vec4f', tensor);
  }

  /**
   * A kernel's weights as a new constant and `load_NAME(i: u32)`: fp32 in the small, fast uniform memory, or a table in
   * the recorder's storage. Matrices as `matrices` gives them.
   */
  weights(
    name: string,
    type: 'vec4f' | 'mat4x4f',
    where: 'uniform' | 'storage',
    label: string,
    values: Float32Array<ArrayBuffer>,
    alike = true,
  ): void {
    const isUniform = where === 'uniform';
    const tensor = isUniform ? this.r.constant(label, values, true) : this.r.table(label, values);
    if (type === 'mat4x4f') this.matrices(name, isUniform ? 'uniform' : 'read', tensor, alike);
    else this.elements(name, isUniform ? 'uniform' : 'read', type, tensor);
  }

  /**
   * A tensor of mat4x4f and `load_NAME(i: u32) -> mat4x4f`.
   * @param alike all threads of a workgroup load the same matrix at the same time, in uniform control flow. Then four
   *   threads of a subgroup may share a load, each reading a column (see share).
   */
  matrices(name: string, access: 'read' | 'uniform', tensor: TensorId, alike = true): void {
    if (!alike || !this.r.options.shareLoads) {
      this.elements(name, access, 'mat4x4f', tensor);
      return;
    }
    this.share();
    this.elements(`${name}_columns`, access, 'vec4f', tensor);
    this.lines.push(
      `fn load_${name}(i: u32) -> mat4x4f { let own = load_${name}_columns(4u * i + ownColumn); return mat4x4f(${FROM_FOUR}); }\n`,
    );
  }

  /**
   * Where threads should share loads (RecorderOptions.shareLoads), sets the flag SHARED and declares `ownColumn`, a thread's
   * place among four of its subgroup, and `spread(own: f32) -> vec4f` of all four's numbers. `shader` lets main begin with it.
   */
  share(): void {
    if (!this.r.options.shareLoads || this.hasShared) return;
    this.hasShared = true;
    this.lines.push('var<private> ownColumn: u32;\n', `fn spread(own: f32) -> vec4f { return vec4f(${FROM_FOUR}); }\n`);
  }

  /** Sum of what is bound: what a dispatch reads and writes once. */
  get bytes(): number {
    return this.tensors.reduce((sum, tensor) => sum + this.r.tensors[tensor].bytes, 0);
  }

  /**
   * The whole shader: constants (prelude), declarations, then `source` specialised.
   * @param floats names of constants that are f32 even when whole
   */
  shader(
    source: string,
    constants: Readonly<Record<string, number | boolean>> = {},
    floats: readonly string[] = [],
  ): string {
    const halves = this.hasHalves ? HALF_FUNCTIONS : '';
    const f16 = this.hasHalves && this.r.halfType === 'f16' ? 'enable f16;\n' : '';
    const enable = f16 + (this.hasShared ? 'enable subgroups;\n' : '');
    const all = { ...constants, SHARED: this.hasShared };
    const code = specialize(source, all);
    return enable + prelude(all, floats) + this.lines.join('') + halves + (this.hasShared ? withOwnColumn(code) : code);
  }

  private elements(name: string, access: Access, type: 'vec4f' | 'mat4x4f', tensor: TensorId): void {
    const { storage, bytes } = this.r.tensors[tensor];
    const { element, load, store } = formatOf(type, storage, this.r.halfType);
    this.hasHalves ||= storage === 'fp16';
    const length = access === 'uniform' ? `, ${bytes / (type === 'vec4f' ? 16 : 64)}` : '';
    this.add(name, access, `array<${element}${length}>`, tensor);
    this.lines.push(
      access === 'write'
        ? `fn store_${name}(i: u32, v: vec4f) { ${name}[i] = ${store('v')}; }\n`
        : `fn load_${name}(i: u32) -> ${type} { return ${load(`${name}[i]`)}; }\n`,
    );
  }
}
