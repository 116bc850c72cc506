/** Sentences of core/: errors that any room may meet. */
export const core = {
  cancelled: 'Cancelled.',
  internal: '{why}',
  invariant: '{what}',
  /** For developers; {rule} stays as they wrote it. */
  'kernel-shape': '{kernel}: {rule}',
  'out-of-memory':
    'The memory that the browser gives this page is full ({why}). Close other tabs or scans, and try again.',
  'followed-by': '{first} {next}',
  'in-brackets': ' ({what})',
  none: 'none',
  unknown: 'unknown',
  'list-comma': '{before}, {next}',
  'list-and': '{most} and {last}',
} as const;
