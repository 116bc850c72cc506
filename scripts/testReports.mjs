// @ts-check
/** What the runners' reports say, and what that makes of the whole run. No dependencies. */

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { name: string, seconds: number }} GateResult */

/** @param {string} json of vitest's JSON reporter @returns {Counts} */
export function vitestCounts(json) {
  const report = JSON.parse(json);
  /** A file that fails before its first test runs, for instance without a graphics adapter. */
  const failedWhole = (/** @type {{ status: string, assertionResults: { status: string }[] }} */ file) =>
    file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed');
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.testResults.filter(failedWhole).length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @param {string} json of Playwright's JSON reporter @returns {Counts} */
export function playwrightCounts(json) {
  const { expected, unexpected, flaky, skipped } = JSON.parse(json).stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/** @param {string} xml of pytest's --junitxml @returns {Counts} */
export function pytestCounts(xml) {
  const count = (/** @type {string} */ name) =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  return { passed: count('tests') - failed - count('skipped'), failed, skipped: count('skipped') };
}

/**
 * @param {Counts | null} counts of the gate's report; null where it has none
 * @param {boolean} clean whether its commands exited with 0
 * @param {boolean} reports whether the gate counts tests; one that does not counts as one itself
 * @returns {Counts} with at least one failure where something went wrong without a failed test (nothing collected, a
 *   crash, lint), so that a gate is good exactly when nothing failed and nothing was skipped
 */
export function gateCounts(counts, clean, reports) {
  const known = counts ?? { passed: !reports && clean ? 1 : 0, failed: 0, skipped: 0 };
  const silent = !clean || (reports && known.passed + known.failed === 0);
  return silent && known.failed === 0 ? { ...known, failed: 1 } : known;
}

/**
 * The table of gates and, as its last line, the sum.
 * @param {GateResult[]} results
 * @returns {{ text: string, ok: boolean }} ok only where nothing failed and nothing was skipped: a test that did not run
 *   has shown nothing
 */
export function summary(results) {
  const sum = (/** @type {keyof Counts} */ key) => results.reduce((total, result) => total + result[key], 0);
  const total = { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
  const lines = results.map(({ name, seconds, ...counts }) => {
    const verdict = counts.failed || counts.skipped ? 'FAIL' : 'ok  ';
    return `${verdict} ${name.padEnd(10)} ${seconds.toFixed(1).padStart(7)} s   ${inWords(counts)}`;
  });
  if (total.skipped) lines.push('Tests were skipped, which fails the run: a test that did not run has shown nothing.');
  return { text: [...lines, inWords(total)].join('\n'), ok: total.failed === 0 && total.skipped === 0 };
}

/** @param {Counts} counts */
function inWords({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
}
