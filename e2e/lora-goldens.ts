/** What `diffusers` with `peft` made of the tiny pipelines with adapters (written by `python -m forge.lora_goldens`). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AdapterUse, GenerateRequest } from '#core/pipeline/request.ts';
import { type GoldenCase, goldenCases } from './pipeline-goldens.ts';

const FOLDER = join(import.meta.dirname, 'goldens/lora');

interface Listed {
  sha256: string;
  loraHash: string;
  rank: number;
  layers: number;
}

export interface LoraCase {
  id: string;
  /** The plain golden case with the same request, and without adapters another picture. */
  base: string;
  adapters: { file: string; textWeight: number; denoiserWeight: number }[];
  file: string;
  latentShape: number[];
  withoutDb: number;
}

const listed = JSON.parse(readFileSync(join(FOLDER, 'cases.json'), 'utf8')) as {
  files: Record<string, Listed>;
  cases: LoraCase[];
};

export function loraCases(): LoraCase[] {
  return listed.cases;
}

export function loraCase(id: string): LoraCase {
  const found = listed.cases.find((golden) => golden.id === id);
  if (found === undefined) throw new Error(`There is no LoRA case "${id}".`);
  return found;
}

export function adapterNames(): string[] {
  return Object.keys(listed.files);
}

export function adapterFile(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(join(FOLDER, `${name}.safetensors`)));
}

export function listedAdapter(name: string): Listed {
  return listed.files[name]!;
}

export function baseOf({ base }: LoraCase): GoldenCase {
  return goldenCases().find(({ id }) => id === base)!;
}

/** The plain request with the case's adapters in its list. */
export function requestOf(golden: LoraCase): GenerateRequest {
  const adapters = golden.adapters.map(({ file, textWeight, denoiserWeight }): AdapterUse => {
    const { sha256, loraHash } = listedAdapter(file);
    return { sha256, loraHash, name: file, textWeight, denoiserWeight, inPrompt: false };
  });
  return { ...baseOf(golden).request, adapters };
}

/** The same by tags of the prompt. */
export function taggedRequestOf(golden: LoraCase): GenerateRequest {
  const { request } = baseOf(golden);
  const tags = golden.adapters.map((use) => `<lora:${use.file}:${use.textWeight}:${use.denoiserWeight}>`);
  return { ...request, prompt: `${request.prompt}${tags.join('')}` };
}

/** The clean latent, and RGB bytes row by row. */
export function goldenResult({ file, latentShape }: LoraCase): { latent: Float32Array; picture: Uint8Array } {
  const bytes = Uint8Array.from(readFileSync(join(FOLDER, file)));
  const latentBytes = 4 * latentShape.reduce((a, b) => a * b);
  return {
    latent: new Float32Array(bytes.buffer, 0, latentBytes / 4),
    picture: bytes.subarray(latentBytes),
  };
}
