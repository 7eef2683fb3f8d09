/** The files of a repository, a folder or a drop, before anything of them is believed. */

export interface FileEntry {
  /** Relative to the root of the repository or folder, with `/` between its parts. */
  path: string;
  sizeBytes: number;
  /** Lower-case hex, where the listing vouches for the content; null where the file must be read first. */
  sha256: string | null;
  /** Name of the git object, which vouches for a small file of the hub; null elsewhere. */
  gitSha1: string | null;
}

/** Everything that is known of a repository or a folder: all names, and the content of what is small. */
export interface Contents {
  files: readonly FileEntry[];
  /** Text of the small files, by path. */
  texts: ReadonlyMap<string, string>;
  /** Graph files that are small enough to be read, by path. */
  graphs: ReadonlyMap<string, Uint8Array>;
}

const MAX_FILES = 5000;
const MAX_PATH = 300;
/** What the manifest can name. Other files may be there; none of them is used. */
const USABLE = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*){0,4}$/;
const TEXT = /(^|\/)([\w-]+\.json|merges\.txt|README\.md)$/;
const MAX_TEXT_BYTES = 4 * 2 ** 20;
const MAX_TEXTS = 64;
const MAX_TEXTS_BYTES = 32 * 2 ** 20;
/** Graphs of a pipeline's parts. Captioners are told by their settings alone. */
const GRAPH =
  /(^|\/)((text_encoder(_2)?|unet|transformer|vae_(de|en)coder)\/model[^/]*|onnx\/(text_encoder|unet|transformer|vae_)[^/]*)\.onnx$/;
const MAX_GRAPH_BYTES = 16 * 2 ** 20;
const MAX_GRAPHS = 64;
const MAX_GRAPHS_BYTES = 96 * 2 ** 20;

export type FilesResult = { ok: true; files: FileEntry[] } | { ok: false; reason: string };

/**
 * The usable files of a listing, in order of their paths.
 * @returns one sentence where the listing itself cannot be meant well, or is beyond what a model needs
 */
export function checkFiles(listed: readonly FileEntry[]): FilesResult {
  if (listed.length > MAX_FILES) {
    return { ok: false, reason: `There are ${listed.length} files; a model may have ${MAX_FILES}.` };
  }
  const seen = new Set<string>();
  for (const { path, sizeBytes } of listed) {
    const shown = JSON.stringify(path.length > 80 ? `${path.slice(0, 80)}…` : path);
    if (path.length > MAX_PATH) return { ok: false, reason: `The name ${shown} is too long.` };
    if (isOutside(path)) return { ok: false, reason: `The name ${shown} leads out of the model's folder.` };
    if (seen.has(path)) return { ok: false, reason: `The name ${shown} is listed twice.` };
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
      return { ok: false, reason: `The file ${shown} has no sensible size.` };
    }
    seen.add(path);
  }
  const files = listed.filter(({ path }) => USABLE.test(path));
  return { ok: true, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

function isOutside(path: string): boolean {
  const isAbsolute = path.startsWith('/') || /^[A-Za-z]:/.test(path);
  return path === '' || isAbsolute || path.includes('\\') || path.split('/').includes('..');
}

/**
 * Which files have to be read before `recognise` can say what they are.
 * @param files as `checkFiles` gave them
 */
export function filesToRead(files: readonly FileEntry[]): { texts: FileEntry[]; graphs: FileEntry[] } {
  const texts = files.filter((file) => TEXT.test(file.path) && file.sizeBytes <= MAX_TEXT_BYTES);
  const graphs = files.filter((file) => GRAPH.test(file.path) && file.sizeBytes <= MAX_GRAPH_BYTES);
  return {
    texts: within(nearest(texts).slice(0, MAX_TEXTS), MAX_TEXTS_BYTES),
    graphs: within(nearest(graphs).slice(0, MAX_GRAPHS), MAX_GRAPHS_BYTES),
  };
}

/** The first of them that stay below a sum: what a dry run reads is bounded, whatever a listing says. */
function within(files: readonly FileEntry[], maxBytes: number): FileEntry[] {
  let sum = 0;
  return files.filter(({ sizeBytes }) => {
    sum += sizeBytes;
    return sum <= maxBytes;
  });
}

/** Settings lie near the top and graphs in their parts' folders: what is deeper matters less. */
function nearest(files: readonly FileEntry[]): FileEntry[] {
  const depth = ({ path }: FileEntry) => path.split('/').length;
  return [...files].sort((a, b) => depth(a) - depth(b));
}
