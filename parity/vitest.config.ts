import { defineConfig } from 'vitest/config';
import base from '../vite.config';

/** Minutes of a software GPU: a gate of its own, so that the unit tests stay quick. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    projects: undefined,
    include: ['parity/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
