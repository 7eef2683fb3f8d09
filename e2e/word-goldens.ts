/** What `diffusers` made of the tiny pipelines with textual inversions (written by `python -m forge.word_goldens`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { goldenCases } from './pipeline-goldens.ts';

const FOLDER = join(import.meta.dirname, 'goldens/words');

export interface WordCase {
  id: string;
  /** The plain golden case that it differs from by its prompts. */
  base: string;
  /** Files. */
  words: string[];
  prompt: string;
  negativePrompt: string;
  file: string;
  latentShape: number[];
  withoutDb: number;
}

export function wordCases(): WordCase[] {
  return (JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as { cases: WordCase[] }).cases;
}

export function wordCase(id: string): WordCase {
  const found = wordCases().find((golden) => golden.id === id);
  if (found === undefined) throw new Error(`There is no case "${id}".`);
  return found;
}

export function wordFile(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(FOLDER, `${name}.safetensors`)));
}

export function wordRequest({ base, prompt, negativePrompt }: WordCase): GenerateRequest {
  const { request } = goldenCases().find(({ id }) => id === base)!;
  return { ...request, prompt, negativePrompt };
}

/** The clean latent, and RGB bytes row by row. */
export function wordResult({ file, latentShape }: WordCase): { latent: Float32Array; picture: Uint8Array } {
  const bytes = Uint8Array.from(readFileSync(join(FOLDER, file)));
  const latentBytes = 4 * latentShape.reduce((a, b) => a * b);
  return { latent: new Float32Array(bytes.buffer, 0, latentBytes / 4), picture: bytes.subarray(latentBytes) };
}
