import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { knownCost } from '../../../models/costs';
import { networkCost } from './networkCost';

vi.setConfig({ testTimeout: 120_000 });

const folder = new URL('../../../../public/models/', import.meta.url);
const { models }: { models: readonly string[] } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'));

/** Rewritten by `npx vitest run --project unit src/inference/network/engine/networkCost.test.ts -u`. */
it('costs of all networks that come with the page are in the table', async () => {
  const costs = models.map((name) => {
    const { weights } = JSON.parse(readFileSync(new URL(`${name}/model.json`, folder), 'utf8'));
    const pieces = weights.files.map(({ file }: { file: string }) => readFileSync(new URL(`${name}/${file}`, folder)));
    return [weights.sha256, networkCost(new Uint8Array(Buffer.concat(pieces)))] as const;
  });
  await expect(`${JSON.stringify(Object.fromEntries(costs), null, 2)}\n`).toMatchFileSnapshot(
    '../../../models/costs.json',
  );
  for (const [sha256, cost] of costs) expect(knownCost(sha256)).toEqual(cost);
});

it('counts operations as the definition of a convolution does, and half the memory in halves', () => {
  const model = readFileSync(new URL('../onnx/fixtures/plain-unet.onnx', import.meta.url));
  const { gflopPerWindow, bytes } = networkCost(new Uint8Array(model));
  expect(gflopPerWindow).toBeGreaterThan(0);
  expect(bytes.fp16).toBeLessThanOrEqual(bytes.fp32);
});
