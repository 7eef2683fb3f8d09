import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from './any-text.test-data.ts';
import { frame } from './frame.ts';

describe('frame', () => {
  it.each([
    ['a fox', [], 'a fox'],
    ['a fox', ['photo of {prompt}, 35 mm'], 'photo of a fox, 35 mm'],
    ['a fox', ['soft light'], 'a fox, soft light'],
    ['a fox', ['', '  '], 'a fox'],
    ['', ['soft light'], 'soft light'],
    ['', ['photo of {prompt}'], 'photo of '],
    ['a fox', ['{prompt} and {prompt}'], 'a fox and a fox'],
    ['a fox', ['ink drawing of {prompt}', 'framed: {prompt}', 'old'], 'framed: ink drawing of a fox, old'],
    ['$& $1', ['<{prompt}>'], '<$& $1>'],
  ])('puts %j into %j', (prompt, frames, expected) => {
    expect(frame(prompt, frames)).toBe(expected);
  });

  it('keeps every word of the prompt and of the frames', () => {
    fc.assert(
      fc.property(anyText(), fc.array(anyText(), { maxLength: 3 }), (prompt, frames) => {
        const framed = frame(prompt, frames);
        expect(framed).toContain(prompt.trim());
        if (frames.length === 1 && frames[0]!.trim() !== '') expect(framed).toContain(frames[0]!.trim());
      }),
    );
  });
});
