/** Sentences of compute/: the workers that read and write files. */
export const compute = {
  'task-not-sent': 'The worker for files could not be given its task: {why}',
  'compute-crashed':
    'The worker for files stopped unexpectedly{because}. It starts again with the next file; if it keeps happening, the volume may need more memory than the browser allows.',
  'compute-not-started':
    'The worker for files could not be started{because}. Reload the page; if it stays so, the server does not offer all files of the page, or sends a Content-Security-Policy that forbids blob: workers.',
} as const;
