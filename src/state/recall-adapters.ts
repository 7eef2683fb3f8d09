/** The adapters and new words that a picture names: which file of this browser each means, and what taking it changes. */
import { findFile, rewriteTags, useOf } from '#core/lora/uses.ts';
import type { FoundLora, FoundWord } from '#core/metadata/found.ts';
import type { Recalled } from '#core/metadata/recall.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { AdapterUse } from '#core/pipeline/request.ts';
import { type Adapter, adapterProblem, wordOf } from '#state/adapters.ts';

/** A name as it is compared: tools write the same one in several ways. */
export function plain(name: string): string {
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

export function judgeLora(
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
export function judgeWord(word: FoundWord, manifest: Manifest, words: readonly Adapter[]) {
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
export function wordHere(word: FoundWord, manifest: Manifest, words: readonly Adapter[]): string {
  const card = wordCard(word, words);
  if (card === null) return word.name;
  return adapterProblem(card, manifest) === null ? wordOf(card) : '';
}

function isSameFile(hash: string, card: Adapter): boolean {
  const digits = hash.replace(/^.*:/, '');
  // A hash of another kind says nothing.
  return hash.includes(':') || card.sha256.startsWith(digits) || card.loraHash === digits.slice(0, 12);
}

export function takeLoras(
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

export function loraText({ name, textWeight, denoiserWeight }: FoundLora): string {
  const weights =
    textWeight === denoiserWeight
      ? `weight ${denoiserWeight}`
      : `weight ${denoiserWeight}, in the text ${textWeight}`;
  return `${name}, ${weights}`;
}

export function withoutTags(prompt: string, loras: readonly FoundLora[]): string {
  const names = new Set(loras.map(({ name }) => name));
  return names.size === 0 ? prompt : rewriteTags(prompt, (name) => names.has(name), null).trim();
}
