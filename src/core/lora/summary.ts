/** What an adapter's file says about itself, as plain data for people. Words of a stranger: shown as text only. */
import { layerGroup } from '../onnx/passes/lora-sites.ts';
import type { AdapterContent, AdapterLayer } from './adapter.ts';
import { type AdapterFamily, guessFamily, guessWordFamily } from './family.ts';
import type { Component } from './names.ts';

export interface AdapterSummary {
  kind: 'lora' | 'textual-inversion';
  family: AdapterFamily | null;
  /** In the field's words; null where the file does not tell. */
  familyLabel: string | null;
  /** The largest of any layer; 0 for embeddings. */
  rank: number;
  /** Of embeddings only: tokens that the word takes. */
  vectors?: number;
  /** How many layers of each network it changes. */
  layers: Partial<Record<Component, number>>;
  /** What kinds of layers, in words. */
  targets: string[];
  /** Words that call the style, the likeliest first: the trainer's own, else its most frequent tags. */
  triggerWords: string[];
  /** The rest of the training's notes, at most forty, each cut to 200 characters. */
  notes: { key: string; value: string }[];
}

const MAX_WORDS = 12;
const MAX_NOTES = 40;
const MAX_NOTE_CHARACTERS = 200;
/** Long, or said elsewhere in the summary. */
const LONG_NOTES =
  /^(ss_tag_frequency|ss_bucket_info|ss_dataset_dirs|ss_datasets|modelspec\.thumbnail|lora_adapter_metadata)$/;

export function summarize(content: AdapterContent, metadata: ReadonlyMap<string, string>): AdapterSummary {
  const layers = content.kind === 'lora' ? content.layers : [];
  const guess =
    content.kind === 'lora' ? guessFamily(metadata, layers) : guessWordFamily(metadata, content.tables);
  const counts: AdapterSummary['layers'] = {};
  const parts = content.kind === 'lora' ? layers : content.tables;
  for (const { component } of parts) counts[component] = (counts[component] ?? 0) + 1;
  return {
    kind: content.kind,
    family: guess?.family ?? null,
    familyLabel: guess?.label ?? null,
    rank: Math.max(0, ...layers.map(({ rank }) => rank)),
    ...(content.kind === 'lora'
      ? {}
      : { vectors: Math.max(...content.tables.map((table) => table.vectors)) }),
    layers: counts,
    targets: targetsOf(layers),
    triggerWords: triggerWords(content, metadata),
    notes: [...metadata]
      .filter(([key]) => !LONG_NOTES.test(key))
      .slice(0, MAX_NOTES)
      .map(([key, value]) => ({ key: shortened(key), value: shortened(value) })),
  };
}

function targetsOf(layers: readonly AdapterLayer[]): string[] {
  const found = new Set<string>();
  for (const { layer, kernel } of layers) {
    if (kernel[0] * kernel[1] > 1) found.add('convolutions');
    else if (layerGroup(layer) === 'attention') found.add('attention');
    else if (layerGroup(layer) === 'blocks') found.add('feed-forward and projections');
    else found.add('other layers');
  }
  return [...found].sort();
}

function triggerWords(content: AdapterContent, metadata: ReadonlyMap<string, string>): string[] {
  if (content.kind === 'textual-inversion')
    return content.tables.flatMap(({ word }) => (word === null ? [] : [shortened(word)]));
  const told = metadata.get('modelspec.trigger_phrase')?.trim();
  if (told !== undefined && told !== '') return [shortened(told)];
  const counts = new Map<string, number>();
  for (const tags of Object.values(asObject(metadata.get('ss_tag_frequency')))) {
    if (typeof tags !== 'object' || tags === null) continue;
    for (const [tag, count] of Object.entries(tags))
      if (typeof count === 'number') counts.set(tag.trim(), (counts.get(tag.trim()) ?? 0) + count);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MAX_WORDS)
    .map(([tag]) => shortened(tag));
}

function asObject(text: string | undefined): object {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

function shortened(text: string): string {
  return text.length > MAX_NOTE_CHARACTERS ? `${text.slice(0, MAX_NOTE_CHARACTERS)}…` : text;
}
