/** From the graphs of a model to what a picture costs: which sizes go in, and how often each part runs. */
import type { Manifest } from '../models/manifest.ts';
import type { Graph } from '../onnx/model.ts';
import type { GenerateRequest } from '../pipeline/request.ts';
import { SAMPLERS, type SamplerId } from '../sampling/samplers.ts';
import { countCost, type GraphCost } from './graph-cost.ts';
import type { Dims } from './graph-shapes.ts';

export type Size = Pick<GenerateRequest, 'widthPx' | 'heightPx'>;
/** A manifest whose files are not here yet. */
export type ManifestDraft = Omit<Manifest, 'files'>;
export type Workload = Size & Pick<GenerateRequest, 'steps' | 'sampler' | 'guidanceScale'>;

/** The cost of one run of each part that a picture from text needs. */
export type ModelCost = Readonly<Record<string, GraphCost>>;

/** The parts that a picture from text needs, in the order they run. */
export function pictureParts(manifest: ManifestDraft): string[] {
  return [
    ...new Set([...manifest.textEncoders.map((e) => e.part), manifest.denoiser.part, manifest.decoder.part]),
  ];
}

/** What the model's card recommends: for a model that nobody has asked for anything yet. */
export function defaultWorkload(manifest: ManifestDraft): Workload {
  const { guidance, sizes, steps, samplers } = manifest;
  return {
    ...sizes.default,
    steps: steps.default,
    sampler: samplers.default,
    guidanceScale: guidance.kind === 'distilled' ? 1 : guidance.default,
  };
}

/** Runs of each part for one picture. A prompt counts as one window; a repeated prompt is read once. */
export function partRuns(manifest: ManifestDraft, work: Workload): Record<string, number> {
  const { guidance } = manifest;
  const passes = guidance.kind === 'classifier-free' && work.guidanceScale !== 1 ? 2 : 1;
  const isKnown = Object.hasOwn(SAMPLERS, work.sampler);
  const perStep = isKnown ? SAMPLERS[work.sampler as SamplerId].evaluationsPerStep : 1;
  const evaluations = work.steps * perStep - (perStep - 1);
  const runs: Record<string, number> = {};
  for (const { part } of manifest.textEncoders) runs[part] = (runs[part] ?? 0) + passes;
  runs[manifest.denoiser.part] = evaluations * passes;
  runs[manifest.decoder.part] = (runs[manifest.decoder.part] ?? 0) + 1;
  return runs;
}

/**
 * The cost of one part at one size.
 * @param graph the part's graph; its weights need not be there
 */
export function costOfPart(manifest: ManifestDraft, part: string, graph: Graph, size: Size): GraphCost {
  return countCost(graph, inputSizes(manifest, part, graph, size));
}

/** Sizes that a graph leaves open are filled in as the pipeline will feed them; what else is open is one. */
export function inputSizes(
  { denoiser, decoder, encoder, latent, tokenizers, textEncoders }: ManifestDraft,
  part: string,
  graph: Graph,
  { widthPx, heightPx }: Size,
): Map<string, Dims> {
  const latentSides = [heightPx / latent.downscale, widthPx / latent.downscale];
  const textEncoder = textEncoders.find((one) => one.part === part) ?? textEncoders[0];
  const window = (textEncoder && tokenizers[textEncoder.tokenizer]?.window) ?? 1;
  const sidesOf = (name: string | undefined): readonly number[] | null => {
    if (part === denoiser.part && name === denoiser.inputs.sample) return latentSides;
    if (part === decoder.part && name === decoder.input) return latentSides;
    if (part === encoder?.part && name === encoder.input) return [heightPx, widthPx];
    return null;
  };
  const isTokens = (name: string | undefined) => part === textEncoder?.part || name === denoiser.inputs.text;
  const weights = new Set(graph.initializers.map(({ name }) => name));
  const sizes = new Map<string, Dims>();
  for (const { name, type } of graph.inputs) {
    if (!name || weights.has(name)) continue;
    const sides = sidesOf(name);
    const declared = type?.tensor?.shape?.dims ?? [];
    sizes.set(
      name,
      declared.map(({ value }, axis) => {
        if (sides !== null && axis >= 2) return sides[axis - 2] ?? 1;
        if (value !== undefined && value > 0) return value;
        return axis === 1 && isTokens(name) ? window : 1;
      }),
    );
  }
  return sizes;
}
