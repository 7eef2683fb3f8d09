import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import { MAX_NAME_BYTES, pictureFileName, safeFileName } from './file-name.ts';

const named = (prompt: string) => pictureFileName({ number: 1, seed: 965400086, prompt });

describe('pictureFileName', () => {
  it.each([
    ['a red fox', '00001-965400086-a_red_fox.png'],
    ['', '00001-965400086.png'],
    ['(a:1.2), [fox|cat]\nBREAK', '00001-965400086-a_1.2_fox_cat_BREAK.png'],
    ['fox <lora:ink:0.8>', '00001-965400086-fox.png'],
    ['狐 🦊 café', '00001-965400086-狐_🦊_café.png'],
    ['../../etc/passwd', '00001-965400086-.._.._etc_passwd.png'],
    ['fox... ', '00001-965400086-fox.png'],
  ])('names %j', (prompt, name) => {
    expect(named(prompt)).toBe(name);
  });

  it('counts past five digits', () => {
    expect(pictureFileName({ number: 123456, seed: 0, prompt: 'a' })).toBe('123456-0-a.png');
  });
});

describe('safeFileName', () => {
  it.each([
    ['CON', '_CON.png'],
    ['aux.tar', '_aux.tar.png'],
    ['com1', '_com1.png'],
    ['console', 'console.png'],
    ['...', '_.png'],
    ['', '_.png'],
    ['.hidden', 'hidden.png'],
    ['a\u202egnp', 'agnp.png'],
    ['a\u0000b<c>d', 'abcd.png'],
  ])('makes %j safe', (name, expected) => {
    expect(safeFileName(name, 'png')).toBe(expected);
  });

  it('cuts between characters as people see them', () => {
    const name = safeFileName(`x${'👩‍🚀'.repeat(50)}`, 'png');
    expect(name).toBe(`x${'👩‍🚀'.repeat(10)}.png`);
    expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_NAME_BYTES);
  });

  it('takes anything', () => {
    fc.assert(
      fc.property(anyText(400), (text) => {
        for (const name of [named(text), safeFileName(text, 'png')]) {
          expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(MAX_NAME_BYTES);
          expect(name).not.toMatch(/[<>:"/\\|?*\p{Cc}\p{Bidi_Control}]/u);
          expect(name).toMatch(/^[^.\s].*\.png$/su);
        }
      }),
    );
  });
});
