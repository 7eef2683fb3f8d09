/** What a picture says, setting by setting: in plain words, whether the form can take it, and what taking it changes. */
import { replaceWord } from '#core/lora/new-words.ts';
import { findFile, rewriteTags, useOf } from '#core/lora/uses.ts';
import type { FoundLora, FoundWord } from '#core/metadata/found.ts';
import type { Recalled } from '#core/metadata/recall.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { supportedSizes } from '#core/pipeline/check-request.ts';
import type { Control, Options, Range } from '#core/pipeline/controls.ts';
import { type AdapterUse, type GenerateRequest, type InitUse, MAX_SEED } from '#core/pipeline/request.ts';
import { type Adapter, adapterProblem, wordOf } from '#state/adapters.ts';
import { controlsOf, samplerName, scheduleName } from '#state/controls.ts';
import { type Draft, NO_PICTURES } from '#state/draft.ts';
import { findKit, formOf, useKits } from '#state/kits.ts';
import { TEMPLATE, templateRow, wordsOf } from '#state/recall-template.ts';

export interface RecallItem {
  key: string;
  label: string;
  /** Text of a stranger: shown as text only. */
  value: string;
  /** Why it cannot be taken. */
  problem: string | null;
  /** What to know when it is taken. */
  note: string | null;
}

/** What is here to take settings with. */
export interface RecallPlace {
  models: readonly Manifest[];
  /** The model of the form. */
  current: Manifest;
  cards: readonly Adapter[];
  /** Textual inversions. */
  words: readonly Adapter[];
  /** Hashes of the picture's source and mask that this browser does not have. */
  absent: readonly string[];
}

/** @param left keys that are not taken: without the model's, the others are judged by the model of the form */
export function recallItems(recalled: Recalled, place: RecallPlace, left: readonly string[]): RecallItem[] {
  const form = formOf(recalled.request);
  const wanted = modelOf(recalled, place.models);
  const manifest = wanted !== null && !left.includes('model') ? wanted : place.current;
  const controls = controlsOf(manifest);
  const items: RecallItem[] = [];
  const add = (
    key: string,
    label: string,
    value: string,
    problem: string | null = null,
    note: string | null = null,
  ) => items.push({ key, label, value, problem, note });
  const sourceProblem = ({ sha256 }: InitUse) =>
    offReason(controls.source) ??
    (place.absent.includes(sha256) ? 'The picture it started from is not in this browser.' : null);
  const addSource = (init: InitUse) => {
    const { mask, extend } = init;
    add('init', 'Source', `a picture, strength ${init.strength}`, sourceProblem(init));
    if (mask === undefined) return;
    const isLost = mask.sha256 !== null && place.absent.includes(mask.sha256);
    const isAlone = sourceProblem(init) !== null || left.includes('init');
    const problem = isAlone
      ? 'It lies on the source picture.'
      : isLost
        ? 'What was painted is not in this browser.'
        : null;
    add(
      'mask',
      'Mask',
      extend === undefined ? `on a part, ${mask.content}` : 'with the frame extended',
      problem,
    );
  };
  // As it was typed: in the form, signs that stand for choices are escaped.
  const words = form.kitId === '' ? recalled.request : form;
  if (form.prompt !== undefined) add('prompt', 'Prompt', words.prompt ?? '');
  if (form.negativePrompt !== undefined && form.negativePrompt !== '') {
    const { negativePrompt } = controls;
    add('negativePrompt', 'Negative prompt', words.negativePrompt ?? '', offReason(negativePrompt));
  }
  const written = templateRow(recalled, form.kitId);
  if (written !== null) add(TEMPLATE, 'As written', written.value, written.problem, written.note);
  const kit = findKit(useKits.getState(), form.kitId);
  if (kit !== null) add('kit', 'Kit', kit.name);
  const named = recalled.request.modelId ?? recalled.model.name ?? recalled.model.hash;
  if (named !== null) {
    const problem = wanted === null ? `Not installed; ${place.current.name} stays.` : null;
    add('model', 'Model', wanted?.name ?? named, problem);
  }
  recalled.loras.forEach((lora, k) => {
    const { problem, note } = judgeLora(lora, recalled, manifest, place.cards);
    add(`lora:${k}`, 'LoRA', loraText(lora), problem, note);
  });
  recalled.words.forEach((word, k) => {
    const { problem, note } = judgeWord(word, manifest, place.words);
    add(`word:${k}`, 'Word', word.name, problem, note);
  });
  if (form.seed !== undefined) add('seed', 'Seed', String(form.seed), null, seedNote(recalled));
  if (form.widthPx !== undefined && form.heightPx !== undefined) {
    const size = { widthPx: form.widthPx, heightPx: form.heightPx };
    add('size', 'Size', `${size.widthPx} × ${size.heightPx}`, sizeProblem(size, manifest));
  }
  if (form.steps !== undefined)
    add('steps', 'Steps', String(form.steps), rangeProblem(form.steps, controls.steps, manifest));
  if (form.sampler !== undefined) {
    const problem = choiceProblem(samplerFor(form.sampler, manifest), controls.sampler, manifest);
    add('sampler', 'Sampler', samplerName(form.sampler), problem);
  }
  if (form.schedule !== undefined) {
    const problem = choiceProblem(form.schedule, controls.schedule, manifest);
    add('schedule', 'Schedule', scheduleName(form.schedule), problem);
  }
  if (form.guidanceScale !== undefined) {
    const problem = rangeProblem(form.guidanceScale, controls.guidanceScale, manifest);
    add('guidanceScale', 'Guidance', String(form.guidanceScale), problem);
  }
  if (form.guidanceRescale !== undefined && form.guidanceRescale !== 0) {
    const problem = rangeProblem(form.guidanceRescale, controls.guidanceRescale, manifest);
    add('guidanceRescale', 'Guidance rescale', String(form.guidanceRescale), problem);
  }
  const { init, variation, hires } = form;
  if (init !== undefined) addSource(init);
  if (variation !== undefined) {
    const note = left.includes('seed') ? 'Without its seed it is a variation of another picture.' : null;
    add('variation', 'Variation', `${variation.strength} of ${variation.seed}`, null, note);
  }
  if (hires !== undefined) {
    const isFromSource = init !== undefined && sourceProblem(init) === null && !left.includes('init');
    const problem =
      offReason(controls.hires) ?? (isFromSource ? 'What starts from a source is drawn in one pass.' : null);
    add('hires', 'Second pass', `${hires.scale}×, strength ${hires.strength}`, problem);
  }
  return items;
}

/** Beside the seed, the adapters and the words. */
const SAID_ELSEWHERE = new Set(['RNG', 'Lora hashes', 'Hashes', 'TI hashes', 'Embeddings']);

/** What the picture says and no setting here stands for, each with why. */
export function recallRest({ notApplied }: Recalled): { key: string; value: string; why: string }[] {
  return notApplied
    .filter(({ key }) => !SAID_ELSEWHERE.has(key))
    .map(({ key, value }) => ({ key, value, why: whyNot(key, value) }));
}

/** The form with what is taken put into it; the rest of it as it was. */
export function takeItems(
  draft: Draft,
  recalled: Recalled,
  place: RecallPlace,
  left: readonly string[],
): { draft: Draft; manifest: Manifest } {
  const items = recallItems(recalled, place, left);
  const isTaken = (key: string) =>
    items.some((item) => item.key === key && item.problem === null) && !left.includes(key);
  const form = formOf(recalled.request);
  const wanted = isTaken('model') ? modelOf(recalled, place.models) : null;
  const manifest = wanted ?? place.current;
  const change: Partial<Draft> = { modelId: manifest.id };
  const copy = <K extends keyof Draft & keyof GenerateRequest>(key: string, ...fields: K[]) => {
    if (isTaken(key))
      for (const field of fields) if (form[field] !== undefined) change[field] = form[field] as Draft[K];
  };
  copy('seed', 'seed');
  if (isTaken('seed')) change.isSeedLocked = true;
  copy('size', 'widthPx', 'heightPx');
  copy('steps', 'steps');
  copy('schedule', 'schedule');
  copy('guidanceScale', 'guidanceScale');
  copy('guidanceRescale', 'guidanceRescale');
  if (isTaken('sampler')) change.sampler = samplerFor(form.sampler!, manifest);
  // A picture without a negative prompt was made without one.
  if (isTaken('negativePrompt') || (isTaken('prompt') && form.negativePrompt === ''))
    change.negativePrompt = form.negativePrompt!;
  copy('init', 'init');
  if (change.init != null && !isTaken('mask')) change.init = withoutMask(change.init);
  copy('variation', 'variation');
  copy('hires', 'hires');
  // Who takes the seed wants that picture, not a variation of it; who takes words does not mean an older source.
  if (isTaken('seed') && form.variation === undefined) change.variation = null;
  const written = isTaken(TEMPLATE) ? recalled.request.template : undefined;
  const hasPrompt = isTaken('prompt') || written !== undefined;
  if (hasPrompt) Object.assign(change, { ...NO_PICTURES, ...change });
  if (hasPrompt || isTaken('kit')) change.kitId = isTaken('kit') ? form.kitId : '';
  const taken = recalled.loras.filter((_, k) => isTaken(`lora:${k}`));
  const dropped = recalled.loras.filter((_, k) => left.includes(`lora:${k}`));
  if (hasPrompt) change.styles = [];
  const reword = (text: string) =>
    recalled.words.reduce((before, word, k) => {
      const here = left.includes(`word:${k}`) ? '' : wordHere(word, manifest, place.words);
      return here === word.written ? before : replaceWord(before, word.written, here);
    }, text);
  if (hasPrompt) change.prompt = form.prompt ?? '';
  if (written !== undefined) Object.assign(change, wordsOf(written));
  if (hasPrompt) change.prompt = reword(withoutTags(change.prompt ?? '', dropped));
  if (change.negativePrompt !== undefined) change.negativePrompt = reword(change.negativePrompt);
  change.adapters = takeLoras(hasPrompt ? [] : draft.adapters, taken, hasPrompt, recalled, place.cards);
  return { draft: { ...draft, ...change }, manifest };
}

function withoutMask(init: InitUse): InitUse {
  const { mask: _, extend: __, ...source } = init;
  return source;
}

/** The model that a picture means: by id or name, or by the hash of the weights that draw. */
function modelOf({ request, model }: Recalled, models: readonly Manifest[]): Manifest | null {
  if (request.modelId !== undefined) return models.find(({ id }) => id === request.modelId) ?? null;
  const name = plain(model.name ?? '');
  const byName = models.find((one) => name !== '' && (plain(one.name) === name || plain(one.id) === name));
  if (byName !== undefined) return byName;
  const hash = model.hash?.toLowerCase() ?? '';
  if (!/^[0-9a-f]{8,64}$/.test(hash)) return null;
  return models.find((one) => Object.values(one.files).some(({ sha256 }) => sha256.startsWith(hash))) ?? null;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_.-]+/g, '');
}

/** The file that is meant: by its hash, whole or short, else by its name. */
function cardOf({ name, hash }: Pick<FoundLora, 'name' | 'hash'>, cards: readonly Adapter[]): Adapter | null {
  const digits = hash?.replace(/^.*:/, '') ?? '';
  const byHash =
    digits.length < 8
      ? undefined
      : cards.find((card) => card.sha256.startsWith(digits) || card.loraHash === digits.slice(0, 12));
  return byHash ?? cards.find((card) => plain(card.name) === plain(name)) ?? null;
}

function judgeLora(
  lora: FoundLora,
  { source, request }: Recalled,
  manifest: Manifest,
  cards: readonly Adapter[],
) {
  const card = cardOf(lora, cards);
  if (card === null) {
    const stays = lora.inPrompt
      ? 'Its tag stays in the prompt and works once its file is added.'
      : 'It stays in the form and works once its file is added.';
    const isKept = lora.inPrompt || (source === 'kiln' && (request.adapters ?? []).length > 0);
    return isKept
      ? { problem: null, note: `Not here. ${stays}` }
      : { problem: 'Not here: add its file first.', note: null };
  }
  const mismatch = adapterProblem(card, manifest);
  if (mismatch !== null && mismatch.code === 'adapter-mismatch')
    return { problem: null, note: `${madeFor(mismatch.adapterFamily)}, so ${manifest.name} leaves it out.` };
  const isOther = lora.hash !== null && !isSameFile(lora.hash, card);
  return { problem: null, note: isOther ? 'Of the same name here, though another file.' : null };
}

/** What is not told by a file is told by its shapes. */
function madeFor(family: string | null): string {
  return `Made for ${family ?? 'another model'}`;
}

/** The prompt keeps a word that is not here: what it says can be read, and it works once its file is added. */
function judgeWord(word: FoundWord, manifest: Manifest, words: readonly Adapter[]) {
  const card = wordCard(word, words);
  if (card === null) {
    const problem = 'Not here: it stays in the prompt as plain text until its file is added.';
    return { problem, note: null };
  }
  const mismatch = adapterProblem(card, manifest);
  if (mismatch !== null && mismatch.code === 'adapter-mismatch')
    return {
      problem: `${madeFor(mismatch.adapterFamily)}: ${manifest.name} cannot read it, so the prompt leaves it out.`,
      note: null,
    };
  const isOther = word.hash !== null && !isSameFile(word.hash, card);
  if (isOther) return { problem: null, note: 'Of the same name here, though another file.' };
  const here = wordOf(card);
  const isCalledSo = here.toLowerCase() === word.written.toLowerCase();
  return { problem: null, note: isCalledSo ? null : `In prompts here it is “${here}”.` };
}

/** The file that is meant: by its hash, else by its word or its name. */
function wordCard({ name, hash }: FoundWord, words: readonly Adapter[]): Adapter | null {
  const bare = name.replace(/^<(.+)>$/, '$1');
  return (
    cardOf({ name: bare, hash }, words) ??
    words.find((card) => [name, bare].some((one) => plain(one) === plain(wordOf(card)))) ??
    null
  );
}

/** What a prompt here says for it; nothing where the model could not read it. */
function wordHere(word: FoundWord, manifest: Manifest, words: readonly Adapter[]): string {
  const card = wordCard(word, words);
  if (card === null) return word.name;
  return adapterProblem(card, manifest) === null ? wordOf(card) : '';
}

function isSameFile(hash: string, card: Adapter): boolean {
  const digits = hash.replace(/^.*:/, '');
  // A hash of another kind says nothing.
  return hash.includes(':') || card.sha256.startsWith(digits) || card.loraHash === digits.slice(0, 12);
}

function takeLoras(
  before: readonly AdapterUse[],
  taken: readonly FoundLora[],
  hasPrompt: boolean,
  { request }: Recalled,
  cards: readonly Adapter[],
): AdapterUse[] {
  const uses = [...before];
  for (const lora of taken) {
    const card = cardOf(lora, cards);
    const inPrompt = lora.inPrompt && hasPrompt;
    const noted = (request.adapters ?? []).find(
      (use) => use.name === lora.name && use.inPrompt === lora.inPrompt,
    );
    // A note that pins the file is kept as it is; only what is not here has no other.
    const pinned = noted !== undefined && (card === null || findFile(cards, noted) !== null) ? noted : null;
    const use =
      pinned !== null
        ? { ...pinned, inPrompt }
        : card === null
          ? null
          : { ...useOf(card, lora, inPrompt), name: lora.name };
    if (use === null) continue;
    const at = uses.findIndex((one) => one.loraHash === use.loraHash);
    if (at === -1) uses.push(use);
    else uses[at] = use;
  }
  return uses;
}

function loraText({ name, textWeight, denoiserWeight }: FoundLora): string {
  const weights =
    textWeight === denoiserWeight
      ? `weight ${denoiserWeight}`
      : `weight ${denoiserWeight}, in the text ${textWeight}`;
  return `${name}, ${weights}`;
}

function withoutTags(prompt: string, loras: readonly FoundLora[]): string {
  const names = new Set(loras.map(({ name }) => name));
  return names.size === 0 ? prompt : rewriteTags(prompt, (name) => names.has(name), null).trim();
}

/** Other tools call by one name what walks either kind of noise. */
function samplerFor(id: string, manifest: Manifest): string {
  if (id === 'euler' && manifest.noise.path === 'flow') return 'flow-euler';
  if (id === 'flow-euler' && manifest.noise.path === 'diffusion') return 'euler';
  return id;
}

function offReason(control: Control<unknown>): string | null {
  return control.enabled ? null : control.reason;
}

function rangeProblem(value: number, control: Control<number, Range>, { name }: Manifest): string | null {
  if (!control.enabled) return control.value === value ? null : control.reason;
  return value >= control.min && value <= control.max
    ? null
    : `${name} takes ${control.min} to ${control.max}.`;
}

function choiceProblem(id: string, control: Control<string, Options>, { name }: Manifest): string | null {
  if (!control.enabled) return control.value === id ? null : control.reason;
  return control.options.some((option) => option.id === id) ? null : `${name} cannot be drawn with it.`;
}

function sizeProblem(
  { widthPx, heightPx }: { widthPx: number; heightPx: number },
  manifest: Manifest,
): string | null {
  const { only, minPx, maxPx, multiplePx } = manifest.sizes;
  const isFit = only
    ? only.some((size) => size.widthPx === widthPx && size.heightPx === heightPx)
    : [widthPx, heightPx].every((side) => side >= minPx && side <= maxPx && side % multiplePx === 0);
  return isFit ? null : `${manifest.name} draws ${supportedSizes(manifest.sizes)}.`;
}

function seedNote({ source, notApplied }: Recalled): string | null {
  if (source === 'kiln') return null;
  return notApplied.some(({ key }) => key === 'RNG')
    ? 'Its noise came from a GPU’s generator: expect another picture.'
    : null;
}

function whyNot(key: string, value: string): string {
  switch (key) {
    case 'Seed':
      return Number(value) > MAX_SEED ? `Seeds here go up to ${MAX_SEED}.` : 'Not a seed.';
    case 'Sampler':
      return 'There is no sampler of this name here.';
    case 'Schedule type':
      return 'There is no schedule of this name here.';
    case 'Clip skip':
      return 'Models here are read at the layer they were exported with.';
    case 'Hires upscale':
    case 'Hires upscaler':
    case 'Hires steps':
    case 'Second pass':
      return 'The second pass here has settings and an upscaler of its own.';
    case 'Source picture':
    case 'Denoising strength':
      return 'It was drawn from another picture, which is not in this file.';
    case 'kiln':
    case 'parameters':
    case 'prompt':
    case 'workflow':
      return 'This text in the file could not be read.';
    default:
      return 'No setting here stands for it.';
  }
}
