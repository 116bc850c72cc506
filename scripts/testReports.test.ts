import { describe, expect, it } from 'vitest';
import { gateCounts, playwrightCounts, pytestCounts, summary, vitestCounts } from './testReports.mjs';

const result = (name: string, passed: number, failed: number, skipped = 0) => ({
  name,
  seconds: 1,
  passed,
  failed,
  skipped,
});

describe('what a report says', () => {
  it('vitest: a file that fails before its first test counts as one failure', () => {
    const report = {
      numPassedTests: 7,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [
        { status: 'passed', assertionResults: [{ status: 'passed' }] },
        { status: 'failed', assertionResults: [{ status: 'failed' }] },
        { status: 'failed', assertionResults: [] },
      ],
    };
    expect(vitestCounts(JSON.stringify(report))).toEqual({ passed: 7, failed: 2, skipped: 3 });
  });

  it('Playwright: a test that passed only when repeated has failed', () => {
    const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 };
    expect(playwrightCounts(JSON.stringify({ stats }))).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });

  it('pytest: errors are failures', () => {
    const xml = '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="20" time="1">';
    expect(pytestCounts(xml)).toEqual({ passed: 14, failed: 3, skipped: 3 });
  });
});

describe('a gate', () => {
  it('that counts no tests counts as one', () => {
    expect(gateCounts(null, true, false)).toEqual({ passed: 1, failed: 0, skipped: 0 });
    expect(gateCounts(null, false, false)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('fails when its runner does, whatever its report says', () => {
    expect(gateCounts({ passed: 9, failed: 0, skipped: 0 }, false, true)).toMatchObject({ passed: 9, failed: 1 });
    expect(gateCounts({ passed: 9, failed: 2, skipped: 0 }, false, true)).toMatchObject({ passed: 9, failed: 2 });
    expect(gateCounts(null, true, true).failed).toBe(1);
  });

  it('fails when no test of it ran', () => {
    expect(gateCounts({ passed: 0, failed: 0, skipped: 0 }, true, true).failed).toBe(1);
    expect(gateCounts({ passed: 0, failed: 0, skipped: 178 }, true, true).failed).toBe(1);
  });
});

describe('the summary', () => {
  it('is good when every test ran and passed, and its last line counts them', () => {
    const { text, ok } = summary([result('lint', 1, 0), result('unit', 1297, 0)]);
    expect(ok).toBe(true);
    expect(text.split('\n').at(-1)).toBe('1298 passed, 0 failed');
  });

  it('a skipped test fails the run, and is counted', () => {
    const { text, ok } = summary([result('unit', 1119, 0, 178), result('e2e', 80, 0)]);
    expect(ok).toBe(false);
    expect(text).toMatch(/^FAIL unit .* 1119 passed, 0 failed, 178 skipped$/m);
    expect(text).toMatch(/^ok {3}e2e/m);
    expect(text.split('\n').at(-1)).toBe('1199 passed, 0 failed, 178 skipped');
  });
});
