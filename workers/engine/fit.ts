/** Tells which adapters a model cannot use before anything is opened: from its graphs and the adapters' headers. */
import { type Failure, FailureError } from '#core/failure.ts';
import { readAdapter } from '#core/lora/adapter.ts';
import { modelWords } from '#core/lora/family.ts';
import { misfitOf } from '#core/lora/fit.ts';
import type { Component } from '#core/lora/names.ts';
import { newTokenId } from '#core/lora/new-words.ts';
import { LayerIndex } from '#core/lora/stack.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { guardModel } from '#core/onnx/guard.ts';
import { insertWords } from '#core/onnx/passes/insert-words.ts';
import { findLayers, type LayerSite } from '#core/onnx/passes/lora-sites.ts';
import { openSafetensors } from '#core/safetensors/safetensors.ts';
import { adaptable } from './adapters-apply.ts';
import type { AdapterSource, KnownFile } from './adapters.ts';
import { bytesOf, readModelFiles } from './files.ts';
import { checkWords, type Vocabulary, wordOf } from './new-words.ts';

/** A larger graph has its weights inside: to read it is to load the model. */
const MAX_GRAPH_BYTES = 64 * 2 ** 20;

/** What of a model an adapter meets. */
export interface ModelShape {
  layers: Map<Component, LayerIndex<LayerSite>>;
  /** By part: of a text encoder's table of tokens; null where nothing can be added to it. */
  widths: Map<string, number | null>;
}

/**
 * @returns null for a model whose graphs are too large to be read for this alone
 * @throws FailureError as `readModelFiles`; `graph-rejected` for a graph that the guard refuses
 */
export async function readModelShape(manifest: Manifest, signal: AbortSignal): Promise<ModelShape | null> {
  // Forms of a part differ in their weights' type; the names and shapes of the first stand for all.
  const plan = adaptable(manifest).flatMap(({ part, component }) => {
    const variant = manifest.parts[part]?.variants[0];
    return variant === undefined ? [] : [{ part, component, variant }];
  });
  const graphs = plan.map(({ variant }) => variant.graph);
  if (graphs.some((path) => (manifest.files[path]?.sizeBytes ?? 0) > MAX_GRAPH_BYTES)) return null;
  const files = await readModelFiles(manifest, graphs, signal, () => {});
  const shape: ModelShape = { layers: new Map(), widths: new Map() };
  for (const { part, component, variant } of plan) {
    const weights = new Map(
      variant.weights.map((path) => [path.split('/').at(-1)!, manifest.files[path]?.sizeBytes ?? 0] as const),
    );
    const guarded = guardModel(await bytesOf(files.get(variant.graph)!), { weights });
    if (!guarded.ok) throw new FailureError({ code: 'graph-rejected', part, detail: guarded.reason });
    const { model } = guarded;
    shape.layers.set(component, new LayerIndex(model.graph === undefined ? [] : findLayers(model.graph)));
    if (component !== 'denoiser') shape.widths.set(part, insertWords(model)?.inputs.width ?? null);
  }
  return shape;
}

/** @returns why the model cannot use a file, as a run would say it; null where it can, or where only a run can tell */
export async function misfitOfFile(
  source: AdapterSource,
  known: KnownFile,
  manifest: Manifest,
  shape: ModelShape,
): Promise<Failure | null> {
  const blob = await source.open(known.sha256);
  const opened = blob === null ? null : await openSafetensors(blob);
  const read = opened?.ok ? readAdapter(opened.file) : null;
  if (!read?.ok) return null;
  if (read.content.kind === 'lora') {
    const detail = misfitOf(read.content.layers, shape.layers);
    if (detail === null) return null;
    const [model, modelFamily] = [manifest.name, modelWords(manifest)];
    return { code: 'adapter-mismatch', adapter: known.name, adapterFamily: null, model, modelFamily, detail };
  }
  const text = wordOf(known) ?? known.name;
  const said = read.content.tables.map(({ component, vectors, width }): [Component, Vocabulary] => [
    component,
    { words: [{ text, firstId: newTokenId(0), vectors }], vectors: [new Float32Array(width)] },
  ]);
  try {
    checkWords(new Map(said), manifest, (part) => shape.widths.get(part) ?? null);
    return null;
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}

/** The shapes of the model that was asked about last: graphs are read once, however many adapters are judged. */
export class Fits {
  readonly #source: AdapterSource;
  #last: { key: string; shape: Promise<ModelShape | null> } | null = null;

  constructor(source: AdapterSource) {
    this.#source = source;
  }

  /**
   * @returns by sha256, for those that the model cannot use
   * @throws as `readModelShape`
   */
  async misfits(
    manifest: Manifest,
    sha256s: readonly string[],
    signal: AbortSignal,
  ): Promise<Record<string, Failure>> {
    const shape = await this.#shapeOf(manifest, signal);
    const misfits: Record<string, Failure> = {};
    if (shape === null) return misfits;
    for (const known of await this.#source.list()) {
      if (!sha256s.includes(known.sha256)) continue;
      signal.throwIfAborted();
      const misfit = await misfitOfFile(this.#source, known, manifest, shape);
      if (misfit !== null) misfits[known.sha256] = misfit;
    }
    return misfits;
  }

  async #shapeOf(manifest: Manifest, signal: AbortSignal): Promise<ModelShape | null> {
    const key = JSON.stringify([manifest.id, manifest.files]);
    if (this.#last?.key !== key) this.#last = { key, shape: readModelShape(manifest, signal) };
    const { shape } = this.#last;
    try {
      return await shape;
    } catch (error) {
      // What could not be read now may be there the next time.
      this.#last = null;
      throw error;
    }
  }
}
