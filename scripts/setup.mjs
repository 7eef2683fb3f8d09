// @ts-check
/** Brings a fresh clone to where the studio runs: packages, then the build. Does nothing when nothing changed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { npm, ROOT, run } from './run.mjs';
import { Sentence } from './sentence.mjs';

/** What a build reads: a change in any of these makes the built studio stale. */
const SOURCES = [
  'index.html',
  'package.json',
  'package-lock.json',
  'vite.config.ts',
  'scripts/headers.mjs',
  'src',
  'workers',
  'public',
];
const STAMP = path.join(ROOT, '.cache', 'build.sha256');

/**
 * `npm ci` when the packages are absent or are not those of the lock file.
 * @param {{ quiet?: boolean }} [options]
 */
export async function ensureInstalled(options = {}) {
  if (packagesMatchLock()) return;
  console.error('Installing packages (npm ci)…');
  const code = await npm(['ci', '--no-fund', '--no-audit'], {
    ...options,
    // Neither a native runtime nor a browser is needed to serve the studio.
    env: { ONNXRUNTIME_NODE_INSTALL: 'skip', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
  });
  if (code !== 0) throw new Sentence('The packages could not be installed: see what npm ci said above.');
}

function packagesMatchLock() {
  const installed = readPackages('node_modules/.package-lock.json');
  const locked = readPackages('package-lock.json');
  if (locked === null) throw new Sentence('package-lock.json is missing or damaged: restore it from git.');
  if (installed === null) return false;
  for (const [folder, entry] of Object.entries(locked)) {
    if (folder === '') continue;
    const found = installed[folder];
    if (found === undefined ? entry.optional !== true : found.version !== entry.version) return false;
    if (found && !existsSync(path.join(ROOT, folder, 'package.json'))) return false;
  }
  return Object.keys(installed).every((folder) => folder in locked);
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }> | null}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * Builds when a source has changed since the last build.
 * @param {{ quiet?: boolean, force?: boolean }} [options]
 */
export async function ensureBuilt(options = {}) {
  const sources = hashSources();
  const isBuilt = existsSync(path.join(ROOT, 'dist', 'index.html'));
  if (!options.force && isBuilt && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sources) return;
  console.error('Building the studio…');
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const code = await run(process.execPath, [vite, 'build', '--logLevel', 'warn'], options);
  if (code !== 0) throw new Sentence('The studio could not be built: see what the build said above.');
  mkdirSync(path.dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, sources);
}

function hashSources() {
  const hash = createHash('sha256');
  /** @param {string} name */
  const add = (name) => {
    const full = path.join(ROOT, name);
    if (!existsSync(full)) return;
    const entries = statEntries(full);
    if (entries) for (const entry of entries) add(path.join(name, entry));
    else if (!/\.test\.tsx?$/.test(name)) hash.update(`${name}\0`).update(readFileSync(full)).update('\0');
  };
  for (const source of SOURCES) add(source);
  return hash.digest('hex');
}

/** @param {string} full */
function statEntries(full) {
  try {
    return readdirSync(full).sort();
  } catch {
    return null;
  }
}
