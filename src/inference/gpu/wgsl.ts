/**
 * Specialising WGSL. A shader file is valid WGSL with every option switched on; before it is compiled, options that are
 * off are cut out (a binding that is named anywhere must be bound) and marked loops are written out (arrays indexed by
 * literals live in registers on every compiler, those indexed by a loop variable only on some).
 */
import { InternalError } from '../../errors';
import type { Access, TensorId } from './program';

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
      if (!(flag in constants)) throw new InternalError('wgsl-flag', `//#if ${flag}: no such constant.`);
      open.push(Boolean(constants[flag]) !== (negated === '!'));
    } else if (directive === 'endif') {
      if (open.pop() === undefined) throw new InternalError('wgsl-flag', '//#endif without //#if.');
    } else if (open.every(Boolean)) {
      kept.push(line);
    }
  }
  if (open.length > 0) throw new InternalError('wgsl-flag', '//#if without //#endif.');
  return kept.join('\n');
}

function unroll(source: string, constants: Readonly<Record<string, number | boolean>>): string {
  let code = source;
  for (let match = LOOP.exec(code); match; match = LOOP.exec(code)) {
    const [head, variable, limit] = match;
    const times = Number(constants[limit] ?? limit.replace(/u$/, ''));
    if (!Number.isInteger(times)) throw new InternalError('wgsl-unroll', `Loop to ${limit}: no such constant.`);
    const start = match.index + head.length;
    let end = start;
    for (let depth = 1; depth > 0; end++) {
      if (end >= code.length) throw new InternalError('wgsl-unroll', `Loop over ${variable} is not closed.`);
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

/** Collects a kernel's bindings in order, so that optional ones need no placeholder. */
export class Bindings {
  readonly access: Access[] = [];
  readonly tensors: TensorId[] = [];
  private readonly lines: string[] = [];

  /** @param type WGSL store type, e.g. 'array<vec4f>'; uniform arrays need a length */
  add(name: string, access: Access, type: string, tensor: TensorId): void {
    const space = { read: 'storage, read', write: 'storage, read_write', uniform: 'uniform' }[access];
    this.lines.push(`@group(0) @binding(${this.lines.length}) var<${space}> ${name}: ${type};\n`);
    this.access.push(access);
    this.tensors.push(tensor);
  }

  /** WGSL declarations. */
  get code(): string {
    return this.lines.join('');
  }
}
