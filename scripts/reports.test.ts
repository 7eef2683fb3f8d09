import { describe, expect, it } from 'vitest';
import {
  countPlaywright,
  countPytest,
  countVitest,
  namePlaywright,
  namePytest,
  nameVitest,
} from './reports.mjs';

describe('counting reports', () => {
  it('counts a skipped test as failed', () => {
    const vitest = { numTotalTests: 5, numPassedTests: 3, testResults: [] };
    expect(countVitest(JSON.stringify(vitest))).toEqual({ passed: 3, failed: 2 });
    const playwright = { stats: { expected: 3, unexpected: 1, flaky: 1, skipped: 2 }, errors: [] };
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

function spec(title: string, status: string) {
  return { title, file: 'a.spec.ts', tests: [{ status }] };
}

describe('naming what did not simply pass', () => {
  it('names failed tests and files of the unit tests', () => {
    const testResults = [
      { name: '/a.test.ts', status: 'failed', assertionResults: [] },
      {
        name: '/b.test.ts',
        status: 'failed',
        assertionResults: [
          { fullName: 'adds', status: 'passed' },
          { fullName: 'takes', status: 'failed' },
        ],
      },
    ];
    const lines = nameVitest(JSON.stringify({ testResults }));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/a\.test\.ts: cannot be loaded/);
    expect(lines[1]).toMatch(/b\.test\.ts: takes: failed/);
  });

  it('names failed, skipped and twice tried tests of the browser', () => {
    const inner = { title: 'inner', specs: [spec('two', 'flaky'), spec('three', 'skipped')] };
    const suites = [
      { title: 'a', specs: [spec('one', 'unexpected'), spec('four', 'expected')], suites: [inner] },
    ];
    expect(namePlaywright(JSON.stringify({ suites, errors: [{ message: 'no server\nat' }] }))).toEqual([
      'a.spec.ts: one: failed',
      'a.spec.ts: two: passed only when tried again',
      'a.spec.ts: three: skipped',
      'end-to-end: no server',
    ]);
  });

  it('names failed tests of forge', () => {
    const xml =
      '<testsuites><testsuite><testcase classname="t.a" name="good" time="1" />' +
      '<testcase classname="t.a" name="bad" time="1"><failure message="x">y</failure></testcase></testsuite></testsuites>';
    expect(namePytest(xml)).toEqual(['t.a: bad']);
  });
});
