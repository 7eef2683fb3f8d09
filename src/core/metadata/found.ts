/** What a picture says it was made with, in the words of the field, whichever tool wrote it and in whichever form. */

export type ToolId =
  | 'kiln'
  | 'a1111'
  | 'forge'
  | 'sd-next'
  | 'fooocus'
  | 'invokeai'
  | 'comfyui'
  | 'sd-cpp'
  | 'draw-things'
  | 'unknown';

export interface FoundLora {
  name: string;
  /** As written: short or long, of the file or of its data. Lower case; null where the tool names none. */
  hash: string | null;
  textWeight: number;
  denoiserWeight: number;
  /** A tag of the prompt turns it on. */
  inPrompt: boolean;
}

/** A word that a textual inversion brought. */
export interface FoundWord {
  name: string;
  /** What stands for it in the prompts. */
  written: string;
  /** As written, of the whole file. Lower case; null where the tool names none. */
  hash: string | null;
}

export interface Found {
  tool: ToolId;
  /** As the tool writes it. */
  version: string | null;
  prompt: string;
  negativePrompt: string;
  /** By the keys of the `parameters` text. */
  fields: ReadonlyMap<string, string>;
  loras: readonly FoundLora[];
  words: readonly FoundWord[];
}

/** A tool's name as people know it. */
export const TOOL_NAMES: Readonly<Record<ToolId, string>> = {
  kiln: 'Kiln',
  a1111: 'AUTOMATIC1111',
  forge: 'Forge',
  'sd-next': 'SD.Next',
  fooocus: 'Fooocus',
  invokeai: 'InvokeAI',
  comfyui: 'ComfyUI',
  'sd-cpp': 'stable-diffusion.cpp',
  'draw-things': 'Draw Things',
  unknown: 'an unnamed tool',
};

/** A file's name without its folders and its ending. */
export function stem(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name.replace(/\.(?:safetensors|sft|ckpt|pt|pth|bin|gguf)$/i, '');
}

/** Two tools write `embedding:` before a file's name, with or without its folders and its ending. */
export function embeddingsIn(...prompts: readonly string[]): FoundWord[] {
  const words = new Map<string, FoundWord>();
  for (const prompt of prompts)
    for (const [written, file] of prompt.matchAll(/(?<![\p{L}\p{N}_])embedding:([^\s,:()[\]{}<>|]{1,200})/gu))
      words.set(written, { name: stem(file!), written, hash: null });
  return [...words.values()];
}

/** The pairs that have a value, in order. */
export function fieldsOf(pairs: Iterable<readonly [string, string | number | null]>): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [key, value] of pairs) if (value !== null && value !== '') fields.set(key, String(value));
  return fields;
}
