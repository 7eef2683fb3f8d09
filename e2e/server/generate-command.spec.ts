import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { runScript } from '../commands.ts';

let folder = '';

test.beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'kiln-generate-'));
  writeFileSync(path.join(folder, 'empty.txt'), '\n  \n');
  writeFileSync(path.join(folder, 'manifest.json'), '{"id":"Not An Id"}');
});

test.afterAll(() => rmSync(folder, { recursive: true }));

const FAULTS: [name: string, args: (folder: string) => string[], sentence: RegExp][] = [
  ['no prompt', () => [], /^Give a prompt, or --prompts FILE/],
  ['two prompts', () => ['red', 'apple'], /^Only one prompt at a time: put it in quotes/],
  ['an unknown option', () => ['apple', '--sed', '7'], /^Unknown option --sed\./],
  ['a short option', () => ['apple', '-s', '7'], /^Unknown option -s\./],
  ['a missing value', () => ['apple', '--seed'], /^Option --seed needs a value\.$/],
  ['an option in place of a value', () => ['apple', '--out', '--json'], /^Option --out needs a value\.$/],
  ['an option twice', () => ['apple', '--seed', '1', '--seed', '2'], /^Option --seed is given twice\.$/],
  ['a value for a flag', () => ['apple', '--json=yes'], /^Option --json takes no value\.$/],
  [
    'a seed below zero',
    () => ['apple', '--seed', '-1'],
    /^--seed must be a whole number from 0 to 4294967295/,
  ],
  ['a seed past 32 bits', () => ['apple', '--seed', '4294967296'], /^--seed must be a whole number/],
  ['half a step', () => ['apple', '--steps', '1.5'], /^--steps must be a whole number from 1/],
  ['guidance in words', () => ['apple', '--guidance', 'much'], /^--guidance must be a number/],
  ['too many pictures', () => ['apple', '--count', '17'], /^--count must be a whole number from 1 to 16/],
  ['half a size', () => ['apple', '--size', '512'], /^--size must look like 512x512/],
  ['an unknown device', () => ['apple', '--device', 'tpu'], /^--device must be one of auto, webgpu, cpu/],
  [
    'a file of prompts that is not there',
    (at) => ['--prompts', `${at}/gone.txt`, '--out', at],
    /gone\.txt cannot be read: it does not exist\.$/,
  ],
  [
    'an empty file of prompts',
    (at) => ['--prompts', `${at}/empty.txt`, '--out', at],
    /^There is no prompt in /,
  ],
  ['prompts without a folder', (at) => ['--prompts', `${at}/empty.txt`], /./],
  [
    'prompts and a prompt',
    (at) => ['apple', '--prompts', `${at}/empty.txt`],
    /^Give either a prompt or --prompts/,
  ],
  [
    'an output folder that is not there',
    (at) => ['apple', '--out', `${at}/gone/apple.png`],
    /cannot be written to .*gone: it does not exist\.$/,
  ],
  [
    'an output that is no PNG',
    (at) => ['apple', '--out', `${at}/apple.jpg`],
    /must end in \.png or be a folder\.$/,
  ],
  [
    'a model folder that is not there',
    (at) => ['apple', '--model', `${at}/gone`],
    /neither the id of a model nor a folder\.$/,
  ],
  ['a model folder with a bad id', (at) => ['apple', '--model', at], /gives the model no valid id\.$/],
];

for (const [name, args, sentence] of FAULTS) {
  test(`generate refuses ${name} in one sentence`, async () => {
    const { code, stdout, stderr } = await runScript('generate.mjs', args(folder));
    expect(stderr.trim()).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect([code, stdout]).toEqual([1, '']);
  });
}

test('generate --help lists every option and exits well', async () => {
  const { code, stdout } = await runScript('generate.mjs', ['--help']);
  expect(code).toBe(0);
  for (const option of [
    'negative',
    'seed',
    'steps',
    'sampler',
    'schedule',
    'guidance',
    'guidance-rescale',
    'size',
    'count',
    'model',
    'device',
    'json',
    'prompts',
    'out',
  ]) {
    expect(stdout).toContain(`--${option}`);
  }
});
