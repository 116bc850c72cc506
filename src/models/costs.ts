/** What the networks that come with the page cost; costs.json is made by costs.test.ts (`npx vitest run ... -u`). */
import table from './costs.json';

/** Of one window of a network, by its graph alone. */
export interface NetworkCost {
  /** 10^9 operations. */
  readonly gflopPerWindow: number;
  /** Graphics memory that the network takes, by how it is stored. */
  readonly bytes: { readonly fp32: number; readonly fp16: number };
}

/** @param sha256 of a model's weights; null for one that does not come with the page */
export const knownCost = (sha256: string): NetworkCost | null =>
  (table as Readonly<Record<string, NetworkCost>>)[sha256] ?? null;
