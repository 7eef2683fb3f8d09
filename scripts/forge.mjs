// @ts-check
/**
 * Sets up forge's Python in .venv, then runs it: `node scripts/forge.mjs -m pytest forge/tests`.
 * Without arguments it only sets up. KILN_PYTHON names the Python to make .venv with.
 */
import './require-node.mjs';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT, run } from './run.mjs';
import { main, Sentence } from './sentence.mjs';

const VENV = path.join(ROOT, '.venv');
const PYTHON = path.join(
  VENV,
  ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
);
const REQUIREMENTS = path.join(ROOT, 'forge', 'requirements.txt');
const STAMP = path.join(VENV, 'requirements.sha256');

await main(async () => {
  await ensurePython();
  const args = process.argv.slice(2);
  return args.length === 0 ? 0 : run(PYTHON, args);
});

async function ensurePython() {
  const requirements = readFileSync(REQUIREMENTS, 'utf8');
  const wanted = createHash('sha256').update(requirements).digest('hex');
  if (existsSync(PYTHON) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!existsSync(PYTHON)) {
    const python = process.env['KILN_PYTHON'] ?? (process.platform === 'win32' ? 'python' : 'python3');
    if ((await run(python, ['-m', 'venv', VENV])) !== 0) {
      throw new Sentence(
        `forge needs Python 3.11 or later with its venv module: "${python} -m venv" failed.`,
      );
    }
  }
  const pip = (/** @type {string[]} */ ...args) =>
    run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...args]);
  // torch goes first and alone: the packages after it then take the one that is there.
  const torch = requirements.split('\n').find((line) => line.trim().startsWith('torch=='));
  const codes = [torch ? await pip(torch.trim()) : 0, await pip('-r', REQUIREMENTS)];
  if (codes.some((code) => code !== 0))
    throw new Sentence('The Python packages of forge could not be installed.');
  writeFileSync(STAMP, wanted);
}
