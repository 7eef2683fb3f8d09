import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import examples from './examples.json';

const read = (path: string) => readFileSync(new URL(path, import.meta.url));
const folder = new URL('../../public/examples/', import.meta.url);

test('the examples were drawn by the weights that ship: else npm run examples draws them anew', () => {
  const manifest = JSON.parse(String(read(`../../public/models/${examples.model}/manifest.json`)));
  const [variant] = manifest.parts[manifest.denoiser.part].variants;
  expect(examples.weights).toBe(manifest.files[variant.weights[0]].sha256);
});

test('each example has its picture, and all of them together are small', () => {
  const files = readdirSync(folder);
  expect(files.sort()).toEqual(examples.pictures.map(({ file }) => `${file}.webp`).sort());
  expect(files.reduce((sum, file) => sum + statSync(new URL(file, folder)).size, 0)).toBeLessThan(60_000);
});
