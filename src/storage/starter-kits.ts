/** The brands that this origin serves, beside the models. */
import { FailureError, type Failure } from '#core/failure.ts';
import { parseStarters, type StarterKit } from '#core/kits/starters.ts';
import { fetchJson, fetchVerified } from './weights.ts';

function folderUrl(): string {
  return new URL(`${import.meta.env.BASE_URL}adapters/`, globalThis.location.origin).href;
}

/** @returns none where the list cannot be had: the studio has kits of its own all the same */
export async function listStarterKits(signal: AbortSignal): Promise<StarterKit[]> {
  try {
    const parsed = parseStarters(await fetchJson(folderUrl(), 'index.json', signal));
    return parsed.ok ? parsed.starters : [];
  } catch {
    return [];
  }
}

/** Fetches a brand's adapter and checks it against the list. */
export async function fetchStarter(
  { kit, file, sizeBytes }: StarterKit,
  signal: AbortSignal,
  onProgress: (fraction: number) => void,
): Promise<{ ok: true; bytes: Uint8Array<ArrayBuffer> } | { ok: false; failure: Failure }> {
  const expected = { path: file, sizeBytes, sha256: kit.adapters[0]!.sha256 };
  try {
    const bytes = await fetchVerified(folderUrl(), expected, signal, (loaded) =>
      onProgress(loaded / sizeBytes),
    );
    return { ok: true, bytes };
  } catch (error) {
    if (error instanceof FailureError) return { ok: false, failure: error.failure };
    throw error;
  }
}
