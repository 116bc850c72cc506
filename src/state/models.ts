/** The models a user can choose from, wherever they come from. */
import { ModelError } from '../core/errors';
import type { StoredModel } from '../models/library';
import { storedAddress } from '../models/loadModel';
import type { Manifest } from '../models/manifest';
import type { AppState } from './store';

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

/**
 * The folder that "?model=" in the page's address names.
 * @param value '/models/mine/', 'models/mine', or an absolute address on the same server
 * @returns absolute URL ending in '/'
 * @throws ModelError('model-cross-origin') for another server, ModelError('model-address') for what is no address
 */
export function askedModelUrl(value: string, pageUrl: string): string {
  let url: URL;
  try {
    url = new URL(value, pageUrl);
  } catch (cause) {
    throw new ModelError(
      'model-address',
      `"?model=${value}" in the page's address does not name a folder. Write it like ?model=/models/brain-mri/.`,
      { cause },
    );
  }
  const { origin } = new URL(pageUrl);
  if (url.origin !== origin) {
    const where = url.origin === 'null' ? value : url.origin;
    throw new ModelError(
      'model-cross-origin',
      `The page's address asks for a model from ${where}, but Organscope loads models from its own server (${origin}) only. Download the model and drop its folder on this page.`,
    );
  }
  const folder = url.pathname.replace(/model\.json$/, '').replace(/\/*$/, '/');
  return new URL(folder, origin).href;
}

/** The chosen model, null when there is none. */
export function chosenModel(now: Pick<AppState, 'models' | 'modelId'>): ModelEntry | null {
  return now.models.find(({ id }) => id === now.modelId) ?? null;
}

/**
 * Mean Dice over the model's own structures that the scan has; null when none was measured. Sums over several structures
 * that an evaluation may list beside them ('all structures') are no structures.
 */
export function meanDice(
  dice: Readonly<Record<string, number | null>>,
  labels: readonly { readonly name: string }[],
): number | null {
  const measured = labels.map(({ name }) => dice[name] ?? null).filter((value) => value !== null);
  return measured.length === 0 ? null : measured.reduce((sum, value) => sum + value, 0) / measured.length;
}

/** How a model may average over mirrored windows: passes per window, and whether it does unless asked; null if not at all. */
export function mirroringOf({ pipeline }: Manifest): { readonly passes: number; readonly byDefault: boolean } | null {
  if (!('mirroring' in pipeline) || !pipeline.mirroring?.axes.length) return null;
  const { axes, byDefault } = pipeline.mirroring;
  return { passes: 2 ** axes.length, byDefault };
}

/** Names of the channels that have no scan yet, in one string; '' when there is none. */
export function missingChannels(now: AppState): string {
  if (now.scans.length === 0) return '';
  const channels = chosenModel(now)?.manifest.channels ?? [];
  return channels.flatMap(({ name }, at) => ((now.assignment[at] ?? null) === null ? [name] : [])).join(', ');
}
