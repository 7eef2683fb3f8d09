/**
 * What is this repository, folder or handful of files? A dry run: nothing is fetched but what `filesToRead`
 * names, and the answer says what was recognised, in which forms it can be had and at what size, and what is
 * missing or cannot be run.
 */
import { type Manifest, type ManifestResult, parseManifest } from '../models/manifest.ts';
import { recogniseCaptioner } from './captioner.ts';
import { checkFiles, type Contents, type FileEntry } from './files.ts';
import { recogniseOwn } from './own-layout.ts';
import { pipelineRoots, recognisePipeline } from './pipeline.ts';

/** A manifest whose files have no sizes and hashes yet. */
export type ManifestDraft = Omit<Manifest, 'files'>;

/** Where it comes from, for the manifest. */
export interface Source {
  /** Id of the model to be, as the manifest allows ids. */
  id: string;
  name: string;
  /** For people: `owner/name`, or the folder's name. */
  origin: string;
}

/** One form of the weights that can be installed. */
export interface Choice {
  /** `fp16`, `q4f16`, `fp32`, … */
  id: string;
  /** A form that computes in 16 bits needs a GPU with shader-f16. */
  compute: 'float32' | 'float16';
  totalBytes: number;
  largestFileBytes: number;
  /** What to fetch; paths as in the listing. */
  files: FileEntry[];
  /** What the repository lacks and is made instead; paths as in the manifest. */
  generated: { path: string; text: string }[];
  /** Null for captioners, which the manifest does not describe. */
  draft: ManifestDraft | null;
  /** Sentences. None: it can be installed. */
  missing: string[];
}

export interface Recognised {
  kind: 'pipeline' | 'captioner';
  layout: 'kiln' | 'diffusers' | 'transformers';
  /** Folder in which the paths of the manifest begin: '' or ending in a slash. */
  root: string;
  /** Adapter family of a pipeline, `model_type` of a captioner. */
  architecture: string;
  /** One line for people. */
  title: string;
  /** The best first. */
  choices: Choice[];
  /** Sentences: what no form can do without. None: some choice may be installed. */
  missing: string[];
  /** Sentences: what is assumed or left out. */
  remarks: string[];
}

export type Recognition = { ok: true; recognised: Recognised } | { ok: false; reason: string };

/** The command that makes a model the studio can open; it stands in sentences. */
const CONVERT = 'python -m forge export FOLDER';

/**
 * @param contents names of all files, and the content of those that `filesToRead` named, as far as it could be had
 * @returns one sentence where nothing here is a model that can be installed
 */
export function recognise(contents: Contents, source: Source): Recognition {
  const checked = checkFiles(contents.files);
  if (!checked.ok) return checked;
  const usable: Contents = { ...contents, files: checked.files };
  const named = { ...source, id: idFrom(source.id) };
  // A folder dropped whole brings its own name as the first part of every path.
  for (const root of ['', ...commonFolder(checked.files)]) {
    const own = recogniseOwn(usable, root);
    if (own !== null) return { ok: true, recognised: own };
  }
  const captioner = recogniseCaptioner(usable);
  if (captioner !== null) return { ok: true, recognised: captioner };
  const [root] = pipelineRoots(checked.files);
  if (root !== undefined) return { ok: true, recognised: recognisePipeline(usable, root, named) };
  return { ok: false, reason: whyNot(checked.files) };
}

function commonFolder(files: readonly FileEntry[]): string[] {
  const [first] = files;
  const folder = first?.path.slice(0, first.path.indexOf('/') + 1) ?? '';
  return folder !== '' && files.every(({ path }) => path.startsWith(folder)) ? [folder] : [];
}

function whyNot(files: readonly FileEntry[]): string {
  const some = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  if (files.length === 0) return 'There are no files here that a model could be made of.';
  if (some(/\.gguf$/))
    return 'These are GGUF files, which the studio cannot run; look for an ONNX form of the model.';
  if (some(/(^|\/)(unet|transformer)\/.*\.(safetensors|bin)$/)) {
    return `This is a PyTorch pipeline. Convert it on a computer with Python: ${CONVERT}.`;
  }
  if (some(/\.onnx$/)) {
    return 'There are ONNX graphs here, but not in folders named unet or transformer, so their parts are not known.';
  }
  if (some(/\.(safetensors|ckpt|pt|bin)$/)) {
    return `There are PyTorch weights here and no ONNX graphs. A diffusers folder can be converted with ${CONVERT}.`;
  }
  return 'There is no model here: no manifest.json, no ONNX graphs.';
}

/** A manifest's id from a name such as `Owner/Name_1`. */
export function idFrom(name: string): string {
  const id = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '.')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64);
  return id === '' ? 'model' : id;
}

/** The manifest of a choice whose files have arrived and been hashed; paths as in the manifest. */
export function finishManifest(draft: ManifestDraft, files: Manifest['files']): ManifestResult {
  return parseManifest({ ...draft, files });
}
