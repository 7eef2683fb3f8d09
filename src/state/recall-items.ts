/** What a picture says, setting by setting: in plain words, whether the form can take it, and what taking it changes. */
import { replaceWord } from '#core/lora/new-words.ts';
import type { Recalled } from '#core/metadata/recall.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest, InitUse } from '#core/pipeline/request.ts';
import type { Adapter } from '#state/adapters.ts';
import { controlsOf, samplerName, scheduleName } from '#state/controls.ts';
import { type Draft, NO_PICTURES } from '#state/draft.ts';
import { findKit, formOf, useKits } from '#state/kits.ts';
import {
  judgeLora,
  judgeWord,
  loraText,
  plain,
  takeLoras,
  withoutTags,
  wordHere,
} from '#state/recall-adapters.ts';
import { choiceProblem, offReason, rangeProblem, sizeProblem, whyNot } from '#state/recall-problems.ts';
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

/** Other tools call by one name what walks either kind of noise. */
function samplerFor(id: string, manifest: Manifest): string {
  if (id === 'euler' && manifest.noise.path === 'flow') return 'flow-euler';
  if (id === 'flow-euler' && manifest.noise.path === 'diffusion') return 'euler';
  return id;
}

function seedNote({ source, notApplied }: Recalled): string | null {
  if (source === 'kiln') return null;
  return notApplied.some(({ key }) => key === 'RNG')
    ? 'Its noise came from a GPU’s generator: expect another picture.'
    : null;
}
