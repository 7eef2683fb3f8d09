// @ts-check
/** The whole check of a commit: `npm test`, forge's tests, and one line that sums them up. */
import './require-node.mjs';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { countReport, nameTroubles, REPORTS } from './reports.mjs';
import { npm, ROOT, run } from './run.mjs';
import { main } from './sentence.mjs';

await main(async () => {
  for (const report of Object.values(REPORTS)) rmSync(report, { force: true });
  const forge = path.join(ROOT, 'scripts', 'forge.mjs');
  // Python's packages arrive while the first steps of `npm test` run. If they do not, forge's own run says why.
  const prepared = run(process.execPath, [forge]);
  const testCode = await npm(['test'], { env: { CI: '1' } });
  await prepared;
  const pytest = ['-m', 'pytest', 'forge/tests', '--disable-warnings', `--junitxml=${REPORTS.forge}`];
  const forgeCode = await run(process.execPath, [forge, ...pytest]);
  const counts = [countReport('unit'), countReport('e2e'), countReport('forge')];
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  // Types, lint, format and build have no tests to count: a failure there is one.
  const failedBesides = failed === 0 && (testCode !== 0 || forgeCode !== 0) ? 1 : 0;
  for (const line of [...nameTroubles('unit'), ...nameTroubles('e2e'), ...nameTroubles('forge')])
    console.log(line);
  console.log(`${passed} passed, ${failed + failedBesides} failed`);
  return failed + failedBesides === 0 ? 0 : 1;
});
