/** Which files of a repository are graphs of which part, in which forms, with which weights. */
import type { FileEntry } from './files.ts';

/** One form of one part: a graph with its weight files. */
export interface Form {
  /** How the weights are stored, as the file's name says it: `fp16`, `q4f16`; empty where it says nothing. */
  suffix: string;
  graph: FileEntry;
  weights: FileEntry[];
}

export const PIPELINE_PARTS = [
  'text_encoder',
  'text_encoder_2',
  'text_encoder_3',
  'unet',
  'transformer',
  'vae_decoder',
  'vae_encoder',
] as const;

const SUFFIX = /^[a-z0-9]+(_[a-z0-9]+){0,2}$/;

/**
 * The forms of every part below a folder, in either layout of the hub: `unet/model_fp16.onnx`, or
 * `onnx/unet_model_fp16.onnx`.
 * @param root '' or a folder with a slash at its end
 */
export function findForms(
  files: readonly FileEntry[],
  root: string,
  parts: readonly string[],
): Map<string, Form[]> {
  const found = new Map<string, Form[]>();
  for (const file of files) {
    if (!file.path.startsWith(root) || !file.path.endsWith('.onnx')) continue;
    const place = readPlace(file.path.slice(root.length), parts);
    if (place === null) continue;
    const forms = found.get(place.part) ?? [];
    // The plain layout wins where a repository has both.
    if (forms.some(({ suffix }) => suffix === place.suffix)) continue;
    forms.push({ suffix: place.suffix, graph: file, weights: weightsOf(file, files) });
    found.set(place.part, forms);
  }
  return found;
}

function readPlace(path: string, parts: readonly string[]): { part: string; suffix: string } | null {
  const inFolder = /^([a-z0-9_]+)\/model(?:_([a-z0-9_]+))?\.onnx$/i.exec(path);
  if (inFolder) {
    const [, part = '', suffix = ''] = inFolder;
    return parts.includes(part) ? withSuffix(part, suffix) : null;
  }
  const flat = /^onnx\/([a-z0-9_]+)\.onnx$/i.exec(path)?.[1];
  if (flat === undefined) return null;
  // The longest name first: text_encoder_2 before text_encoder.
  for (const part of [...parts].sort((a, b) => b.length - a.length)) {
    const match = new RegExp(`^${part}(?:_model)?(?:_(.+))?$`).exec(flat);
    if (match) return withSuffix(part, match[1] ?? '');
  }
  return null;
}

function withSuffix(part: string, suffix: string): { part: string; suffix: string } | null {
  const lower = suffix.toLowerCase();
  return lower === '' || SUFFIX.test(lower) ? { part, suffix: lower } : null;
}

/** Beside a graph `model.onnx`: `model.onnx_data`, `model.onnx_data_1`, `model.onnx.data`, or `weights.pb`. */
function weightsOf(graph: FileEntry, files: readonly FileEntry[]): FileEntry[] {
  const folder = graph.path.slice(0, graph.path.lastIndexOf('/') + 1);
  return files.filter(({ path }) => {
    if (!path.startsWith(folder)) return false;
    if (path === `${folder}weights.pb`) return true;
    const rest = path.startsWith(graph.path) ? path.slice(graph.path.length) : '';
    return /^(_data|\.data)([_-]\d+)?$/.test(rest);
  });
}

/** Every file of a folder, by its last path segment. */
export function besides(graph: FileEntry, files: readonly FileEntry[]): Map<string, FileEntry> {
  const folder = graph.path.slice(0, graph.path.lastIndexOf('/') + 1);
  const found = new Map<string, FileEntry>();
  for (const file of files) {
    const name = file.path.startsWith(folder) ? file.path.slice(folder.length) : '';
    if (name !== '' && !name.includes('/')) found.set(name, file);
  }
  return found;
}
