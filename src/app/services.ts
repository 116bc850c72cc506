/** The real services behind the store: the inference worker, the files beside the page, the browser's small memory. */
import { fileWorkOf } from '../compute/fileWork';
import type { ComputePool } from '../compute/pool';
import { InvalidInputError } from '../core/errors';
import { reasonOf } from '../core/messages';
import { REQUEST_REPORTS, type RequestReport, reportingPage, watchRequests } from '../core/requests';
import { PLACES } from '../core/storedPlaces';
import { InferenceClient } from '../inference/client';
import { fetchCard, fetchManifest } from '../models/fetchModel';
import { bundledModels } from './bundledModels';
import type { BrowserInstallation } from './connectInstallation';
import type { Services } from './createApp';
import { keepingServices } from './keepingServices';

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
    fetchModels: () => bundledModels(pageUrl),
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
    keeping: keepingServices(pageUrl),
  };
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
