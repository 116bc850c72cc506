/** The models a user can choose from, wherever they come from. */
import type { StoredModel } from './library';
import { storedAddress } from './loadModel';
import type { Manifest } from './manifest';

export interface ModelEntry {
  /** Unique, and the same the next time the page is opened. */
  readonly id: string;
  /** 'bundled': comes with the page. 'address': named in the page's address. 'own': added by the user. */
  readonly source: 'bundled' | 'address' | 'own';
  /** What InferenceClient.segment takes: a folder's absolute URL ending in '/', or a storedAddress. */
  readonly address: string;
  readonly manifest: Manifest;
  /** Its copy in this browser: always for own models, for others once they have been used. */
  readonly kept: StoredModel | null;
}

/** A model on the page's server. @param name of the folder, for bundled ones */
export function serverEntry(
  source: 'bundled' | 'address',
  address: string,
  manifest: Manifest,
  kept: StoredModel | null = null,
): ModelEntry {
  return {
    id: source === 'bundled' ? `bundled:${manifest.name}` : `address:${address}`,
    source,
    address,
    manifest,
    kept,
  };
}

export const ownEntry = (kept: StoredModel): ModelEntry => ({
  id: `own:${kept.id}`,
  source: 'own',
  address: storedAddress(kept.id),
  manifest: kept.manifest,
  kept,
});

/** The chosen model, null when there is none. */
export const chosenModel = <Entry extends { readonly id: string }>(now: {
  readonly models: readonly Entry[];
  readonly modelId: string | null;
}): Entry | null => now.models.find(({ id }) => id === now.modelId) ?? null;
