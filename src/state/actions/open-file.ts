import { addAdapters } from '#state/actions/add-adapters.ts';
import { lookAtPicture } from '#state/actions/look-at-picture.ts';

/** Takes a file however it came: dropped, pasted, shared, or opened with the installed studio. */
export function openFile(file: File): Promise<void> {
  return openFiles([file]);
}

/** The same for several at once: every adapter and every file of kits, and of the rest the first, since a form has one set of settings. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const adapters = files.filter(isAdapter);
  const kits = files.filter(isKitFile);
  const picture = files.find((file) => !isAdapter(file) && !isKitFile(file));
  if (adapters.length > 0) await addAdapters(adapters);
  if (kits.length > 0) {
    // Nobody needs the reader of archives before a file of kits comes.
    const { importKits } = await import('#state/actions/carry-kits.ts');
    for (const file of kits) await importKits(file);
  }
  if (picture !== undefined) await lookAtPicture(picture);
}

/** A pickle is none: the engine refuses it by name. */
function isAdapter({ name }: File): boolean {
  return /\.(safetensors|pt)$/i.test(name);
}

function isKitFile({ name }: File): boolean {
  return name.toLowerCase().endsWith('.kilnkit');
}
