/** The dialog for the IT department, and the licences in it. */
export const it = {
  'for-it': 'For the IT department',
  'loading-text': 'Loading…',
  'it-text-unavailable':
    'This text could not be loaded. Reload the page; it is also docs/deployment.md in the source of Organscope.',
  licences: 'Licences',
  parts: 'Software and sample scans',
  'licences-explained': 'What this page is made of. Open one to read the text of its licence.',
  'licences-unavailable':
    'The licences could not be loaded. Reload the page; they are also in licenses.json, beside the page on its server.',
  'notices-in': 'Further notices: {path}',
} as const;
