// @ts-check
/**
 * Reporters that fail a run in which a test was skipped, for runners that are called directly (`npm run test:unit`,
 * `npx playwright test`); `npm test` counts skipped tests itself. What a filter left out (-t, -g) is not skipped.
 */

/** @param {string[]} names @returns {boolean} whether there was anything to say */
function report(names) {
  for (const name of names) console.error(`Skipped: ${name}`);
  if (names.length > 0) console.error('A skipped test fails the run: it has shown nothing.');
  return names.length > 0;
}

export class NoSkipsInVitest {
  /** @param {import('vitest/node').Vitest} vitest */
  onInit(vitest) {
    this.vitest = vitest;
  }

  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    if (this.vitest?.config.testNamePattern) return;
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')]);
    if (report(skipped.map((test) => `${test.module.relativeModuleId}: ${test.fullName}`))) process.exitCode = 1;
  }
}

export default class NoSkipsInPlaywright {
  /** @type {string[]} */
  skipped = [];

  /**
   * @param {import('@playwright/test/reporter').TestCase} test
   * @param {import('@playwright/test/reporter').TestResult} result
   */
  onTestEnd(test, result) {
    if (result.status === 'skipped') this.skipped.push(test.titlePath().filter(Boolean).join(' > '));
  }

  /** @returns {Promise<{ status: 'failed' } | undefined>} */
  async onEnd() {
    return report(this.skipped) ? { status: 'failed' } : undefined;
  }
}
