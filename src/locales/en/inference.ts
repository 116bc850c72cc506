/** Sentences of inference/: the worker, where a network runs and why, what a scan or a network cannot be. */
export const inference = {
  'not-sent': 'The inference worker could not be given its task: {why}',
  'worker-crashed':
    'The inference worker stopped unexpectedly{because}. It starts again with the next run; if it keeps happening, the volume may need more memory than the browser allows.',
  'worker-not-started':
    'The inference worker could not be started{because}. Reload the page; if it stays so, the server does not offer all files of the page, or sends a Content-Security-Policy that forbids blob: workers.',
  'message-not-decoded': 'a message could not be decoded',
  'volume-too-large':
    "{name} has {size} voxels ({millions} million){others, plural, =0 {} other { and # more of that size}}, more than this browser's memory holds beside what else is open ({why}). Crop or resample it, or close other tabs, and try again.",
} as const;
