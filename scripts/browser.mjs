// @ts-check
/** Finds a Chromium to drive, or installs one; and the flags it is started with. */
import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import { output, ROOT, run } from './run.mjs';
import { Sentence } from './sentence.mjs';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
];
const PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const base = process.env[name];
    return base
      ? [
          path.join(base, 'Google/Chrome/Application/chrome.exe'),
          path.join(base, 'Microsoft/Edge/Application/msedge.exe'),
        ]
      : [];
  }),
};

const isRoot = process.getuid?.() === 0;

/** Flags for every launch: no sandbox where the system forbids one, and no traffic of the browser's own. */
export const FLAGS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];
/** A GPU where the machine has one. */
export const GPU_FLAGS = ['--enable-unsafe-webgpu', '--enable-features=Vulkan'];
/** WebGPU computed on the CPU by SwiftShader: the same code path without a GPU, slowly. */
export const SOFTWARE_GPU_FLAGS = [...GPU_FLAGS, '--use-webgpu-adapter=swiftshader'];

/**
 * The browser that is there: the one named in KILN_BROWSER, an installed one, or Playwright's own.
 * @returns {Promise<string | null>} its path
 */
export async function findBrowser() {
  const named = process.env['KILN_BROWSER'];
  if (named) {
    if (!isProgram(named)) throw new Sentence(`KILN_BROWSER names ${named}, which is not a program.`);
    return named;
  }
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const installed = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  const placed =
    process.platform === 'darwin' || process.platform === 'win32' ? PLACES[process.platform] : [];
  for (const file of [...installed, ...placed]) {
    // Some distributions put a script there that only says how to install the browser.
    if (isProgram(file) && (process.platform === 'win32' || output(file, ['--version']) !== null))
      return file;
  }
  const own = await playwrightsOwn();
  return own && isProgram(own) ? own : null;
}

/** @returns {Promise<string>} the path of a browser, installed first where there is none */
export async function ensureBrowser() {
  const found = await findBrowser();
  if (found) return found;
  console.error('No Chromium, Chrome or Edge found: installing one…');
  if (process.platform === 'linux' && (await installByApt())) {
    const installed = await findBrowser();
    if (installed) return installed;
  }
  const cli = path.join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
  const canInstallLibraries = process.platform === 'linux' && isRoot;
  await run(process.execPath, [cli, 'install', ...(canInstallLibraries ? ['--with-deps'] : []), 'chromium'], {
    quiet: true,
  });
  const own = await findBrowser();
  if (own) return own;
  throw new Sentence(
    'No browser could be installed: install Chromium or Chrome, or name one in KILN_BROWSER, and try again.',
  );
}

async function installByApt() {
  if (output('apt-get', ['--version']) === null) return false;
  const sudo = isRoot ? [] : ['sudo', '-n'];
  if (!isRoot && output('sudo', ['-n', 'true']) === null) return false;
  const apt = async (/** @type {string[]} */ ...args) => {
    const [command = 'apt-get', ...rest] = [...sudo, 'apt-get', ...args];
    return (await run(command, rest, { quiet: true, env: { DEBIAN_FRONTEND: 'noninteractive' } })) === 0;
  };
  await apt('update');
  return apt('install', '-y', '--no-install-recommends', 'chromium');
}

async function playwrightsOwn() {
  if (!existsSync(path.join(ROOT, 'node_modules', '@playwright', 'test'))) return null;
  const { chromium } = await import('@playwright/test');
  return chromium.executablePath();
}

/** @param {string} file */
function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
