import { defineConfig } from 'vitest/config';
import base from '../vite.config';

/** One story in Firefox and in Chromium, on the built page. */
export default defineConfig({
  ...base,
  test: { ...base.test, projects: undefined, include: ['firefox/**/*.test.ts'] },
});
