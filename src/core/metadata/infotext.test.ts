import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import { formatInfotext, MAX_INFOTEXT_CHARACTERS, MAX_LINE_CHARACTERS, parseInfotext } from './infotext.ts';

const parse = (text: string) => {
  const result = parseInfotext(text);
  if (!result.ok) throw new Error(result.reason);
  return { ...result.infotext, fields: Object.fromEntries(result.infotext.fields) };
};

const line = (value: string) => formatInfotext({ prompt: '', negativePrompt: '', fields: [['Key', value]] });

describe('formatInfotext', () => {
  it('writes the known keys in order, others after them, the version last', () => {
    const text = formatInfotext({
      prompt: 'a fox,\nat dawn',
      negativePrompt: 'blurry',
      fields: [
        ['Version', 'v1'],
        ['Emphasis', 'No norm'],
        ['Model', 'fox'],
        ['Model hash', null],
        ['Size', '512x512'],
        ['Seed', 965400086],
        ['CFG scale', 7.5],
        ['Sampler', 'Euler a'],
        ['Steps', 20],
        ['Schedule type', 'Karras'],
        ['RNG', 'CPU'],
      ],
    });
    expect(text).toBe(
      'a fox,\nat dawn\nNegative prompt: blurry\n' +
        'Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7.5, Seed: 965400086, Size: 512x512, ' +
        'Model: fox, RNG: CPU, Emphasis: No norm, Version: v1',
    );
  });

  it('quotes where a reader would stumble, and only there', () => {
    expect(line('plain (text) é')).toBe('Key: plain (text) é');
    expect(line('a, b')).toBe('Key: "a, b"');
    expect(line('é: 狐')).toBe('Key: "é: 狐"');
    expect(line('a\nb')).toBe(String.raw`Key: "a\nb"`);
    expect(line('say "a", b\\')).toBe(String.raw`Key: "say \"a\", b\\"`);
    expect(line('"a"')).toBe(String.raw`Key: "\"a\""`);
    expect(line(' a')).toBe('Key: " a"');
    expect(line('Key')).toBe('Key');
  });

  it.each(['', 'a', 'a:b', 'a,b', ' ab', 'ab ', '-ab'])('refuses the key %j', (key) => {
    const format = () => formatInfotext({ prompt: '', negativePrompt: '', fields: [[key, 1]] });
    expect(format).toThrow(RangeError);
  });
});

describe('parseInfotext', () => {
  it("reads another tool's text and keeps what it does not know", () => {
    const text =
      '(red fox:1.2), [dawn|dusk] <lora:ink:0.8>\nsecond line\nNegative prompt: blurry,\nlow quality\n' +
      'Steps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7.0, Seed: 965400086, Size: 512x768, Model hash: 45dee52b, ' +
      'Model: v1-5-pruned, Lora hashes: "ink: 0123456789ab, wash: ba9876543210", Clip skip: 2, Tiling, Version: v1.10.1';
    expect(parse(text)).toEqual({
      prompt: '(red fox:1.2), [dawn|dusk] <lora:ink:0.8>\nsecond line',
      negativePrompt: 'blurry,\nlow quality',
      fields: {
        Steps: '20',
        Sampler: 'DPM++ 2M Karras',
        'CFG scale': '7.0',
        Seed: '965400086',
        Size: '512x768',
        'Model hash': '45dee52b',
        Model: 'v1-5-pruned',
        'Lora hashes': 'ink: 0123456789ab, wash: ba9876543210',
        'Clip skip': '2',
        Tiling: 'Tiling',
        Version: 'v1.10.1',
      },
    });
  });

  it('takes a last line for pairs only from three on', () => {
    expect(parse('a fox\nSteps: 20, Seed: 1, Sampler: Euler').prompt).toBe('a fox');
    expect(parse('a fox\nSteps: 20, Seed: 1')).toEqual({
      prompt: 'a fox\nSteps: 20, Seed: 1',
      negativePrompt: '',
      fields: {},
    });
    expect(parse('a fox\nNegative prompt: no: pairs, here: at')).toMatchObject({
      negativePrompt: 'no: pairs, here: at',
    });
  });

  it.each([
    ['', ''],
    ['\n\n', ''],
    ['  a fox \r\n den ', 'a fox \n den'],
  ])('reads %j', (text, prompt) => {
    expect(parse(text)).toEqual({ prompt, negativePrompt: '', fields: {} });
  });

  it('keeps a broken quote as it stands', () => {
    expect(parse('Steps: "open, Seed: 1, Model: "a\\q", Size: "x"y').fields).toEqual({
      Steps: '"open',
      Seed: '1',
      Model: '"a\\q"',
      Size: '"x"y',
    });
  });

  it('keeps hostile values as text and touches no prototype', () => {
    const { fields } = parse(
      'Steps: 1, __proto__: <img src=x onerror=alert(1)>, constructor: javascript:alert(1)',
    );
    expect(Object.entries(fields)).toContainEqual(['constructor', 'javascript:alert(1)']);
    const result = parseInfotext('Steps: 1, Seed: 2, __proto__: <img src=x>');
    expect(result.ok && result.infotext.fields.get('__proto__')).toBe('<img src=x>');
  });

  it('bounds the text and its last line', () => {
    expect(parseInfotext('x'.repeat(MAX_INFOTEXT_CHARACTERS + 1))).toMatchObject({ ok: false });
    expect(parseInfotext(`fox\n${'x'.repeat(MAX_LINE_CHARACTERS + 1)}`)).toMatchObject({ ok: false });
    expect(parse(`${'x '.repeat(9000)}\n${'y'.repeat(MAX_LINE_CHARACTERS)}`).fields).toEqual({});
    expect(Object.keys(parse('ab:,'.repeat(2000)).fields)).toEqual(['ab']);
  });

  it('brings back whatever was written', () => {
    const characters = fc.constantFrom(...'abc ,:"\\-/(1é🦊\n\t');
    const prompt = fc
      .oneof(fc.string({ unit: characters }), anyText())
      .map((text) => text.replaceAll('\r', '').trim());
    const key = fc.string({ unit: fc.constantFrom('a', 'Z', '_', '3', ' ', '-', '/', 'é'), minLength: 2 });
    const knownKey = fc.constantFrom('Steps', 'Seed', 'Size', 'Model', 'Clip skip', 'Version', '__proto__');
    const fields = fc
      .array(fc.tuple(fc.oneof(key, knownKey), fc.oneof(fc.string({ unit: characters }), anyText())))
      .map((pairs) => new Map(pairs.filter(([k]) => /^[a-zé_0-9].*(?<! )$/i.test(k))))
      .filter((map) => [...map].filter(([k, value]) => k !== value).length >= 3);
    fc.assert(
      fc.property(prompt, prompt, fields, (positive, negative, given) => {
        fc.pre(!/^Negative prompt:/m.test(positive));
        const result = parseInfotext(
          formatInfotext({ prompt: positive, negativePrompt: negative, fields: given }),
        );
        expect(result).toEqual({
          ok: true,
          infotext: { prompt: positive, negativePrompt: negative, fields: given },
        });
      }),
      { numRuns: 200 },
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ab:,"\\ \n'), maxLength: 200 }), (text) => {
        parseInfotext(text);
      }),
    );
  });
});
