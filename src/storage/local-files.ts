/** Files that a person chose or dropped, as entries of a listing. */
import type { FileEntry } from '#core/hub/files.ts';

export interface LocalFile {
  /** Relative to what was chosen, with `/` between its parts. */
  path: string;
  file: File;
}

/** A folder of more files than this is not a model. */
const MAX_FILES = 5001;
const MAX_DEPTH = 6;

/** What an `<input type="file">` answers, with or without `webkitdirectory`. */
export function filesOfInput(list: Iterable<File>): LocalFile[] {
  return withoutCommonFolder(
    Array.from(list, (file) => ({
      path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath,
      file,
    })),
  );
}

/** Every file below a folder that was picked. Rejects as the browser does when the folder cannot be read. */
export async function filesOfFolder(folder: FileSystemDirectoryHandle): Promise<LocalFile[]> {
  const found: LocalFile[] = [];
  const walk = async (from: FileSystemDirectoryHandle, prefix: string, depth: number): Promise<void> => {
    for await (const [name, handle] of from.entries()) {
      if (found.length >= MAX_FILES) return;
      if (handle instanceof FileSystemFileHandle)
        found.push({ path: prefix + name, file: await handle.getFile() });
      else if (depth < MAX_DEPTH && handle instanceof FileSystemDirectoryHandle)
        await walk(handle, `${prefix}${name}/`, depth + 1);
    }
  };
  await walk(folder, '', 1);
  return found;
}

/**
 * Files and folders of a drop. To be called at once in the event: the browser forgets the items after it.
 */
export async function filesOfDrop(
  items: Iterable<Pick<DataTransferItem, 'webkitGetAsEntry'>>,
): Promise<LocalFile[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found: LocalFile[] = [];
  const walk = async (entry: FileSystemEntry, prefix: string, depth: number): Promise<void> => {
    if (found.length >= MAX_FILES) return;
    if (entry instanceof FileSystemFileEntry) {
      const file = await new Promise<File>((done, fail) => entry.file(done, fail));
      found.push({ path: prefix + entry.name, file });
    } else if (depth < MAX_DEPTH && entry instanceof FileSystemDirectoryEntry) {
      const reader = entry.createReader();
      // The reader answers in pieces, and with none when it is done.
      for (;;) {
        const piece = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
        if (piece.length === 0) break;
        for (const child of piece) await walk(child, `${prefix}${entry.name}/`, depth + 1);
      }
    }
  };
  for (const entry of entries) await walk(entry, '', 1);
  return withoutCommonFolder(found);
}

/** The chosen folder's own name is no part of its files' paths. */
function withoutCommonFolder(files: LocalFile[]): LocalFile[] {
  const [first] = files;
  const folder = first?.path.slice(0, first.path.indexOf('/') + 1) ?? '';
  if (folder === '' || !files.every(({ path }) => path.startsWith(folder))) return files;
  return files.map(({ path, file }) => ({ path: path.slice(folder.length), file }));
}

export function asEntries(files: readonly LocalFile[]): FileEntry[] {
  return files.map(({ path, file }) => ({ path, sizeBytes: file.size, sha256: null, gitSha1: null }));
}
