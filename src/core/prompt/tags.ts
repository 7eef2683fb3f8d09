/** Tokens of the form `<kind:argument:argument>`, such as `<lora:name:0.8>`: taken out of the prompt, as data. */

export interface PromptTag {
  /** What stands before the first colon. */
  kind: string;
  positional: string[];
  /** Arguments written `key=value`. The last of a name counts. */
  named: ReadonlyMap<string, string>;
}

export interface LoraTag {
  name: string;
  /** Strength in the text encoder. */
  textWeight: number;
  /** Strength in the denoiser. */
  denoiserWeight: number;
}

// An argument holds no '<', so that each attempt ends where the next begins and the search stays linear.
const TAG = /<(\w+):([^<>]+)>/g;

/**
 * Takes the tags out, wherever they stand. Comes before schedules are read: a tag's colons are its own.
 * @returns the text without them, its other characters untouched, and the tags in order
 */
export function extractTags(prompt: string): { text: string; tags: PromptTag[] } {
  const tags: PromptTag[] = [];
  const text = replaceTags(prompt, (tag) => {
    tags.push(tag);
    return '';
  });
  return { text, tags };
}

/** Writes something else in place of each tag. @param replace is given the tag as data and as it was written */
export function replaceTags(prompt: string, replace: (tag: PromptTag, written: string) => string): string {
  return prompt.replace(TAG, (written, kind: string, list: string) => {
    const positional: string[] = [];
    const named = new Map<string, string>();
    for (const argument of list.split(':')) {
      const equals = argument.indexOf('=');
      if (equals === -1) positional.push(argument);
      else named.set(argument.slice(0, equals), argument.slice(equals + 1));
    }
    return replace({ kind, positional, named }, written);
  });
}

/**
 * `<lora:name:te:unet>`, weights also as `te=` and `unet=`: the text encoder's is 1 when absent, and the
 * denoiser's is the text encoder's.
 * @returns null when the tag is of another kind, has no name, or a weight that is no number
 */
export function readLoraTag(tag: PromptTag): LoraTag | null {
  const name = tag.positional[0]?.trim() ?? '';
  if (tag.kind !== 'lora' || name === '') return null;
  const te = tag.named.get('te') ?? tag.positional[1];
  const textWeight = te === undefined ? 1 : readNumber(te);
  const unet = tag.named.get('unet') ?? tag.positional[2];
  const denoiserWeight = unet === undefined ? textWeight : readNumber(unet);
  return textWeight === null || denoiserWeight === null ? null : { name, textWeight, denoiserWeight };
}

/** @returns the tag that `readLoraTag` reads so; a name with a colon or a bracket cannot be a tag's and is cleaned */
export function formatLoraTag({ name, textWeight, denoiserWeight }: LoraTag): string {
  const plain = name.replaceAll(/[<>:=]/g, '_');
  const weights = textWeight === denoiserWeight ? [textWeight] : [textWeight, denoiserWeight];
  return `<lora:${plain}:${weights.join(':')}>`;
}

function readNumber(text: string): number | null {
  const value = /^\s*[+-]?(\d+\.?\d*|\.\d+)\s*$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : null;
}
