import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { externalNames } from './external-names.ts';
import { type Graph, readModel } from './model.ts';

function read(name: string): Graph {
  const folder = new URL('../../../e2e/hub/repositories/tiny-vit-gpt2/onnx/', import.meta.url);
  return readModel(readFileSync(new URL(name, folder))).graph!;
}

test('the file beside a graph is named; a graph that holds its weights names none', () => {
  expect(externalNames(read('encoder_model.onnx'))).toEqual(new Set(['encoder_model.onnx_data']));
  expect(externalNames(read('decoder_model_merged.onnx'))).toEqual(new Set());
});

test('files of a branch inside a node count too', () => {
  const outer = read('decoder_model_merged.onnx');
  const inner = read('encoder_model.onnx');
  const attribute = outer.nodes.flatMap((node) => node.attributes)[0]!;
  attribute.g = inner;
  expect(externalNames(outer)).toEqual(new Set(['encoder_model.onnx_data']));
});
