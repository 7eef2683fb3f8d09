import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyText } from '#core/prompt/any-text.test-data.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { pictureTexts, requestInfotext, VERSION } from './picture-text.ts';
import { insertTexts, readTexts } from './png-text.ts';
import { recall } from './recall.ts';
import { formatRequest, parseRequest } from './request-text.ts';
import { tinyPng } from './tiny-png.test-data.ts';
import { trainedMediaXmp } from './xmp.ts';

const request: GenerateRequest = {
  modelId: 'starter',
  prompt: 'a red fox, (dawn:1.2)',
  negativePrompt: 'blurry',
  seed: 965400086,
  steps: 4,
  sampler: 'euler-a',
  schedule: 'sgm-uniform',
  guidanceScale: 2.5,
  guidanceRescale: 0.7,
  widthPx: 256,
  heightPx: 384,
  count: 1,
};
const names = {
  samplerLabel: 'Euler a',
  scheduleLabel: 'SGM Uniform',
  modelName: 'Kiln starter, small',
  modelHash: '0123456789',
};
const tables = {
  samplers: [{ id: 'euler-a', label: 'Euler a' }],
  schedules: [{ id: 'sgm-uniform', label: 'SGM Uniform' }],
};

const anyRequest: fc.Arbitrary<GenerateRequest> = fc.record({
  modelId: fc.string({ maxLength: 64 }),
  prompt: anyText(300),
  negativePrompt: anyText(300),
  seed: fc.integer({ min: 0, max: 4_294_967_295 }),
  steps: fc.integer({ min: 1, max: 10_000 }),
  sampler: fc.string({ maxLength: 64 }),
  schedule: fc.string({ maxLength: 64 }),
  guidanceScale: fc.integer({ min: 0, max: 1000 }).map((tenths) => tenths / 10),
  guidanceRescale: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  widthPx: fc.integer({ min: 1, max: 65_536 }),
  heightPx: fc.integer({ min: 1, max: 65_536 }),
  count: fc.integer({ min: 1, max: 16 }),
});

const share = fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const side = fc.integer({ min: 0, max: 4096 });
const anyMask = fc.record({
  sha256: fc.option(digest),
  content: fc.constantFrom('original', 'fill', 'noise'),
  blurPx: fc.integer({ min: 0, max: 64 }),
  onlyMasked: fc.option(fc.record({ paddingPx: fc.integer({ min: 0, max: 512 }) })),
});
const required = ['sha256', 'strength', 'fit'] as const;
const anyInit = fc.record(
  {
    sha256: digest,
    strength: share,
    fit: fc.constantFrom('crop', 'pad', 'stretch'),
    extend: fc.record({ leftPx: side, topPx: side, rightPx: side, bottomPx: side }),
    mask: anyMask,
  },
  { requiredKeys: [...required] },
);
const anyVariation = fc.record({ seed: fc.integer({ min: 0, max: 4_294_967_295 }), strength: share });
const anyHires = fc.record({
  scale: fc.integer({ min: 11, max: 40 }).map((tenths) => tenths / 10),
  steps: fc.integer({ min: 1, max: 50 }),
  strength: share,
});
const shortHash = fc.stringMatching(/^[0-9a-f]{12}$/);
/** Of a word that the field's list can tell whole: without the signs that part its entries. */
const plainWord = fc.stringMatching(/^[A-Za-z_<][A-Za-z0-9_. <>-]{0,38}[A-Za-z0-9_>]$/);
const wordsOf = (word: fc.Arbitrary<string>) =>
  fc.uniqueArray(fc.record({ word, fileHash: shortHash }), {
    minLength: 1,
    maxLength: 64,
    selector: (use) => use.word,
  });
const anyTemplate = fc.record({
  prompt: anyText(300),
  negativePrompt: anyText(300),
  styles: fc.array(fc.oneof(anyText(30), fc.constantFrom('Ink', 'a, b', 'x: "y"', '')), { maxLength: 4 }),
});
const anyPictureRequest: fc.Arbitrary<GenerateRequest> = fc
  .tuple(
    anyRequest,
    fc.option(anyInit),
    fc.option(anyVariation),
    fc.option(anyHires),
    fc.option(wordsOf(fc.string({ minLength: 1, maxLength: 201 }))),
    fc.option(anyTemplate),
  )
  .map(([given, init, variation, hires, words, template]) => ({
    ...given,
    ...(words === null ? {} : { words }),
    ...(init === null ? {} : { init }),
    ...(variation === null ? {} : { variation }),
    ...(hires === null ? {} : { hires }),
    ...(template === null ? {} : { template }),
  }));

function pairs(changes: Partial<GenerateRequest>): string {
  return requestInfotext({ ...request, ...changes }, { ...names, upscalerName: 'Kiln Upscaler' });
}

describe('what a picture started from', () => {
  const sha256 = 'ab'.repeat(32);

  it('stands in the text in the words of the field', () => {
    expect(pairs({ init: { sha256, strength: 0.4, fit: 'crop' } })).toContain(
      'Denoising strength: 0.4, Init image hash: ababababab, RNG: CPU',
    );
    const mask = { sha256, content: 'noise', blurPx: 4, onlyMasked: { paddingPx: 32 } } as const;
    expect(pairs({ init: { sha256, strength: 1, fit: 'crop', mask } })).toContain(
      'Mask blur: 4, Inpaint area: Only masked, Masked area padding: 32, Masked content: latent noise',
    );
    expect(pairs({ variation: { seed: 9, strength: 0.2 } })).toContain(
      'Variation seed: 9, Variation seed strength: 0.2',
    );
    expect(pairs({ hires: { scale: 2, steps: 8, strength: 0.5 } })).toMatch(
      /Denoising strength: 0\.5, .*Hires upscale: 2, Hires steps: 8, Hires upscaler: Kiln Upscaler/,
    );
  });

  it('leaves out what the field leaves out', () => {
    const mask = { sha256, content: 'original', blurPx: 0, onlyMasked: null } as const;
    expect(pairs({ init: { sha256, strength: 0.4, fit: 'crop', mask } })).not.toMatch(/Mask|Inpaint/);
    expect(pairs({})).not.toMatch(/Denoising|Init|Variation|Hires/);
  });

  it('comes back from the field’s text, but for the picture itself', () => {
    const given = {
      ...request,
      variation: { seed: 9, strength: 0.2 },
      hires: { scale: 2, steps: 8, strength: 0.5 },
    };
    const { modelId: _, count: __, ...told } = given;
    const recalled = recall([pictureTexts(given, names)[0]!], tables);
    expect(recalled).toMatchObject({ request: told, notApplied: [] });

    const started = { ...request, init: { sha256, strength: 0.4, fit: 'crop' } } as const;
    const [parameters] = pictureTexts(started, names);
    expect(recall([parameters!], tables)?.notApplied).toEqual([
      { key: 'Denoising strength', value: '0.4' },
      { key: 'Init image hash', value: 'ababababab' },
    ]);
  });

  it.each([
    { init: { sha256: 'x', strength: 1, fit: 'crop' } },
    { init: { sha256, strength: 2, fit: 'crop' } },
    { init: { sha256, strength: 1, fit: 'cover' } },
    { init: { sha256, strength: 1, fit: 'crop', extend: { leftPx: 1 } } },
    { init: { sha256, strength: 1, fit: 'crop', mask: { sha256 } } },
    { variation: { seed: -1, strength: 0 } },
    { hires: { scale: 9, steps: 1, strength: 1 } },
  ])('is refused as %o', (change) => {
    const text = JSON.stringify({ format: 1, request: { ...request, ...change } });
    expect(parseRequest(text)).toMatchObject({ ok: false });
  });
});

describe('what the form said before styles, lists and choices', () => {
  const template = {
    prompt: 'a __animal__, {red|blue}',
    negativePrompt: 'mist',
    styles: ['Ink', 'Late, in the day'],
  };

  it('stands in the text, its words as the field has them', () => {
    expect(pairs({ template })).toContain(
      'Template: "a __animal__, {red|blue}", Negative Template: mist, Styles: "[\\"Ink\\",\\"Late, in the day\\"]"',
    );
    const plain = pairs({ template: { ...template, negativePrompt: '', styles: [] } });
    expect(plain).toContain('Template: "a __animal__, {red|blue}"');
    expect(plain).not.toMatch(/Negative Template|Styles/);
    expect(pairs({})).not.toContain('Template');
  });

  it('comes back from the field’s text alone, whatever it was', () => {
    fc.assert(
      fc.property(anyTemplate, (given) => {
        fc.pre(JSON.stringify(given).length <= 4096);
        const text = requestInfotext({ ...request, template: given }, names);
        const recalled = recall([{ keyword: 'parameters', text }], tables);
        expect(recalled?.request).toMatchObject({ prompt: request.prompt, seed: request.seed });
        expect(recalled?.request.template).toEqual(given);
        expect(recalled?.notApplied).toEqual([]);
      }),
    );
  });

  it('is left to the request beside it where it would fill the line', () => {
    const long = { ...template, prompt: 'x'.repeat(4096) };
    expect(pairs({ template: long })).not.toContain('Template');
    expect(recall(pictureTexts({ ...request, template: long }, names), tables)?.request.template).toEqual(
      long,
    );
  });

  it.each(['Ink', '[1]', `["${'x'.repeat(101)}"]`, '{}'])('is not taken with styles %s', (styles) => {
    const text = `a fox\nSteps: 1, Seed: 1, RNG: CPU, Template: {a|b}, Styles: ${JSON.stringify(styles)}`;
    const recalled = recall([{ keyword: 'parameters', text }], tables);
    expect(recalled?.request.template).toBeUndefined();
    expect(recalled?.notApplied.map(({ key }) => key)).toEqual(['Template', 'Styles']);
  });
});

const ink = { sha256: '0'.repeat(64), loraHash: '0123456789ab', name: 'ink', inPrompt: false };
const adapted: GenerateRequest = {
  ...request,
  prompt: 'a fox <lora:wash:0.5>',
  adapters: [
    { ...ink, textWeight: 0.5, denoiserWeight: 0.8 },
    { ...ink, name: 'wash', textWeight: 0.5, denoiserWeight: 0.5, inPrompt: true },
  ],
};

describe('adapters', () => {
  it('stand in the text as tags, each once, and by their hashes', () => {
    const text = requestInfotext(adapted, names);
    expect(text.split('\n')[0]).toBe('a fox <lora:wash:0.5> <lora:ink:0.5:0.8>');
    expect(text).toContain('Lora hashes: "ink: 0123456789ab, wash: 0123456789ab"');
  });

  it('come back in the request', () => {
    const recalled = recall(pictureTexts(adapted, names), tables);
    expect(recalled?.request).toEqual(adapted);
  });

  it.each([{ textWeight: 5 }, { loraHash: 'x' }, { name: '' }, { more: 1 }])(
    'are refused with %o',
    (change) => {
      const wrong = { ...adapted, adapters: [{ ...ink, textWeight: 1, denoiserWeight: 1, ...change }] };
      expect(parseRequest(formatRequest(wrong).text)).toMatchObject({ ok: false });
    },
  );
});

const worded: GenerateRequest = {
  ...request,
  prompt: 'an inkwash fox, <kiln:star>',
  words: [
    { word: 'inkwash', fileHash: '0123456789ab' },
    { word: '<kiln:star>', fileHash: 'ba9876543210' },
  ],
};

describe('words', () => {
  it('stand in the text by the hashes of their files, as the field has them', () => {
    const text = requestInfotext(worded, names);
    expect(text).toContain('TI hashes: "inkwash: 0123456789ab, <kilnstar>: ba9876543210"');
    expect(text.split('\n')[0]).toBe('an inkwash fox, <kiln:star>');
    expect(requestInfotext(request, names)).not.toContain('TI hashes');
  });

  it('come back in the request, and by it in their own letters', () => {
    const recalled = recall(pictureTexts(worded, names), tables);
    expect(recalled?.request).toEqual(worded);
    expect(recalled?.words).toEqual([
      { name: 'inkwash', written: 'inkwash', hash: '0123456789ab' },
      { name: '<kiln:star>', written: '<kiln:star>', hash: 'ba9876543210' },
    ]);
  });

  it('come back from the field’s text alone', () => {
    fc.assert(
      fc.property(wordsOf(plainWord), (words) => {
        const [parameters] = pictureTexts({ ...request, words }, names);
        const recalled = recall([parameters!], tables);
        expect(recalled?.request.words).toEqual(words);
        expect(recalled?.notApplied).toEqual([]);
      }),
    );
  });

  it.each([{ fileHash: 'x' }, { word: '' }, { more: 1 }])('are refused with %o', (change) => {
    const wrong = { ...worded, words: [{ word: 'ink', fileHash: '0123456789ab', ...change }] };
    expect(parseRequest(formatRequest(wrong).text)).toMatchObject({ ok: false });
  });
});

describe('requestInfotext', () => {
  it("is the field's text", () => {
    expect(requestInfotext(request, names)).toBe(
      'a red fox, (dawn:1.2)\nNegative prompt: blurry\n' +
        'Steps: 4, Sampler: Euler a, Schedule type: SGM Uniform, CFG scale: 2.5, Seed: 965400086, Size: 256x384, ' +
        'Model hash: 0123456789, Model: "Kiln starter, small", RNG: CPU, Guidance rescale: 0.7, Version: kiln 0.1.0',
    );
  });

  it('leaves out what says nothing', () => {
    const text = requestInfotext(
      { ...request, negativePrompt: '', guidanceRescale: 0 },
      { ...names, modelHash: null },
    );
    expect(text).not.toMatch(/Negative prompt|Guidance rescale|Model hash/);
  });

  it('carries the version of the package', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(VERSION).toBe(`kiln ${version}`);
  });
});

describe('a picture', () => {
  it('remembers its request', async () => {
    await fc.assert(
      fc.asyncProperty(anyPictureRequest, async (given) => {
        const written = { ...given, prompt: given.prompt.replaceAll('\0', ''), negativePrompt: '' };
        const png = insertTexts(tinyPng(), pictureTexts(written, names));
        if (!png.ok) throw new Error(png.reason);
        const texts = await readTexts(png.value, async function* () {});
        if (!texts.ok) throw new Error(texts.reason);
        expect(texts.value.entries.map(({ keyword }) => keyword)).toEqual([
          'parameters',
          'kiln',
          'XML:com.adobe.xmp',
        ]);
        expect(recall(texts.value.entries, tables)?.request).toEqual(written);
      }),
    );
  });

  it('tells other tools the same', () => {
    const [parameters] = pictureTexts(request, names);
    const { modelId: _, count: __, ...told } = request;
    const recalled = recall([parameters!], tables);
    expect(recalled?.request).toEqual(told);
    expect(recalled).toMatchObject({
      source: 'infotext',
      tool: 'kiln',
      model: { name: 'Kiln starter, small', hash: '0123456789' },
      notApplied: [],
    });
  });

  it('names its source for IPTC readers', () => {
    expect(trainedMediaXmp()).toMatchObject({ keyword: 'XML:com.adobe.xmp', international: true });
    expect(trainedMediaXmp().text).toContain(
      '<Iptc4xmpExt:DigitalSourceType>http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia<',
    );
  });
});

describe('parseRequest', () => {
  it('reads what formatRequest wrote', () => {
    fc.assert(
      fc.property(anyPictureRequest, (given) => {
        expect(parseRequest(formatRequest(given).text)).toEqual({ ok: true, request: given });
      }),
    );
  });

  const text = (changes: Record<string, unknown>) =>
    JSON.stringify({ format: 1, request: { ...request, ...changes } });

  it.each([
    ['no JSON', 'fox'],
    ['another format', JSON.stringify({ format: 2, request })],
    ['a missing value', text({ seed: undefined })],
    ['an unknown key', text({ lora: 'x' })],
    ['a prototype', '{"format":1,"__proto__":{},"request":{}}'],
    ['a seed beyond 32 bits', text({ seed: 4_294_967_296 })],
    ['a fraction of a step', text({ steps: 1.5 })],
    ['a billion steps', text({ steps: 1e9 })],
    ['a number as text', text({ steps: '4' })],
    ['no guidance', text({ guidanceScale: null })],
    ['too much to read', text({ prompt: 'x'.repeat(10_001) })],
    ['a bomb', `{"format":1,"request":"${'x'.repeat(1_000_000)}"}`],
    ['nesting', '['.repeat(50_000)],
  ])('refuses %s', (_, given) => {
    const result = parseRequest(given);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.reason).not.toBe('');
  });
});
