/** Out of the library into files, and back. */
import type { InstalledModel } from '#engine/library-api.ts';
import { asTask, clearAnswer, failTask } from '#state/actions/library-task.ts';
import { readLibrary } from '#state/actions/read-library.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useLibrary } from '#state/library.ts';
import { services } from '#state/services.ts';

export async function exportModel(version: InstalledModel): Promise<void> {
  await asTask(version, 'exporting', version.sizeBytes, async () => {
    const result = await services().library.exportModel(version);
    if (result.ok) save(result.value, `${version.id}-${version.revision.slice(0, 7)}.kiln.zip`);
    else failTask(version, result.failure);
  });
}

export async function backUpLibrary(): Promise<void> {
  await alone('backup', async () => {
    const result = await services().library.backup();
    if (result.ok) save(result.value, 'kiln-library.zip');
    else failTask(null, result.failure);
  });
}

/** Takes an exported model or a whole backup. */
export async function importArchive(archive: File): Promise<void> {
  await alone('import', async () => {
    const result = await services().library.importArchive(archive);
    if (!result.ok) {
      failTask(null, result.failure);
      return;
    }
    const { length } = result.value.installed;
    const text =
      length === 0
        ? 'Everything in this file was here already.'
        : `${length === 1 ? 'One model' : `${length} models`} imported.`;
    showToast({ text, tone: 'plain', action: null });
  });
  await readLibrary();
}

async function alone(what: 'backup' | 'import', work: () => Promise<void>): Promise<void> {
  if (useLibrary.getState().isBusy !== null) return;
  clearAnswer(null);
  useLibrary.setState({ isBusy: what });
  try {
    await work();
  } finally {
    useLibrary.setState({ isBusy: null });
  }
}

function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads a large archive for a while after the click.
  setTimeout(() => URL.revokeObjectURL(url), 600_000);
}
