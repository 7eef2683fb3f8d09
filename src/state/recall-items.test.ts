import { beforeEach, describe, expect, it } from 'vitest';
import { recall, type Recalled } from '#core/metadata/recall.ts';
import { FAKE_MODEL } from '#engine/fake.ts';
import { CHOICES } from '#state/controls.ts';
import { EMPTY_DRAFT } from '#state/draft.ts';
import { recallItems, recallRest, takeItems } from '#state/recall-items.ts';
import { LEFT_AT_FIRST } from '#state/recall-template.ts';
import { useWords } from '#state/words.ts';
import type { AdapterCard } from '#storage/adapters.ts';

const CARD = {
  sha256: 'ab'.repeat(32),
  loraHash: '0123456789ab',
  name: 'ink',
  fileName: 'ink.safetensors',
  sizeBytes: 1,
  addedAt: 1,
  summary: { family: null, familyLabel: null, rank: 4 },
} as unknown as AdapterCard;
const WORD = {
  ...CARD,
  sha256: 'c74b4e810b03'.padEnd(64, '0'),
  loraHash: 'cccccccccccc',
  name: 'easy',
  summary: { ...CARD.summary, kind: 'textual-inversion', triggerWords: ['<easy>'] },
} as AdapterCard;
const place = { models: [FAKE_MODEL], current: FAKE_MODEL, cards: [CARD], words: [WORD], absent: [] };
const draft = { ...EMPTY_DRAFT, modelId: FAKE_MODEL.id, prompt: 'mine', seed: 1, steps: 2 };
const read = (text: string) => recall([{ keyword: 'parameters', text }], CHOICES)!;

const TEXT =
  'a fox <lora:brush:0.5> <lora:gone:1>\nNegative prompt: blurry\nSteps: 3, Sampler: PLMS, CFG scale: 2, Seed: 77, ' +
  'Size: 9999x9999, Model hash: 45dee52b11, Model: other, Clip skip: 2, RNG: CPU, Lora hashes: "brush: 0123456789ab, gone: ffffffffffff", Version: v1.10.1';

describe('recallItems', () => {
  it('says of each setting whether it can be taken, and why not', () => {
    const items = recallItems(read(TEXT), place, []);
    const problems = Object.fromEntries(items.map(({ key, problem }) => [key, problem]));
    expect(problems).toMatchObject({ prompt: null, seed: null, 'lora:0': null, 'lora:1': null });
    expect(problems['model']).toMatch(/^Not installed/);
    expect(problems['size']).toContain('draws');
    expect(items.find(({ key }) => key === 'lora:1')?.note).toMatch(/^Not here/);
    expect(recallRest(read(TEXT)).map(({ key }) => key)).toEqual(['Sampler', 'Clip skip']);
  });
});

describe('what a picture was drawn from', () => {
  const source = 'a1'.repeat(32);
  const painted = 'b2'.repeat(32);
  const mask = { sha256: painted, content: 'fill', blurPx: 4, onlyMasked: null } as const;
  const init = { sha256: source, strength: 0.5, fit: 'crop', mask } as const;
  const variation = { seed: 9, strength: 0.3 };
  const request = { prompt: 'a fox', seed: 7, init, variation, hires: { scale: 2, steps: 2, strength: 0.4 } };
  const found = { ...read(TEXT), request, loras: [], notApplied: [] };
  const reading = { ...FAKE_MODEL, encoder: FAKE_MODEL.decoder };
  const here = { ...place, models: [reading], current: reading };
  const problemsOf = (absent: string[], left: string[] = []) =>
    Object.fromEntries(
      recallItems(found, { ...here, absent }, left).map(({ key, problem }) => [key, problem === null]),
    );

  it('can be taken where its files are here', () => {
    expect(problemsOf([])).toMatchObject({ init: true, mask: true, variation: true, hires: false });
    const { draft: taken } = takeItems(draft, found, here, []);
    expect(taken).toMatchObject({ init, variation, hires: null });
  });

  it('is left with a reason where a file is not here, and the rest is still taken', () => {
    expect(problemsOf([painted])).toMatchObject({ init: true, mask: false });
    const { mask: _, ...plain } = init;
    expect(takeItems(draft, found, { ...here, absent: [painted] }, []).draft.init).toEqual(plain);
    expect(problemsOf([source])).toMatchObject({ init: false, mask: false, hires: true });
    const { draft: taken } = takeItems(draft, found, { ...here, absent: [source] }, []);
    expect(taken).toMatchObject({ init: null, variation, hires: { scale: 2 } });
  });

  it('is left by choice, the mask with its source', () => {
    expect(problemsOf([], ['init'])).toMatchObject({ init: true, mask: false, hires: true });
    const { draft: taken } = takeItems(draft, found, here, ['init', 'variation', 'hires']);
    expect(taken).toMatchObject({ init: null, variation: null, hires: null });
    expect(recallRest(found)).toEqual([]);
  });
});

function said(prompt: string, hashes: string) {
  const settings = `Steps: 3, Seed: 7, RNG: CPU, TI hashes: "${hashes}"`;
  return read(`${prompt}\nNegative prompt: EasyNegative, blurry\n${settings}`);
}

describe('the words of textual inversions', () => {
  const hashes = 'EasyNegative: c74b4e810b03, ink2: ffffffffffff';

  it('are said as their files are called here, and one that is not here is among what cannot be applied', () => {
    const found = said('a fox, ink2', hashes);
    const items = recallItems(found, place, []).filter(({ label }) => label === 'Word');
    expect(items).toMatchObject([
      { key: 'word:0', value: 'EasyNegative', problem: null, note: expect.stringContaining('“<easy>”') },
      { key: 'word:1', value: 'ink2', problem: expect.stringMatching(/^Not here/) },
    ]);
    expect(recallRest(found)).toEqual([]);
    const { draft: taken } = takeItems(draft, found, place, []);
    expect(taken).toMatchObject({ prompt: 'a fox, ink2', negativePrompt: '<easy>, blurry' });
    expect(taken).not.toHaveProperty('words');
  });

  it('are left out of the prompts by choice', () => {
    const found = said('a fox, ink2', hashes);
    expect(takeItems(draft, found, place, ['word:0']).draft.negativePrompt).toBe(', blurry');
  });

  it('say when another file of the name is here, and when the model cannot read it', () => {
    const found = said('a fox', 'easy: 0123456789ab');
    expect(recallItems(found, place, []).find(({ key }) => key === 'word:0')?.note).toMatch(/another file/);
    const wide = { ...WORD, summary: { ...WORD.summary, family: 'sdxl' as const, familyLabel: 'SDXL' } };
    const small = { ...FAKE_MODEL, family: 'sd1' };
    const there = { ...place, models: [small], current: small, words: [wide] };
    const other = said('a fox', hashes);
    expect(recallItems(other, there, []).find(({ key }) => key === 'word:0')?.problem).toMatch(
      /^Made for SDXL/,
    );
    expect(takeItems(draft, other, there, []).draft.negativePrompt).toBe(', blurry');
  });

  it('of a graph are said without the sign that they stand behind', () => {
    const graph = JSON.stringify({
      k: { class_type: 'KSampler', inputs: { seed: 5, steps: 3, model: ['m', 0], positive: ['p', 0] } },
      m: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'fox.safetensors' } },
      p: {
        class_type: 'CLIPTextEncode',
        inputs: { text: 'a fox, embedding:sd15/easy.pt, (embedding:gone:1.2)' },
      },
    });
    const { draft: taken } = takeItems(
      draft,
      recall([{ keyword: 'prompt', text: graph }], CHOICES)!,
      place,
      [],
    );
    expect(taken.prompt).toBe('a fox, <easy>, (gone:1.2)');
  });
});

describe('the words as they were written', () => {
  const template = { prompt: 'a __animal__', negativePrompt: '', styles: ['Ink'] };
  const styles = [{ name: 'Ink', prompt: 'ink of {prompt}', negativePrompt: '' }];
  const drawn = { prompt: 'ink of a fox', negativePrompt: '', seed: 7, template };
  const found: Recalled = { ...read(TEXT), source: 'kiln', request: drawn, loras: [], notApplied: [] };
  const row = () => recallItems(found, place, []).find(({ key }) => key === 'template');

  it('are taken by choice, in place of the drawn ones', () => {
    useWords.setState({ status: 'ready', styles, lists: [{ name: 'animal', text: 'fox' }] });
    expect(row()).toMatchObject({ value: 'a __animal__\nStyles: Ink', problem: null });
    expect(row()?.note).toContain('the same words');
    expect(takeItems(draft, found, place, LEFT_AT_FIRST).draft).toMatchObject({
      prompt: 'ink of a fox',
      styles: [],
    });
    expect(takeItems(draft, found, place, ['prompt']).draft).toMatchObject({
      prompt: 'a __animal__',
      styles: ['Ink'],
    });
  });

  it('say when they come to other words, and when something they name is gone', () => {
    useWords.setState({ status: 'ready', styles, lists: [{ name: 'animal', text: 'owl' }] });
    expect(row()?.note).toContain('other words');
    useWords.setState({ lists: [] });
    expect(row()?.problem).toBe('Not here: the list animal.');
    useWords.setState({ styles: [] });
    expect(row()?.problem).toBe('Not here: the style Ink.');
    expect(takeItems(draft, found, place, []).draft).toMatchObject({ prompt: 'ink of a fox', styles: [] });
  });
});

describe('takeItems', () => {
  let recalled = read(TEXT);
  beforeEach(() => {
    recalled = read(TEXT);
  });

  it('takes all that can be taken, adapters by their hash', () => {
    const { draft: taken } = takeItems(draft, recalled, place, []);
    expect(taken).toMatchObject({
      prompt: 'a fox <lora:brush:0.5> <lora:gone:1>',
      negativePrompt: 'blurry',
      steps: 3,
      seed: 77,
      isSeedLocked: true,
      widthPx: draft.widthPx,
    });
    expect(taken.adapters).toMatchObject([
      { name: 'brush', loraHash: '0123456789ab', inPrompt: true },
      { name: 'gone', inPrompt: true },
    ]);
  });

  it('takes the seed alone and leaves the rest as it was', () => {
    const left = recallItems(recalled, place, [])
      .map(({ key }) => key)
      .filter((key) => key !== 'seed');
    const { draft: taken } = takeItems(draft, recalled, place, left);
    expect(taken).toEqual({ ...draft, seed: 77, isSeedLocked: true });
  });

  it('takes a prompt without one of its adapters', () => {
    const { draft: taken } = takeItems(draft, recalled, place, ['lora:0']);
    expect(taken.prompt).toBe('a fox  <lora:gone:1>');
    expect(taken.adapters.map(({ name }) => name)).toEqual(['gone']);
  });

  it('takes an adapter without the prompt that named it', () => {
    const left = recallItems(recalled, place, [])
      .map(({ key }) => key)
      .filter((key) => key !== 'lora:0');
    const { draft: taken } = takeItems(draft, recalled, place, left);
    expect(taken.prompt).toBe('mine');
    expect(taken.adapters).toMatchObject([{ loraHash: '0123456789ab', textWeight: 0.5, inPrompt: false }]);
  });

  it('turns on adapters of tools that have no tags, by name, and none that is missing', () => {
    const graph = JSON.stringify({
      k: { class_type: 'KSampler', inputs: { seed: 5, steps: 3, model: ['b', 0], positive: ['p', 0] } },
      b: {
        class_type: 'LoraLoader',
        inputs: { lora_name: 'x/ink.safetensors', strength_model: 0.7, strength_clip: 0.6, model: ['a', 0] },
      },
      a: {
        class_type: 'LoraLoader',
        inputs: { lora_name: 'gone.safetensors', strength_model: 1, strength_clip: 1, model: ['m', 0] },
      },
      m: { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: `${FAKE_MODEL.name}.safetensors` } },
      p: { class_type: 'CLIPTextEncode', inputs: { text: 'a fox' } },
    });
    const found = recall([{ keyword: 'prompt', text: graph }], CHOICES)!;
    const items = recallItems(found, place, []);
    expect(items.find(({ key }) => key === 'model')?.problem).toBeNull();
    expect(items.find(({ key }) => key === 'lora:0')?.problem).toBe('Not here: add its file first.');
    const { draft: taken } = takeItems(draft, found, place, []);
    expect(taken.adapters).toMatchObject([
      { name: 'ink', sha256: CARD.sha256, textWeight: 0.6, denoiserWeight: 0.7, inPrompt: false },
    ]);
  });
});
