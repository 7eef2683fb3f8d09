import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { runScript } from '../commands.ts';

const MODEL = ['--model', 'e2e/models/tiny-plain', '--device', 'cpu'];

let folder = '';

test.beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kiln-generate-'));
});

test.afterEach(() => rmSync(folder, { recursive: true }));

test('generate writes a PNG that remembers its request, and one line of JSON', async () => {
  const out = path.join(folder, 'apple.png');
  const { code, stdout, stderr } = await runScript('generate.mjs', [
    'a red apple',
    '--seed',
    '7',
    '--steps',
    '2',
    '--out',
    out,
    '--json',
    ...MODEL,
  ]);
  expect(stderr).toContain('Step 2 of 2');
  expect(code, stderr).toBe(0);
  const lines = stdout.trim().split('\n');
  expect(lines).toHaveLength(1);
  const told = JSON.parse(lines[0] ?? '');
  expect(told).toMatchObject({
    file: out,
    seed: 7,
    prompt: 'a red apple',
    model: 'tiny-plain',
    device: 'cpu',
  });
  expect(Object.keys(told.ms)).toEqual(['load', 'text', 'steps', 'decode', 'encode']);
  expect(told.ms.steps).toHaveLength(2);
  expect(readFileSync(out).toString('latin1')).toMatch(
    /^\x89PNG[\s\S]*parameters\0a red apple[\s\S]*Seed: 7/,
  );
  expect(readdirSync(folder)).toEqual(['apple.png']);
});

test('generate --upscale doubles each picture and says so in it', async () => {
  const out = path.join(folder, 'apples');
  const asked = ['a red apple', '--seed', '7', '--count', '2', '--steps', '1', '--out', `${out}.png`];
  const manifest = JSON.parse(readFileSync('e2e/models/tiny-plain/manifest.json', 'utf8'));
  const { widthPx, heightPx } = manifest.sizes.default;
  const { code, stdout, stderr } = await runScript('generate.mjs', [
    ...asked,
    '--upscale',
    '--json',
    ...MODEL,
  ]);
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Upscaling, tile 1 of \d/);
  const told = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told).toHaveLength(2);
  for (const { file, seed, ms, ...size } of told) {
    expect(size).toMatchObject({ widthPx: 2 * widthPx, heightPx: 2 * heightPx });
    expect(ms.upscale).toBeGreaterThan(0);
    const text = readFileSync(file).toString('latin1');
    expect(text).toContain(`Seed: ${seed}, Size: ${widthPx}x${heightPx}`);
    expect(text).toContain('Hires upscale: 2');
  }
});

test('generate takes a file of prompts with the model loaded once', async () => {
  writeFileSync(path.join(folder, 'prompts.txt'), 'a red apple\n\na green pear\r\n');
  const out = path.join(folder, 'pictures');
  const { code, stdout, stderr } = await runScript('generate.mjs', [
    '--prompts',
    path.join(folder, 'prompts.txt'),
    '--out',
    out,
    '--count',
    '2',
    '--seed',
    '5',
    '--json',
    ...MODEL,
  ]);
  expect(code, stderr).toBe(0);
  const told = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(told.map(({ prompt, seed }) => [prompt, seed])).toEqual([
    ['a red apple', 5],
    ['a red apple', 6],
    ['a green pear', 5],
    ['a green pear', 6],
  ]);
  expect(readdirSync(out).sort()).toEqual(['00001-5.png', '00002-6.png', '00003-5.png', '00004-6.png']);
  expect(stderr.match(/^Preparing unet$/gm)).toHaveLength(1);
});

test('generate draws a seed where none is given, and says it', async () => {
  const { code, stderr } = await runScript('generate.mjs', [
    'apple',
    '--steps',
    '1',
    '--out',
    `${folder}/`,
    ...MODEL,
  ]);
  expect(code, stderr).toBe(0);
  const seed = /\(seed (\d+), cpu/.exec(stderr)?.[1];
  expect(readdirSync(folder)).toEqual([`kiln-${seed}.png`]);
});

test('generate says a failure of the model in one line, and leaves no file', async () => {
  const { code, stdout, stderr } = await runScript('generate.mjs', [
    'apple',
    '--out',
    path.join(folder, 'a.png'),
    '--model',
    'e2e/models/tiny-nan',
    '--device',
    'cpu',
    '--json',
  ]);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr.trim().split('\n').at(-1)).toMatch(/^The result was not a picture\./);
  expect(stderr).not.toContain('    at ');
  expect(readdirSync(folder)).toEqual([]);
});

test('generate refuses a model and a sampler that are not there', async () => {
  const model = await runScript('generate.mjs', ['apple', '--out', `${folder}/`, '--model', 'no-such-model']);
  expect(model.code).toBe(1);
  expect(model.stderr.trim().split('\n').at(-1)).toMatch(/^This model is not here\./);
  const sampler = await runScript('generate.mjs', [
    'apple',
    '--out',
    `${folder}/`,
    '--sampler',
    'magic',
    ...MODEL,
  ]);
  expect(sampler.code).toBe(1);
  expect(sampler.stderr.trim().split('\n').at(-1)).toMatch(/^This sampler is not available\./);
});

test('Ctrl-C ends generate cleanly', async () => {
  const { code, stderr } = await runScript(
    'generate.mjs',
    ['apple', '--steps', '50', '--size', '64x64', '--count', '16', '--out', `${folder}/`, ...MODEL],
    {
      onStderr: (text, pid) => {
        if (!interrupted && text.includes('Step 1 of')) {
          interrupted = true;
          process.kill(pid, 'SIGINT');
        }
      },
    },
  );
  expect(stderr).toContain('Cancelled.');
  expect(code).toBe(130);
  expect(readdirSync(folder).filter((name) => !name.endsWith('.png'))).toEqual([]);
});

let interrupted = false;
