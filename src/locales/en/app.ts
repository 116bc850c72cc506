/** Sentences of app/: what a page's server did not give. */
export const app = {
  'demo-missing': 'The sample scan could not be fetched from {url} ({status}). Open a scan of your own instead.',
  'demo-unreachable': 'The sample scan could not be fetched from {url}: {why}. Open a scan of your own instead.',
} as const;
