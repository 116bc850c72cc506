/** The real services behind the store: the inference worker, the files beside the page, the browser's small memory. */
import { fileWorkOf } from '../compute/fileWork';
import type { ComputePool } from '../compute/pool';
import { InvalidInputError, ModelError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { REQUEST_REPORTS, type RequestReport, reportingPage, watchRequests } from '../core/requests';
import { PLACES } from '../core/storedPlaces';
import { InferenceClient } from '../inference/client';
import { fetchCard, fetchManifest } from '../models/fetchModel';
import { z } from '../models/zod';
import type { BrowserInstallation } from './connectInstallation';
import type { Services } from './createApp';

const indexSchema = z.object({ models: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1) });

/**
 * @param pageUrl document.baseURI; models/ and demo/ lie beside the page
 * @param query the page's address from '?' on
 * @param compute what reads and writes files
 * @param installation what the browser makes of the page
 */
export function createServices(
  pageUrl: string,
  query: string,
  compute: ComputePool,
  installation: BrowserInstallation,
): Services {
  return {
    inference: new InferenceClient(),
    files: fileWorkOf(compute),
    installation,
    pageUrl,
    askedModel: new URLSearchParams(query).get('model'),
    fetchManifest,
    fetchCard,
    async fetchModels() {
      const url = new URL('models/index.json', pageUrl).href;
      let names: string[];
      try {
        names = indexSchema.parse(await (await fetch(url)).json()).models;
      } catch (cause) {
        throw new ModelError('models-missing', { url }, { cause });
      }
      const addresses = names.map((name) => new URL(`models/${name}/`, pageUrl).href);
      const read = await Promise.allSettled(addresses.map((address) => fetchManifest(address)));
      return {
        models: read.flatMap((one, i) =>
          one.status === 'fulfilled' ? [{ address: addresses[i], manifest: one.value }] : [],
        ),
        // One damaged model takes nothing away from the others.
        errors: read.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
      };
    },
    async fetchSample(file) {
      const url = new URL(__RUNTIME_FILES__.demo[file], pageUrl).href;
      let response: Response | null = null;
      let why: unknown = null;
      try {
        response = await fetch(url);
      } catch (error) {
        why = error;
      }
      if (!response?.ok) {
        throw response
          ? new InvalidInputError('demo-missing', { url, status: response.status })
          : new InvalidInputError('demo-unreachable', { url, why: reasonOf(why) });
      }
      return response.blob();
    },
    // Browsers that block site data throw on the mere mention of localStorage; nothing depends on it.
    rememberedModel: () => attempt(() => localStorage.getItem(PLACES.chosenModel.name)) ?? null,
    rememberModel: (id) => attempt(() => localStorage.setItem(PLACES.chosenModel.name, id)),
    onRequests(listener) {
      const page = reportingPage();
      new BroadcastChannel(REQUEST_REPORTS).onmessage = ({ data }: MessageEvent<RequestReport>) => {
        if (data.page === page || data.page === null) listener(data);
      };
      watchRequests({ thread: 'page', page });
    },
    askToKeep: () => void navigator.storage?.persist?.().catch(() => undefined),
  };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
