/**
 * Textual inversion: vectors that stand for a new word (Gal et al. 2022). Two layouts are in use: the field's, with
 * `emb_params` or one table for each encoder of SDXL, and diffusers', with the word itself as the only name.
 */
import { isReal } from '../safetensors/safetensors.ts';
import type { TensorPlace } from '../safetensors/header.ts';
import type { Component } from './names.ts';

export interface EmbeddingTable {
  component: Component;
  /** Name of the file's tensor, [vectors, width] or [width]. */
  tensor: string;
  /** Known only from diffusers' layout; otherwise the file's name is the word. */
  word: string | null;
  vectors: number;
  width: number;
}

const NAMES: ReadonlyMap<string, Component> = new Map([
  ['emb_params', 'text1'],
  ['clip_l', 'text1'],
  ['clip_g', 'text2'],
  ['t5xxl', 'text3'],
]);
/** Two long prompts' worth. */
const MAX_VECTORS = 150;

/** @returns null where the file is something else */
export function findEmbeddings(tensors: ReadonlyMap<string, TensorPlace>): EmbeddingTable[] | null {
  if (tensors.size === 0 || tensors.size > NAMES.size) return null;
  const tables: EmbeddingTable[] = [];
  for (const [tensor, { shape, dtype }] of tensors) {
    const component = NAMES.get(tensor) ?? (tensors.size === 1 ? 'text1' : null);
    const [vectors, width] = shape.length === 1 ? [1, shape[0]!] : [shape[0] ?? 0, shape[1] ?? 0];
    if (component === null || !isReal(dtype) || shape.length < 1 || shape.length > 2) return null;
    if (vectors < 1 || vectors > MAX_VECTORS || width < 1) return null;
    if (!NAMES.has(tensor) && /[./]/.test(tensor)) return null;
    tables.push({ component, tensor, word: NAMES.has(tensor) ? null : tensor, vectors, width });
  }
  return tables;
}
