/** Verify, repair, remove, switch: what one does to versions that are installed. */
import type { InstalledModel, VersionKey } from '#engine/library-api.ts';
import { answerTask, asTask, failTask } from '#state/actions/library-task.ts';
import { readLibrary } from '#state/actions/read-library.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { services } from '#state/services.ts';

export async function verifyModel(version: InstalledModel): Promise<void> {
  await asTask(version, 'verifying', version.sizeBytes, async () => {
    const result = await services().library.verify(version);
    if (!result.ok) failTask(version, result.failure);
    else if (result.value.damagedFiles.length === 0)
      answerTask(version, 'Every byte is as it was when it arrived.');
  });
  await readLibrary();
}

export async function repairModel(version: InstalledModel): Promise<void> {
  await asTask(version, 'repairing', version.sizeBytes, async () => {
    const result = await services().library.repair(version);
    if (result.outcome === 'failed') failTask(version, result.failure);
    if (result.outcome === 'done') answerTask(version, 'Repaired: every byte hashes again.');
  });
  await readLibrary();
}

export async function removeModel(version: InstalledModel): Promise<void> {
  await asTask(version, 'removing', version.sizeBytes, async () => {
    const result = await services().library.remove(version);
    if (result.ok) showToast({ text: `${version.name} is removed.`, tone: 'plain', action: null });
    else failTask(version, result.failure);
  });
  await readLibrary();
}

/** Draws from now on with this version. */
export async function activateVersion(key: VersionKey): Promise<void> {
  const result = await services().library.setActive(key);
  if (!result.ok) failTask(key, result.failure);
  await readLibrary();
}

export async function rollBack(active: InstalledModel): Promise<void> {
  const result = await services().library.rollBack(active.id);
  if (!result.ok) failTask(active, result.failure);
  else {
    const revision = result.value.revision.slice(0, 7);
    showToast({ text: `${active.name} is back at ${revision}.`, tone: 'plain', action: null });
  }
  await readLibrary();
}
