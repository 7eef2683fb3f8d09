import { join } from 'node:path';
import { expect, test } from 'vitest';
import { contentsOfFolder } from '../../../e2e/hub/contents.ts';
import { recognise } from './recognise.ts';

const FOLDER = join(import.meta.dirname, '../../../e2e/models/tiny-blip');
const SOURCE = { id: 'tiny-blip', name: 'tiny-blip', origin: 'tiny-blip' };

test('a converted captioner is recognised by its own manifest, with every file it vouches for', () => {
  const found = recognise(contentsOfFolder(FOLDER), SOURCE);
  if (!found.ok) throw new Error(found.reason);
  const { kind, layout, choices, missing } = found.recognised;
  expect({ kind, layout, missing }).toEqual({ kind: 'captioner', layout: 'kiln', missing: [] });
  expect(choices[0]!.missing).toEqual([]);
  const paths = choices[0]!.files.map(({ path }) => path);
  expect(paths).toContain('manifest.json');
  expect(paths).toContain('text_decoder/model.onnx_data');
});

test('a captioner of which a file is missing says which', () => {
  const found = recognise(contentsOfFolder(FOLDER, ['text_encoder/model.onnx_data']), SOURCE);
  if (!found.ok) throw new Error(found.reason);
  expect(found.recognised.choices[0]!.missing).toEqual(['text_encoder/model.onnx_data is not there.']);
});
