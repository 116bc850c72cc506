/** The published networks with weights by formula, and what PyTorch makes of one input; written by Python on demand. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePython, root, venvProgram } from '../scripts/setup.mjs';

export interface PublishedNetwork {
  /** The exported file. */
  readonly model: Uint8Array;
  /** (channels, D, H, W) */
  readonly input: Float32Array<ArrayBuffer>;
  /** PyTorch's float32 logits, (classes, D, H, W). */
  readonly logits: Float32Array<ArrayBuffer>;
}

const folder = join(root, '.cache/published');

/**
 * Makes networks in .cache/published, all in one process of Python; those that are there already are left alone.
 * @param networks 'acdc', or with a smaller patch 'acdc:16x32x32' (D x H x W)
 * @throws when Python cannot make them
 */
export function makePublishedNetworks(networks: readonly string[]): void {
  let python = process.env.ORGANSCOPE_PYTHON;
  if (!python) {
    ensurePython();
    python = venvProgram('python');
  }
  const args = [join(root, 'scripts/export-onnx/tests/make_published_models.py'), '--out', folder, ...networks];
  const env = { ...process.env, PYTHONPATH: join(root, 'scripts/export-onnx') };
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${python} ${args.join(' ')} failed (exit ${status}): ${stderr}`);
  if (stdout) console.log(stdout.trim());
}

/** Reads a network that was made before. */
export function publishedNetwork(network: string): PublishedNetwork {
  const bytes = (file: string) => Uint8Array.from(readFileSync(join(folder, network.replace(':', '-'), file)));
  const numbers = (file: string) => new Float32Array(bytes(file).buffer);
  return { model: bytes('model.onnx'), input: numbers('input.bin'), logits: numbers('logits.bin') };
}
