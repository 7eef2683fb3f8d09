// @ts-check
/** `npm test`: everything that must hold before a change is kept. Runs all steps, then says which failed. */
import './require-node.mjs';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureBrowser } from './browser.mjs';
import { npm, ROOT } from './run.mjs';
import { main } from './sentence.mjs';
import { ensureBuilt, ensureInstalled } from './setup.mjs';
import { REPORTS } from './reports.mjs';

await main(async () => {
  await ensureInstalled();
  const browser = await ensureBrowser();
  rmSync(path.join(ROOT, 'test-results'), { recursive: true, force: true });
  mkdirSync(path.join(ROOT, 'test-results'), { recursive: true });
  /** @type {string[]} */
  const failed = [];
  const step = async (/** @type {string} */ name, /** @type {() => Promise<number | void>} */ body) => {
    console.log(`\n— ${name}`);
    const startedAt = performance.now();
    const code = await body().catch((error) => {
      console.error(error instanceof Error ? error.message : error);
      return 1;
    });
    console.log(
      `— ${name}: ${code ? 'failed' : 'passed'} in ${Math.round((performance.now() - startedAt) / 1000)} s`,
    );
    if (code) failed.push(name);
  };
  await step('types', () => npm(['run', '--silent', 'types']));
  await step('lint', () => npm(['run', '--silent', 'lint']));
  await step('format', () => npm(['run', '--silent', 'format']));
  await step('unit', () =>
    npm([
      'run',
      '--silent',
      'unit',
      '--',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${REPORTS.unit}`,
    ]),
  );
  await step('build', () => ensureBuilt());
  await step('end-to-end', () => npm(['run', '--silent', 'e2e'], { env: { KILN_BROWSER: browser } }));
  console.log(failed.length === 0 ? '\nAll steps passed.' : `\nFailed: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
});
