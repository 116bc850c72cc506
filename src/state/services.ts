/** The real services behind the store: the inference worker and the files beside the page. */
import { z } from 'zod';
import { InvalidInputError, ModelError } from '../errors';
import { InferenceClient } from '../inference/client';
import { fetchManifest } from '../inference/model/loadManifest';
import { DEMO_NAME, type Services } from './store';

const indexSchema = z.object({ models: z.array(z.string().regex(/^[a-z0-9-]+$/)).min(1) });

/** @param pageUrl document.baseURI; models/ and demo/ lie beside the page */
export function createServices(pageUrl: string): Services {
  const modelUrl = (name: string) => new URL(`models/${name}/`, pageUrl).href;
  return {
    inference: new InferenceClient(),
    modelUrl,
    async fetchModels() {
      const url = new URL('models/index.json', pageUrl).href;
      let names: string[];
      try {
        names = indexSchema.parse(await (await fetch(url)).json()).models;
      } catch (cause) {
        throw new ModelError(
          'models-missing',
          `The list of models could not be read from ${url}. Scans can be viewed, not segmented. Run "npm run setup" and reload.`,
          { cause },
        );
      }
      return Promise.all(names.map((name) => fetchManifest(modelUrl(name))));
    },
    async fetchDemo() {
      const url = new URL(`demo/${DEMO_NAME}`, pageUrl).href;
      let response: Response | null = null;
      let reason = '';
      try {
        response = await fetch(url);
      } catch (error) {
        reason = error instanceof Error ? `: ${error.message}` : '';
      }
      if (!response?.ok) {
        throw new InvalidInputError(
          'demo-missing',
          `The sample scan could not be fetched from ${url}${response ? ` (${response.status})` : reason}. Open a scan of your own instead.`,
        );
      }
      return response.blob();
    },
  };
}
