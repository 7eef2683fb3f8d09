import { sidecars } from '#core/captions/sidecar.ts';
import { captionFolder } from '#state/actions/add-caption-files.ts';
import { useCaptions } from '#state/captions.ts';

/** Captions that have words, as files. */
function filesToSave() {
  const { items, trigger } = useCaptions.getState();
  return sidecars(
    items.filter(({ text, state }) => text.trim() !== '' && state !== 'running'),
    trigger,
  );
}

/** Names of pictures that would share one caption file. */
export function clashingCaptions(): string[] {
  return filesToSave().clashes;
}

/** All captions in one zip, in the folders of their pictures. */
export async function saveCaptionsAsZip(): Promise<void> {
  const { files } = filesToSave();
  const { downloadZip } = await import('client-zip');
  const blob = await downloadZip(files.map(({ path, text }) => ({ name: path, input: text }))).blob();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = 'captions.zip';
  link.click();
  URL.revokeObjectURL(link.href);
  useCaptions.setState({ saved: { count: files.length, where: 'zip' } });
}

/** Each caption beside its picture, in the folder that was picked. */
export async function saveCaptionsToFolder(): Promise<void> {
  const folder = captionFolder();
  if (folder === null) return;
  const { files } = filesToSave();
  try {
    for (const { path, text } of files) {
      const handle = await folder.getFileHandle(path, { create: true });
      // A stream of the browser writes to a copy and puts it in place at its end: no half caption.
      const writer = await handle.createWritable();
      await writer.write(text);
      await writer.close();
    }
    useCaptions.setState({ saved: { count: files.length, where: 'folder' } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    useCaptions.setState({ failure: { code: 'captions-not-saved', reason } });
  }
}
