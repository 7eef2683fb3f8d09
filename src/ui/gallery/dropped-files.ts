const MAX_FILES = 20_000;
const MAX_DEPTH = 8;

/** Every file of a drop, folders walked. To be called at once in the event: the browser forgets the items after it. */
export async function filesOfTransfer({ items, files }: DataTransfer): Promise<File[]> {
  const entries = Array.from(items, (item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (entries.length === 0) return [...files];
  const found: File[] = [];
  for (const entry of entries) await walk(entry, found, 1);
  return found;
}

async function walk(entry: FileSystemEntry, found: File[], depth: number): Promise<void> {
  if (found.length >= MAX_FILES) return;
  if (entry instanceof FileSystemFileEntry) {
    found.push(await new Promise<File>((done, fail) => entry.file(done, fail)));
  } else if (depth < MAX_DEPTH && entry instanceof FileSystemDirectoryEntry) {
    const reader = entry.createReader();
    // The reader answers in pieces, and with none when it is done.
    for (;;) {
      const piece = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
      if (piece.length === 0) break;
      for (const child of piece) await walk(child, found, depth + 1);
    }
  }
}
