/** Sentences of headless/: the page behind `npm run segment`. */
export const headless = {
  'no-file': 'No file was put into the page.',
} as const;
