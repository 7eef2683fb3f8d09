/**
 * ComfyUI's graphs as data: which node has which inputs, and what feeds what. They are read and never run. There are
 * two forms: `prompt`, with named inputs, and `workflow`, the editor's, where values stand in the order of widgets.
 */
import { asList, asObject, get, type Json, numberOf, textOf } from '../loose-json.ts';

export interface ComfyNode {
  id: string;
  type: string;
  /** What was typed, by name. */
  values: ReadonlyMap<string, Json>;
  /** What feeds it, by name. */
  links: ReadonlyMap<string, { id: string; slot: number }>;
}

export type ComfyGraph = ReadonlyMap<string, ComfyNode>;

export const MAX_NODES = 2000;
const MAX_INPUTS = 100;

/** @returns null where it is no graph, or too large to be one that a person made */
export function readPromptGraph(json: Json | undefined): ComfyGraph | null {
  const object = asObject(json);
  if (object === null) return null;
  const entries = Object.entries(object);
  if (entries.length === 0 || entries.length > MAX_NODES) return null;
  const graph = new Map<string, ComfyNode>();
  for (const [id, node] of entries) {
    const type = textOf(get(node, 'class_type'));
    if (type === null) continue;
    const values = new Map<string, Json>();
    const links = new Map<string, { id: string; slot: number }>();
    for (const [name, value] of Object.entries(asObject(get(node, 'inputs')) ?? {}).slice(0, MAX_INPUTS)) {
      const link = asLink(value);
      if (link === null) values.set(name, value);
      else links.set(name, link);
    }
    graph.set(id, { id, type, values, links });
  }
  return graph.size === 0 ? null : graph;
}

/** `[id, output]`. */
function asLink(value: Json): { id: string; slot: number } | null {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [id, slot] = value;
  const name = textOf(id);
  return name === null || typeof slot !== 'number' ? null : { id: name, slot };
}

/** Names of the widgets of the nodes whose values count, in their order; null stands for one that does not. */
const WIDGETS: Readonly<Record<string, readonly (string | null)[]>> = {
  KSampler: ['seed', null, 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
  KSamplerAdvanced: [
    'add_noise',
    'noise_seed',
    null,
    'steps',
    'cfg',
    'sampler_name',
    'scheduler',
    'start_at_step',
    'end_at_step',
  ],
  SamplerCustom: ['add_noise', 'noise_seed', null, 'cfg'],
  RandomNoise: ['noise_seed'],
  KSamplerSelect: ['sampler_name'],
  BasicScheduler: ['scheduler', 'steps', 'denoise'],
  CFGGuider: ['cfg'],
  FluxGuidance: ['guidance'],
  CLIPTextEncode: ['text'],
  CLIPTextEncodeFlux: ['clip_l', 't5xxl', 'guidance'],
  CheckpointLoaderSimple: ['ckpt_name'],
  UNETLoader: ['unet_name'],
  LoraLoader: ['lora_name', 'strength_model', 'strength_clip'],
  LoraLoaderModelOnly: ['lora_name', 'strength_model'],
  EmptyLatentImage: ['width', 'height', 'batch_size'],
  EmptySD3LatentImage: ['width', 'height', 'batch_size'],
  PrimitiveNode: ['value'],
  LoadImage: ['image'],
};

/** What muted and bypassed nodes have. */
const NEVER = 2;
const BYPASSED = 4;

/** The editor's graph in the form of the other; groups of nodes within nodes are not looked into. */
export function readWorkflowGraph(json: Json | undefined): ComfyGraph | null {
  const nodes = asList(get(json, 'nodes'));
  const wires = asList(get(json, 'links'));
  if (nodes.length === 0 || nodes.length > MAX_NODES || wires.length > MAX_NODES * 4) return null;
  const sources = new Map<number, { id: string; slot: number }>();
  for (const wire of wires) {
    // A list of six, or an object in newer files.
    const [id, from, slot] = Array.isArray(wire)
      ? wire
      : [get(wire, 'id'), get(wire, 'origin_id'), get(wire, 'origin_slot')];
    const source = textOf(from);
    if (typeof id === 'number' && source !== null && typeof slot === 'number')
      sources.set(id, { id: source, slot });
  }
  const graph = new Map<string, ComfyNode>();
  for (const node of nodes) {
    const id = textOf(get(node, 'id'));
    const type = textOf(get(node, 'type'));
    const mode = numberOf(get(node, 'mode'));
    if (id === null || type === null || mode === NEVER) continue;
    const links = new Map<string, { id: string; slot: number }>();
    for (const input of asList(get(node, 'inputs')).slice(0, MAX_INPUTS)) {
      const name = textOf(get(input, 'name'));
      const source = sources.get(numberOf(get(input, 'link')) ?? -1);
      if (name !== null && source !== undefined) links.set(name, source);
    }
    // A bypassed node hands its inputs on; without its own values it does nothing else either.
    const isOff = mode === BYPASSED;
    graph.set(id, {
      id,
      type: isOff ? 'Reroute' : type,
      values: isOff ? new Map() : widgetValues(type, get(node, 'widgets_values')),
      links,
    });
  }
  return graph.size === 0 ? null : graph;
}

function widgetValues(type: string, given: Json | undefined): Map<string, Json> {
  const named = asObject(given);
  if (named !== null) return new Map(Object.entries(named).slice(0, MAX_INPUTS));
  const values = new Map<string, Json>();
  const names = Object.hasOwn(WIDGETS, type) ? WIDGETS[type]! : [];
  const list = asList(given);
  names.forEach((name, k) => {
    const value = list[k];
    if (name !== null && value !== undefined) values.set(name, value);
  });
  return values;
}
