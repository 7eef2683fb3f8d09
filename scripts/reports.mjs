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

/**
 * One line for each test of a report that did not simply pass: so that the end of a long log says which.
 * @param {keyof typeof REPORTS} name
 * @returns {string[]}
 */
export function nameTroubles(name) {
  try {
    return NAMERS[name](readFileSync(REPORTS[name], 'utf8'));
  } catch {
    return [`${name}: there is no report`];
  }
}

const NAMERS = { unit: nameVitest, e2e: namePlaywright, forge: namePytest };
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
  // A test that failed once and then passed did pass; `namePlaywright` says so by name.
  return { passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped + errors.length };
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

/** @param {string} text */
export function nameVitest(text) {
  /** @type {{ name: string, status: string, assertionResults: { fullName: string, status: string }[] }[]} */
  const files = JSON.parse(text).testResults;
  return files.flatMap(({ name, status, assertionResults }) => {
    const file = path.relative(ROOT, name);
    if (status === 'failed' && assertionResults.length === 0) return [`${file}: cannot be loaded`];
    return assertionResults
      .filter((one) => one.status !== 'passed')
      .map((one) => `${file}: ${one.fullName}: ${one.status}`);
  });
}

/** @param {string} text */
export function namePlaywright(text) {
  const WORDS = { unexpected: 'failed', flaky: 'passed only when tried again', skipped: 'skipped' };
  /** @type {string[]} */
  const lines = [];
  /** @typedef {{ title: string, specs?: any[], suites?: Suite[] }} Suite */
  const walk = (/** @type {Suite} */ suite) => {
    for (const spec of suite.specs ?? [])
      for (const { status } of spec.tests)
        if (status in WORDS)
          lines.push(`${spec.file}: ${spec.title}: ${WORDS[/** @type {keyof typeof WORDS} */ (status)]}`);
    for (const inner of suite.suites ?? []) walk(inner);
  };
  const { suites, errors } = JSON.parse(text);
  for (const suite of suites ?? []) walk(suite);
  for (const { message } of errors) lines.push(`end-to-end: ${String(message).split('\n')[0]}`);
  return lines;
}

/** @param {string} text JUnit XML */
export function namePytest(text) {
  const cases = [...text.matchAll(/<testcase\s([^>]*?)(\/>|>([\s\S]*?)<\/testcase>)/g)];
  return cases
    .filter(([, , , body]) => /<(failure|error|skipped)\b/.test(body ?? ''))
    .map(([, head]) => {
      const read = (/** @type {string} */ name) =>
        new RegExp(`\\b${name}="([^"]*)"`).exec(head ?? '')?.[1] ?? '';
      return `${read('classname')}: ${read('name')}`;
    });
}
