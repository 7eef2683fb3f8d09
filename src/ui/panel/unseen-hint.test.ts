import { expect, it } from 'vitest';
import { unseenHint } from './unseen-hint.ts';

function hint(max: number, steps: number, strength: number): string {
  const noise = { path: 'flow', prediction: 'v_prediction', trainTimesteps: 1000, shift: 1 } as const;
  const said = unseenHint('source', { noise, steps: { default: 1, min: 1, max } }, steps, strength);
  return said.replace('It begins at noise, so nothing of the source is seen: ', '');
}

it('advises what helps with this model, and nothing that it does not have', () => {
  expect(hint(50, 2, 0.6)).toBe('take 3 steps, or less strength.');
  expect(hint(50, 1, 0.6)).toBe('take 3 steps.');
  expect(hint(50, 4, 1)).toBe('take less strength.');
  expect(hint(2, 2, 0.6)).toBe('take less strength.');
  expect(hint(1, 1, 0.6)).toBe('this model has too few steps.');
});
