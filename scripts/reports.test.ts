import { describe, expect, it } from 'vitest';
import { countPlaywright, countPytest, countVitest } from './reports.mjs';

describe('counting reports', () => {
  it('counts a skipped test as failed', () => {
    const vitest = { numTotalTests: 5, numPassedTests: 3, testResults: [] };
    expect(countVitest(JSON.stringify(vitest))).toEqual({ passed: 3, failed: 2 });
    const playwright = { stats: { expected: 4, unexpected: 1, flaky: 0, skipped: 2 }, errors: [] };
    expect(countPlaywright(JSON.stringify(playwright))).toEqual({ passed: 4, failed: 3 });
    const pytest =
      '<testsuites><testsuite name="pytest" errors="1" failures="2" skipped="3" tests="10" time="1">';
    expect(countPytest(pytest)).toEqual({ passed: 4, failed: 6 });
  });

  it('counts a file that cannot be loaded', () => {
    const report = {
      numTotalTests: 1,
      numPassedTests: 1,
      testResults: [{ status: 'failed', assertionResults: [] }],
    };
    expect(countVitest(JSON.stringify(report))).toEqual({ passed: 1, failed: 1 });
  });

  it('refuses what is no report', () => {
    expect(() => countPytest('<html>')).toThrow('not a JUnit report');
  });
});
