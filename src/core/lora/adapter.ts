/**
 * An adapter file, judged by its header alone: what kind it is, which layers it changes and by which rank. Nothing of
 * it is trusted before all of it was checked.
 */
import { isReal, type SafetensorsFile } from '../safetensors/safetensors.ts';
import type { TensorPlace } from '../safetensors/header.ts';
import { type EmbeddingTable, findEmbeddings } from './embedding.ts';
import { type Component, type OtherMethod, readKey, type Role } from './names.ts';
import { readSavedConfig, type SavedConfig } from './saved-config.ts';

/** Larger files are no adapters. */
export const MAX_ADAPTER_BYTES = 2 ** 30;
export const MAX_RANK = 512;

/** The matrices of one layer: ΔW = scale · up · down. */
export interface AdapterLayer {
  component: Component;
  /** Underscored, as the file names it: in diffusers' words or in the original code's. */
  layer: string;
  rank: number;
  inFeatures: number;
  outFeatures: number;
  kernel: readonly [number, number];
  /** Names of the file's tensors. */
  down: string;
  up: string;
  /** LoCon's core: a convolution of rank × rank between a `down` and an `up` of 1 × 1. */
  mid: string | null;
  /** The tensor that holds it, or its value, or null where the file does not say: then the scale is 1. */
  alpha: string | number | null;
  /** Rank-stabilised: alpha is divided by the rank's root. */
  rootScale: boolean;
}

export type AdapterFault =
  | { kind: 'invalid'; reason: string }
  | { kind: 'unsupported'; method: OtherMethod | 'textual inversion' };

export type AdapterContent =
  | { kind: 'lora'; layers: AdapterLayer[] }
  /** Read and shown; no part applies them. */
  | { kind: 'textual-inversion'; tables: EmbeddingTable[] };

export type AdapterResult = { ok: true; content: AdapterContent } | { ok: false; fault: AdapterFault };

interface Draft {
  component: Component;
  layer: string;
  keys: Map<Role, string>;
}

/** @returns what the file is, or why it cannot be used; no byte of a tensor is read */
export function readAdapter({ header }: SafetensorsFile): AdapterResult {
  const { tensors, metadata } = header;
  const tables = findEmbeddings(tensors);
  if (tables !== null) return { ok: true, content: { kind: 'textual-inversion', tables } };
  const drafts = new Map<string, Draft>();
  const others = new Set<OtherMethod>();
  for (const key of tensors.keys()) {
    const meaning = readKey(key);
    if (meaning.kind === 'unknown') return invalid(`it holds "${cut(key)}", which is no part of an adapter`);
    if (meaning.kind === 'other') {
      others.add(meaning.method);
      continue;
    }
    const { component, layer, role } = meaning;
    const id = `${component}:${layer}`;
    const draft = drafts.get(id) ?? { component, layer, keys: new Map() };
    if (draft.keys.has(role)) return invalid(`two names for one matrix of "${cut(layer)}"`);
    draft.keys.set(role, key);
    drafts.set(id, draft);
  }
  const [method] = others;
  if (method !== undefined) return { ok: false, fault: { kind: 'unsupported', method } };
  if (drafts.size === 0) return invalid('it holds no layer');
  const config = readSavedConfig(metadata);
  if (config.dora) return { ok: false, fault: { kind: 'unsupported', method: 'DoRA' } };
  const layers: AdapterLayer[] = [];
  for (const draft of drafts.values()) {
    const layer = readLayer(draft, tensors, config);
    if (typeof layer === 'string') return invalid(`"${cut(draft.layer)}" ${layer}`);
    layers.push(layer);
  }
  return { ok: true, content: { kind: 'lora', layers } };
}

function invalid(reason: string): AdapterResult {
  return { ok: false, fault: { kind: 'invalid', reason } };
}

function cut(name: string): string {
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}

function isMatrix({ length }: readonly number[]): boolean {
  return length === 2 || length === 4;
}

/** @returns the layer, or what is wrong with it */
function readLayer(
  { component, layer, keys }: Draft,
  tensors: ReadonlyMap<string, TensorPlace>,
  config: SavedConfig,
): AdapterLayer | string {
  const [down, up, mid] = [keys.get('down'), keys.get('up'), keys.get('mid') ?? null];
  if (down === undefined || up === undefined) return 'has only one of its two matrices';
  for (const key of keys.values()) {
    const { dtype } = tensors.get(key)!;
    if (!isReal(dtype)) return `has values of type ${dtype}`;
  }
  const [downShape, upShape] = [tensors.get(down)!.shape, tensors.get(up)!.shape];
  if (!isMatrix(downShape) || !isMatrix(upShape)) return 'has a matrix that is none';
  const [rank, inFeatures, height = 1, width = 1] = downShape as [number, number, number?, number?];
  const [outFeatures, upRank, upHeight = 1, upWidth = 1] = upShape as [number, number, number?, number?];
  if (rank < 1 || rank > MAX_RANK) return `has the rank ${rank}; 1 to ${MAX_RANK} are allowed`;
  if (rank !== upRank) return `has matrices of ranks ${rank} and ${upRank}`;
  if (inFeatures < 1 || outFeatures < 1 || height < 1 || width < 1) return 'has an empty matrix';
  if (upHeight !== 1 || upWidth !== 1) return 'has a second convolution that is not 1 × 1';
  let kernel: readonly [number, number] = [height, width];
  if (mid !== null) {
    const shape = tensors.get(mid)!.shape;
    if (shape.length !== 4 || shape[0] !== rank || shape[1] !== rank || height !== 1 || width !== 1)
      return 'has a core that does not fit its matrices';
    kernel = [shape[2]!, shape[3]!];
  }
  const alphaKey = keys.get('alpha');
  if (alphaKey !== undefined) {
    const { shape } = tensors.get(alphaKey)!;
    if (shape.reduce((product, side) => product * side, 1) !== 1)
      return 'has an alpha that is no single number';
  }
  const alpha = alphaKey ?? config.alphaOf(component, layer);
  return {
    component,
    layer,
    rank,
    inFeatures,
    outFeatures,
    kernel,
    down,
    up,
    mid,
    alpha,
    rootScale: alphaKey === undefined && config.rootScale(component),
  };
}
