/**
 * ComfyUI: from the picture's output back through its graph to the sampler that began it, and from there to prompts,
 * model, adapters and size. Nodes that are not known are walked through where they have an input of the kind that is
 * followed, and named among what was not understood.
 */
import { embeddingsIn, fieldsOf, type Found, type FoundLora, stem } from '../found.ts';
import { get, numberOf, readJson, textOf } from '../loose-json.ts';
import { type ComfyGraph, type ComfyNode, readPromptGraph, readWorkflowGraph } from './comfy-graph.ts';

export const COMFY_KEYWORDS = ['prompt', 'workflow'] as const;

/** Nodes of a chain; longer ones are cut. */
const MAX_STEPS_BACK = 300;
const MAX_PROMPT_PARTS = 16;

/** @returns null where the text is no graph with a sampler */
export function readComfy(keyword: (typeof COMFY_KEYWORDS)[number], text: string): Found | null {
  const json = readJson(text);
  const graph = keyword === 'prompt' ? readPromptGraph(json) : readWorkflowGraph(json);
  if (graph === null) return null;
  const samplers = samplersOf(graph);
  const first = samplers.at(0);
  if (first === undefined) return null;
  return new Reader(graph).read(first, samplers.slice(1));
}

function isSampler({ links, values }: ComfyNode): boolean {
  const has = (name: string) => links.has(name) || values.has(name);
  return (
    (links.has('positive') && links.has('model') && (has('seed') || has('noise_seed'))) ||
    (links.has('guider') && links.has('sigmas'))
  );
}

/** Those that the picture went through, the one that began it first; all of the graph where no output is found. */
function samplersOf(graph: ComfyGraph): ComfyNode[] {
  const nodes = [...graph.values()];
  const outputs = nodes.filter(({ type, links }) => /save|preview/i.test(type) && links.size > 0);
  for (const output of outputs.length === 0 ? nodes : outputs) {
    const chain = upstream(graph, output, ['images', 'image', 'samples', 'latent_image', 'latent', 'pixels']);
    const samplers = chain.filter(isSampler).toReversed();
    if (samplers.length > 0) return samplers;
  }
  return nodes.filter(isSampler).slice(0, 1);
}

/** The nodes before one, following the first of these inputs that each has; a node without one is walked through by any. */
function upstream(graph: ComfyGraph, from: ComfyNode, names: readonly string[]): ComfyNode[] {
  const chain: ComfyNode[] = [];
  const seen = new Set<string>();
  let node: ComfyNode | undefined = from;
  while (node !== undefined && !seen.has(node.id) && chain.length < MAX_STEPS_BACK) {
    seen.add(node.id);
    chain.push(node);
    const { links }: ComfyNode = node;
    const name: string | undefined =
      names.find((one) => links.has(one)) ?? (links.size === 1 ? [...links.keys()][0] : undefined);
    const link: { id: string } | undefined = name === undefined ? undefined : links.get(name);
    node = link === undefined ? undefined : graph.get(link.id);
  }
  return chain;
}

class Reader {
  readonly #graph: ComfyGraph;
  /** Kinds of nodes on the way whose effect is not in the settings. */
  readonly #unknown = new Set<string>();

  constructor(graph: ComfyGraph) {
    this.#graph = graph;
  }

  read(sampler: ComfyNode, later: readonly ComfyNode[]): Found {
    const guider = this.#linked(sampler, 'guider') ?? sampler;
    const sigmas = this.#linked(sampler, 'sigmas') ?? sampler;
    const noise = this.#linked(sampler, 'noise') ?? sampler;
    const chooser = this.#linked(sampler, 'sampler') ?? sampler;
    const positive = this.#conditioning(guider, ['positive', 'conditioning', 'cond1']);
    const negative = this.#conditioning(guider, ['negative']);
    const { model, loras } = this.#model(guider);
    const latent = this.#latent(sampler);
    const denoise = this.#number(sigmas, 'denoise');
    const isWhole = denoise === null || denoise >= 1;
    const cfg = this.#number(guider, 'cfg') ?? this.#number(guider, 'cfg_conds');
    return {
      tool: 'comfyui',
      version: null,
      prompt: positive.text,
      negativePrompt: negative.text,
      fields: fieldsOf([
        ['Steps', this.#number(sigmas, 'steps')],
        ['Sampler', this.#text(chooser, ['sampler_name', 'sampler'])],
        ['Schedule type', this.#text(sigmas, ['scheduler'])],
        // A guider without a scale runs the network once, as guidance 1 does.
        ['CFG scale', cfg ?? (guider.type === 'BasicGuider' ? 1 : null)],
        ['Distilled CFG Scale', positive.guidance],
        ['Seed', this.#text(noise, ['seed', 'noise_seed'])],
        ['Size', latent.size],
        ['Model', model],
        ['Denoising strength', isWhole ? null : denoise],
        ['Source picture', latent.source],
        ['RNG', 'CPU'],
        ['Second pass', later.length === 0 ? null : later.map((node) => this.#pass(node)).join('; ')],
        ['Other nodes', [...this.#unknown].slice(0, 12).join(', ')],
      ]),
      loras,
      words: embeddingsIn(positive.text, negative.text),
    };
  }

  #linked(node: ComfyNode, name: string): ComfyNode | undefined {
    const link = node.links.get(name);
    return link === undefined ? undefined : this.#through(link.id);
  }

  /** Past nodes that only hand on what they are given. */
  #through(id: string): ComfyNode | undefined {
    let node = this.#graph.get(id);
    for (let steps = 0; node !== undefined && steps < MAX_STEPS_BACK; steps++) {
      const only: { id: string } | undefined =
        node.links.size === 1 && node.values.size === 0 && /reroute/i.test(node.type)
          ? [...node.links.values()][0]
          : undefined;
      if (only === undefined) return node;
      node = this.#graph.get(only.id);
    }
    return node;
  }

  /** A value, or what feeds it where another node does. */
  #value(node: ComfyNode, name: string, depth = 0): string | null {
    const own = node.values.get(name);
    if (own !== undefined) return textOf(own);
    const source = this.#linked(node, name);
    if (source === undefined || depth > 8) return null;
    for (const likely of [
      'value',
      name,
      'seed',
      'noise_seed',
      'text',
      'string',
      'int',
      'float',
      'number',
      'Value',
    ]) {
      if (!source.values.has(likely) && !source.links.has(likely)) continue;
      const found = this.#value(source, likely, depth + 1);
      if (found !== null) return found;
    }
    const [only] = source.values.size === 1 ? source.values.values() : [];
    return textOf(only);
  }

  #text(node: ComfyNode, names: readonly string[]): string | null {
    for (const name of names) {
      const found = this.#value(node, name);
      if (found !== null) return found;
    }
    return null;
  }

  #number(node: ComfyNode, name: string): number | null {
    return numberOf(this.#value(node, name) ?? undefined);
  }

  /** The words that a guider is given, and a scale that stands beside them. */
  #conditioning(guider: ComfyNode, names: readonly string[]): { text: string; guidance: number | null } {
    const name = names.find((one) => guider.links.has(one));
    const link = name === undefined ? undefined : guider.links.get(name);
    if (link === undefined) return { text: '', guidance: null };
    const found: { texts: string[]; guidance: number | null } = { texts: [], guidance: null };
    this.#words(link, name === 'negative' ? 'negative' : 'positive', found, new Set());
    return { text: [...new Set(found.texts)].join('\n'), guidance: found.guidance };
  }

  #words(
    link: { id: string; slot: number },
    side: 'positive' | 'negative',
    found: { texts: string[]; guidance: number | null },
    seen: Set<string>,
  ): void {
    const node = this.#through(link.id);
    if (node === undefined || seen.has(node.id) || seen.size > MAX_STEPS_BACK) return;
    seen.add(node.id);
    // Zeroed conditioning is no words at all.
    if (/zero/i.test(node.type)) return;
    found.guidance ??= numberOf(node.values.get('guidance'));
    const words = ['text', 'prompt', 't5xxl', 'clip_l', 'text_g', 'text_l', 'text_positive'];
    for (const name of words) {
      const text = this.#composed(node, name, 0);
      if (text === null) continue;
      if (found.texts.length < MAX_PROMPT_PARTS && text.trim() !== '') found.texts.push(text.trim());
      // The two encoders of one model are usually told the same; where not, both count.
      if (name === 'text' || name === 'prompt' || name === 't5xxl') return;
    }
    const onward = [...node.links].filter(([name]) => /^conditioning|^cond/.test(name));
    const sided = node.links.get(side);
    if (sided !== undefined) {
      // A node with both sides hands on one at each output.
      this.#unknown.add(node.type);
      this.#words(sided, side, found, seen);
      return;
    }
    if (
      !/^(?:FluxGuidance|ConditioningCombine|ConditioningConcat|CLIPTextEncode\w*|Reroute)$/.test(node.type)
    )
      this.#unknown.add(node.type);
    for (const [, next] of onward) this.#words(next, side, found, seen);
  }

  /** Text that may be put together by nodes of its own. */
  #composed(node: ComfyNode, name: string, depth: number): string | null {
    const own = node.values.get(name);
    if (typeof own === 'string') return own;
    const source = this.#linked(node, name);
    if (source === undefined || depth > 8) return null;
    const parts: string[] = [];
    for (const key of new Set([...source.values.keys(), ...source.links.keys()])) {
      if (
        !/^(?:value|text|string|prompt|positive|wildcard_text|populated_text|Text)|_?(?:text|string)_?\w?$/.test(
          key,
        )
      )
        continue;
      const part = this.#composed(source, key, depth + 1);
      if (part !== null && part !== '' && parts.length < MAX_PROMPT_PARTS) parts.push(part);
    }
    if (parts.length === 0) return null;
    const delimiter = textOf(source.values.get('delimiter'));
    return parts.join(delimiter ?? ', ');
  }

  /** The file at the start of the chain, and the adapters on the way, the first applied first. */
  #model(guider: ComfyNode): { model: string | null; loras: FoundLora[] } {
    const loras: FoundLora[] = [];
    const chain = upstream(this.#graph, guider, ['model', 'unet', 'model1']).slice(1);
    for (const node of chain) {
      const name = this.#text(node, [
        'ckpt_name',
        'unet_name',
        'model_path',
        'gguf_name',
        'model_name',
        'base_ckpt_name',
      ]);
      loras.push(...this.#lorasOf(node).toReversed());
      if (name !== null && this.#value(node, 'lora_name') === null)
        return { model: stem(name), loras: loras.toReversed() };
      if (!/lora|reroute|modelsampling/i.test(node.type)) this.#unknown.add(node.type);
    }
    return { model: null, loras: loras.toReversed() };
  }

  #lorasOf(node: ComfyNode): FoundLora[] {
    const name = this.#value(node, 'lora_name');
    const weight = this.#number(node, 'strength_model');
    if (name !== null && weight !== null) {
      const textWeight = this.#number(node, 'strength_clip') ?? 0;
      return isOff(textWeight, weight) ? [] : [lora(name, textWeight, weight)];
    }
    // Loaders of several: `{ on, lora, strength, strengthTwo }` under numbered names.
    return [...node.values].flatMap(([, entry]) => {
      const file = textOf(get(entry, 'lora'));
      const strength = numberOf(get(entry, 'strength'));
      if (file === null || strength === null || get(entry, 'on') === false) return [];
      const clip = numberOf(get(entry, 'strengthTwo')) ?? strength;
      return isOff(clip, strength) ? [] : [lora(file, clip, strength)];
    });
  }

  #latent(sampler: ComfyNode): { size: string | null; source: string | null } {
    const chain = upstream(this.#graph, sampler, [
      'latent_image',
      'samples',
      'latent',
      'pixels',
      'image',
    ]).slice(1);
    for (const node of chain) {
      const image = textOf(node.values.get('image'));
      if (image !== null) return { size: null, source: image };
      const width = this.#number(node, 'width');
      const height = this.#number(node, 'height');
      if (width !== null && height !== null) return { size: `${width}x${height}`, source: null };
    }
    return { size: null, source: null };
  }

  #pass(sampler: ComfyNode): string {
    const sigmas = this.#linked(sampler, 'sigmas') ?? sampler;
    const facts = [
      [this.#number(sigmas, 'steps'), 'steps'],
      [this.#number(sigmas, 'denoise'), 'denoise'],
    ].flatMap(([value, name]) => (value === null ? [] : `${value} ${name}`));
    return [sampler.type, ...facts].join(', ');
  }
}

function lora(file: string, textWeight: number, denoiserWeight: number): FoundLora {
  return { name: stem(file), hash: null, textWeight, denoiserWeight, inPrompt: false };
}

function isOff(textWeight: number, denoiserWeight: number): boolean {
  return textWeight === 0 && denoiserWeight === 0;
}
