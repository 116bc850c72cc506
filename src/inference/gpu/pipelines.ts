/** Compiling WGSL: explicit layouts, and failures that show the compiler's messages beside the numbered source. */
import { InternalError } from '../../core/errors';
import { message, reasonOf } from '../../core/messages';
import { withErrorScopes } from './errorScopes';
import { FIRST_WORKGROUP, firstWorkgroupLayout } from './firstWorkgroups';
import type { Access, Kernel } from './recorder';

const BUFFER_TYPES: Record<Access, GPUBufferBindingType> = {
  read: 'read-only-storage',
  write: 'storage',
  uniform: 'uniform',
};

/** A kernel's whole shader: FIRST comes behind its code, because what that enables (`enable f16;`) has to come first. */
export function shaderOf({ code, splitAxis }: Pick<Kernel, 'code' | 'splitAxis'>): string {
  return splitAxis === undefined ? code : code + FIRST_WORKGROUP;
}

/**
 * @param kernel its bindings are laid out in the order of `access`
 * @throws InternalError('shader-invalid') with every compiler message and the source
 */
export async function compilePipeline(device: GPUDevice, kernel: Kernel): Promise<GPUComputePipeline> {
  const { label, access, splitAxis } = kernel;
  const code = shaderOf(kernel);
  let module: GPUShaderModule | undefined;
  try {
    // A shader that does not compile is an error of this kernel, not of the device.
    const made = await withErrorScopes(device, () => {
      module = device.createShaderModule({ label, code });
      const bindings = device.createBindGroupLayout({
        label,
        entries: access.map((a, binding) => ({
          binding,
          visibility: GPUShaderStage.COMPUTE,
          buffer: { type: BUFFER_TYPES[a] },
        })),
      });
      const bindGroupLayouts = splitAxis === undefined ? [bindings] : [bindings, firstWorkgroupLayout(device)];
      return { module, layout: device.createPipelineLayout({ label, bindGroupLayouts }) };
    });
    return await device.createComputePipelineAsync({
      label,
      layout: made.layout,
      compute: { module: made.module, entryPoint: 'main' },
    });
  } catch (cause) {
    const info = await module?.getCompilationInfo().catch(() => null);
    const said = (info?.messages ?? []).map((m) => `[${m.type} at ${m.lineNum}:${m.linePos}] ${m.message}`).join('\n');
    const numbered = code
      .split('\n')
      .map((line, i) => `${String(i + 1).padStart(4)} ${line}`)
      .join('\n');
    const why = said || reasonOf(cause);
    const happened = message('does-not-compile', { label });
    throw new InternalError('shader-invalid', { happened, why, shader: numbered }, { cause });
  }
}

/** WGSL constants in front of a shader: `prelude({ D: 8, SCALE: 0.5 })` -> 'const D = 8u; ...'; floats when fractional or named in `floats`. */
export function prelude(constants: Readonly<Record<string, number | boolean>>, floats: readonly string[] = []): string {
  return Object.entries(constants)
    .map(([name, value]) => {
      if (typeof value === 'boolean') return `const ${name} = ${value};\n`;
      const float = floats.includes(name) || !Number.isInteger(value);
      return `const ${name} = ${float ? `f32(${value})` : `${value}u`};\n`;
    })
    .join('');
}
