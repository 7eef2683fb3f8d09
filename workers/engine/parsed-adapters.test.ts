import { expect, test } from 'vitest';
import type { LayerWeights } from '#core/lora/weights.ts';
import { type ParsedAdapter, ParsedAdapters } from './parsed-adapters.ts';

/** Of so many bytes. */
function sized(bytes: number): ParsedAdapter {
  const layer = {
    down: new Float32Array(bytes / 8),
    up: new Float32Array(bytes / 8),
  } as Partial<LayerWeights>;
  return { family: null, layers: [layer as LayerWeights] };
}

test('what was used longest ago goes first, and the bound holds however many come', () => {
  const parsed = new ParsedAdapters(1000);
  const [a, b, c] = [sized(400), sized(400), sized(400)];
  parsed.keep('a', a);
  parsed.keep('b', b);
  parsed.keep('a', a);
  parsed.keep('c', c);
  expect([parsed.get('a'), parsed.get('b'), parsed.get('c')]).toEqual([a, null, c]);
  expect(parsed.get('a')).toBe(a);
  for (let i = 0; i < 100; i++) parsed.keep(`n${i}`, sized(240));
  expect(parsed.sizeBytes).toBe(960);
});

test('one that is larger than all the room is not kept, and puts nothing in its place', () => {
  const parsed = new ParsedAdapters(1000);
  parsed.keep('large', sized(4000));
  expect(parsed.get('large')).toBeNull();
  expect(parsed.sizeBytes).toBe(0);
});
