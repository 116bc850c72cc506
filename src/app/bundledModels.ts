/**
 * The models that come with the page: from its server, and remembered from there, so that without a network the page still
 * says which there are. Their weights are another matter (models/library.ts).
 */
import { ModelError } from '../core/errors';
import { PLACES } from '../core/storedPlaces';
import { fetchManifest } from '../models/fetchModel';
import { type Manifest, parseManifest } from '../models/manifest';
import { withinPatience } from '../models/patience';
import { z } from '../models/zod';

const indexSchema = z.object({ models: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1) });

interface Bundled {
  /** Absolute URL of its folder, ending in '/'. */
  readonly address: string;
  readonly manifest: Manifest;
}

export interface BundledModels {
  readonly models: readonly Bundled[];
  /** What is wrong with those that cannot be read. */
  readonly errors: readonly unknown[];
  /** The server did not answer: these are the models of an earlier visit. */
  readonly isRemembered: boolean;
}

const indexUrl = (pageUrl: string) => new URL('models/index.json', pageUrl).href;

/**
 * @param pageUrl absolute; models/ lies beside the page
 * @throws ModelError('models-missing') when the server gives no list and none is remembered
 */
export async function bundledModels(pageUrl: string): Promise<BundledModels> {
  const remembered: BundledModels = { models: await recall(pageUrl), errors: [], isRemembered: true };
  const missing = (cause?: unknown) => new ModelError('models-missing', { url: indexUrl(pageUrl) }, { cause });
  const asked = () =>
    fromServer(pageUrl).catch((cause) => {
      throw missing(cause);
    });
  if (remembered.models.length === 0) return asked();
  // The browser may be wrong about it; the list is that of an earlier visit then, and runs ask for themselves.
  if (!navigator.onLine) return remembered;
  return withinPatience(asked(), missing).catch(() => remembered);
}

/** @throws where there is no list */
async function fromServer(pageUrl: string): Promise<BundledModels> {
  const { models: names } = indexSchema.parse(await (await fetch(indexUrl(pageUrl))).json());
  const addresses = names.map((name) => new URL(`models/${name}/`, pageUrl).href);
  const read = await Promise.allSettled(addresses.map((address) => fetchManifest(address)));
  const models = read.flatMap((one, i) =>
    one.status === 'fulfilled' ? [{ address: addresses[i], manifest: one.value }] : [],
  );
  if (models.length > 0) await remember(pageUrl, models);
  // One damaged model takes nothing away from the others.
  return {
    models,
    errors: read.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
    isRemembered: false,
  };
}

/** What cannot be remembered is asked for again. */
async function remember(pageUrl: string, models: readonly Bundled[]): Promise<void> {
  try {
    await (await caches.open(PLACES.modelList.name)).put(indexUrl(pageUrl), Response.json(models));
  } catch {
    // No room, or a browser that keeps nothing.
  }
}

/** Those of them that this version of the page can read. */
async function recall(pageUrl: string): Promise<Bundled[]> {
  try {
    const kept = await caches.match(indexUrl(pageUrl), { cacheName: PLACES.modelList.name });
    const models: readonly { readonly address: string; readonly manifest: unknown }[] = (await kept?.json()) ?? [];
    return models.flatMap(({ address, manifest }) => {
      try {
        return [{ address, manifest: parseManifest(manifest) }];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}
