/** The network to measure: a model folder, or a bare model.onnx such as scripts/export-onnx/tests/make_published_models.py writes. */
import { decodeModel } from '../src/inference/network/onnx/decode';
import { outputChannels, parseManifest } from '../src/models/manifest';
import { assembleWeights } from '../src/models/weights';
import type { Triple } from '../src/volume/grid';

export interface Network {
  readonly model: Uint8Array;
  readonly channels: number;
  readonly classes: number;
  readonly patchDhw: Triple;
}

/**
 * @param read a file of the folder, null when there is none of that name
 * @throws Error when there is no network, or it is not a volume in and class logits out
 */
export async function loadNetwork(read: (file: string) => Promise<Uint8Array | null>): Promise<Network> {
  const need = async (file: string) => {
    const bytes = await read(file);
    if (!bytes) throw new Error(`There is no ${file} in the model's folder.`);
    return bytes;
  };
  const json = await read('model.json');
  if (json) {
    const manifest = parseManifest(JSON.parse(new TextDecoder().decode(json)));
    const model = await assembleWeights(
      manifest,
      ({ file }) => need(file),
      () => undefined,
    );
    const { channels, patchDhw } = manifest;
    return { model, channels: channels.length, classes: outputChannels(manifest), patchDhw };
  }
  const model = await need('model.onnx');
  const { inputs, outputs } = decodeModel(model).graph;
  const [from, to] = [inputs[0]?.dims, outputs[0]?.dims];
  if (from?.length !== 5 || to?.length !== 5 || [...from, ...to].includes(null)) {
    throw new Error(`model.onnx maps [${from}] to [${to}]; only fixed (1, C, D, H, W) can be timed.`);
  }
  const [, channels, ...patch] = from as number[];
  return { model, channels, classes: to[1] as number, patchDhw: patch as unknown as Triple };
}
