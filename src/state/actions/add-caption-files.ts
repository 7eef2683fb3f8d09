import { sidecarPath } from '#core/captions/sidecar.ts';
import { type CaptionItem, NO_CAPTIONS, useCaptions } from '#state/captions.ts';
import { judgeFile } from '#state/judge-file.ts';

const PICTURE = /\.(png|jpe?g|webp|gif)$/i;
const MAX_CAPTION_BYTES = 64 * 1024;

/** The pictures themselves, by the ids of their items. */
const files = new Map<string, File>();
/** The folder that was picked, where the browser lets a page write into one. */
let folder: FileSystemDirectoryHandle | null = null;

export function captionFile(id: string): File | null {
  return files.get(id) ?? null;
}

export function captionFolder(): FileSystemDirectoryHandle | null {
  return folder;
}

export interface GivenFile {
  path: string;
  file: File;
}

/** Adds pictures, with the captions that lie beside them already. Other files are left alone. */
export async function addCaptionFiles(given: readonly GivenFile[]): Promise<void> {
  const texts = new Map(
    given.filter(({ path }) => path.endsWith('.txt')).map(({ path, file }) => [path, file]),
  );
  const known = new Set(useCaptions.getState().items.map(({ path }) => path));
  const added: CaptionItem[] = [];
  for (const { path, file } of given) {
    if (!PICTURE.test(path) || known.has(path)) continue;
    const failure = await judgeFile(file);
    const text = await readCaption(texts.get(sidecarPath(path)));
    const id = crypto.randomUUID();
    known.add(path);
    if (failure !== null) {
      added.push({ id, path, url: null, text: '', state: 'failed', failure });
      continue;
    }
    files.set(id, file);
    const state = text === null ? 'waiting' : 'given';
    added.push({ id, path, url: URL.createObjectURL(file), text: text ?? '', state, failure });
  }
  useCaptions.setState(({ items }) => ({ items: [...items, ...added], saved: null }));
}

async function readCaption(file: File | undefined): Promise<string | null> {
  if (file === undefined || file.size > MAX_CAPTION_BYTES) return null;
  return (await file.text()).trim();
}

/** Asks for a folder, with the right to write into it. Does nothing where a browser has no such thing. */
export async function pickCaptionFolder(): Promise<void> {
  if (!('showDirectoryPicker' in globalThis)) return;
  let picked: FileSystemDirectoryHandle;
  try {
    picked = await (
      globalThis as unknown as {
        showDirectoryPicker(options: { mode: 'readwrite' }): Promise<FileSystemDirectoryHandle>;
      }
    ).showDirectoryPicker({ mode: 'readwrite' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return;
    throw error;
  }
  clearCaptions();
  folder = picked;
  const found: GivenFile[] = [];
  for await (const handle of picked.values())
    if (handle.kind === 'file') found.push({ path: handle.name, file: await handle.getFile() });
  await addCaptionFiles(found);
  useCaptions.setState({ hasFolder: true });
}

export function removeCaption(id: string): void {
  const item = useCaptions.getState().items.find((one) => one.id === id);
  if (item === undefined) return;
  if (item.url !== null) URL.revokeObjectURL(item.url);
  files.delete(id);
  useCaptions.setState(({ items }) => ({ items: items.filter((one) => one.id !== id) }));
}

export function clearCaptions(): void {
  for (const { url } of useCaptions.getState().items) if (url !== null) URL.revokeObjectURL(url);
  files.clear();
  folder = null;
  useCaptions.setState(({ trigger }) => ({ ...NO_CAPTIONS, trigger }));
}
