/** Which models this origin serves, and their manifests. */
import * as v from 'valibot';
import { type Failure, FailureError } from '#core/failure.ts';
import { type Manifest, parseManifest } from '#core/models/manifest.ts';
import { fetchJson } from './weights.ts';

const MODELS_URL = '/models/';
const indexSchema = v.strictObject({
  models: v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/))),
});

export function modelFolderUrl(id: string): string {
  return new URL(`${MODELS_URL}${encodeURIComponent(id)}/`, globalThis.location.origin).href;
}

/** @throws FailureError `model-unknown`, `manifest-invalid`, `network` */
export async function fetchManifest(id: string, signal: AbortSignal): Promise<Manifest> {
  let value: unknown;
  try {
    value = await fetchJson(modelFolderUrl(id), 'manifest.json', signal);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'file-missing') {
      throw new FailureError({ code: 'model-unknown', id }, { cause: error });
    }
    if (error instanceof FailureError && error.failure.code === 'file-altered') {
      throw new FailureError({ code: 'manifest-invalid', id, reason: 'it is not JSON' }, { cause: error });
    }
    throw error;
  }
  const parsed = parseManifest(value);
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  if (parsed.manifest.id !== id) {
    throw new FailureError({
      code: 'manifest-invalid',
      id,
      reason: `it calls itself "${parsed.manifest.id}"`,
    });
  }
  return parsed.manifest;
}

export type ModelsResult = { ok: true; models: Manifest[] } | { ok: false; failure: Failure };

/** The served models, in the order of the index. One broken manifest fails the list: it is ours. */
export async function listModels(signal: AbortSignal): Promise<ModelsResult> {
  try {
    const index = v.safeParse(
      indexSchema,
      await fetchJson(new URL(MODELS_URL, globalThis.location.origin).href, 'index.json', signal),
    );
    if (!index.success) {
      return {
        ok: false,
        failure: { code: 'manifest-invalid', id: 'index', reason: index.issues[0].message },
      };
    }
    return {
      ok: true,
      models: await Promise.all(index.output.models.map((id) => fetchManifest(id, signal))),
    };
  } catch (error) {
    if (error instanceof FailureError) return { ok: false, failure: error.failure };
    throw error;
  }
}
