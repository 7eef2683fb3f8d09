// @ts-check
/** Where the test runners leave their reports, and how many tests passed and failed by them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run.mjs';

export const REPORTS = {
  unit: path.join(ROOT, 'test-results', 'unit.json'),
  e2e: path.join(ROOT, 'test-results', 'e2e.json'),
  forge: path.join(ROOT, 'test-results', 'forge.xml'),
};

/** @typedef {{ passed: number, failed: number }} Count */

/**
 * A test that was skipped did not hold, so it counts as failed; so does a report that is not there.
 * @param {keyof typeof REPORTS} name
 * @returns {Count}
 */
export function countReport(name) {
  try {
    return READERS[name](readFileSync(REPORTS[name], 'utf8'));
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const READERS = { unit: countVitest, e2e: countPlaywright, forge: countPytest };

/** @param {string} text */
export function countVitest(text) {
  const report = JSON.parse(text);
  const passed = report.numPassedTests;
  // A file that cannot be loaded is a failed suite without a test.
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return { passed, failed: report.numTotalTests - passed + brokenFiles };
}

/** @param {string} text */
export function countPlaywright(text) {
  const { stats, errors } = JSON.parse(text);
  return { passed: stats.expected, failed: stats.unexpected + stats.flaky + stats.skipped + errors.length };
}

/** @param {string} text JUnit XML */
export function countPytest(text) {
  const suite = /<testsuite\s[^>]*>/.exec(text)?.[0] ?? '';
  const read = (/** @type {string} */ name) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(suite)?.[1]);
  const failed = read('failures') + read('errors') + read('skipped');
  const passed = read('tests') - failed;
  if (Number.isNaN(passed)) throw new Error('not a JUnit report');
  return { passed, failed };
}
