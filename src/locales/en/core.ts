/** Sentences of core/: errors that any room may meet. */
export const core = {
  cancelled: 'Cancelled.',
  internal: '{why}',
} as const;
