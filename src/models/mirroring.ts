import type { Manifest } from './manifest';

/** How a model may average over mirrored windows: passes per window, and whether it does unless asked; null if not at all. */
export function mirroringOf({ pipeline }: Manifest): { readonly passes: number; readonly byDefault: boolean } | null {
  if (!('mirroring' in pipeline) || !pipeline.mirroring?.axes.length) return null;
  const { axes, byDefault } = pipeline.mirroring;
  return { passes: 2 ** axes.length, byDefault };
}
