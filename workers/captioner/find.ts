/** Which captioner a job means, as its manifest. */
import { FailureError } from '#core/failure.ts';
import { type CaptionerManifest, parseCaptioner } from '#core/models/captioner.ts';
import { fetchCaptioner, listInstalledCaptioners, listServedCaptioners } from '#storage/captioners.ts';
import { readFile } from '#storage/library/read.ts';
import type { StoredVersion } from '#storage/library/records.ts';
import { sharedLibrary } from '#storage/models.ts';

/**
 * @param id an installed captioner's, or of one beside the studio; null takes the first of those, then the first installed
 * @throws FailureError `captioner-missing`, `model-unknown`, `manifest-invalid`, `model-damaged`, `network`
 */
export async function findCaptioner(id: string | null, signal: AbortSignal): Promise<CaptionerManifest> {
  const installed = await listInstalledCaptioners();
  if (id !== null) {
    const version = installed.find((candidate) => candidate.id === id);
    return version === undefined ? fetchCaptioner(id, signal) : readInstalled(version);
  }
  const [served] = await listServedCaptioners(signal);
  if (served !== undefined) return fetchCaptioner(served, signal);
  const own = installed.find(({ files }) => files.some(({ path }) => path === 'manifest.json'));
  if (own === undefined) throw new FailureError({ code: 'captioner-missing' });
  return readInstalled(own);
}

/** The manifest lies among the version's own files; its parts are found by their hashes. */
async function readInstalled(version: StoredVersion): Promise<CaptionerManifest> {
  const { id, revision, name, files } = version;
  const file = files.find(({ path }) => path === 'manifest.json');
  const store = sharedLibrary();
  if (file === undefined || store === null)
    throw new FailureError({ code: 'manifest-invalid', id, reason: 'it has no manifest of a captioner' });
  const read = await readFile(store, file, () => {});
  if (!read.ok) {
    await store.markDamaged(read.damaged);
    throw new FailureError({ code: 'model-damaged', id, revision, name, files: [file.path] });
  }
  const parsed = parseCaptioner(JSON.parse(await read.blob.text()));
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  return parsed.manifest;
}
