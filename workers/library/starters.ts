/** The models that lie beside the studio, as the library shows them. */
import type { StarterModel } from '#engine/library-api.ts';
import { listOriginModels } from '#storage/models.ts';

const PATIENCE_MS = 10_000;

/** Empty where they cannot be listed now: the library is about what is on this device. */
export async function listStarters(): Promise<StarterModel[]> {
  const listed = await listOriginModels(AbortSignal.timeout(PATIENCE_MS)).catch(() => null);
  if (listed === null || !listed.ok) return [];
  return Promise.all(
    listed.models.map(async (manifest) => ({
      id: manifest.id,
      revision: await revisionOf(manifest.files),
      manifest,
      sizeBytes: Object.values(manifest.files).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    })),
  );
}

async function revisionOf(files: Record<string, { sha256: string }>): Promise<string> {
  const lines = Object.entries(files).map(([path, { sha256 }]) => `${sha256} ${path}\n`);
  const text = new TextEncoder().encode(lines.sort().join(''));
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
