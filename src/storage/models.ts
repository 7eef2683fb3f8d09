/** Which models there are: those that this origin serves and those that are installed, and where their files lie. */
import * as v from 'valibot';
import { type Failure, FailureError } from '#core/failure.ts';
import { type Manifest, parseManifest } from '#core/models/manifest.ts';
import type { StoredVersion } from './library/records.ts';
import { canHaveLibrary, LibraryStore } from './library/store.ts';
import { fetchJson } from './weights.ts';

const indexSchema = v.strictObject({
  models: v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/))),
});

let library: LibraryStore | null = null;

/** This thread's one connection to the library; null where the browser has no database at all. */
export function sharedLibrary(): LibraryStore | null {
  if (!canHaveLibrary()) return null;
  library ??= new LibraryStore();
  return library;
}

/** The folder of models beside the page, wherever on its host the studio lies. */
function modelsUrl(): string {
  return new URL(`${import.meta.env.BASE_URL}models/`, globalThis.location.origin).href;
}

export function modelFolderUrl(id: string): string {
  return new URL(`${encodeURIComponent(id)}/`, modelsUrl()).href;
}

/**
 * The manifest of a request's model: an installed version's, or else what this origin serves. Its files are found
 * by their hashes.
 * @param revision one installed version; without it the active one
 * @throws FailureError `model-unknown`, `version-unknown`, `manifest-invalid`, `network`
 */
export async function findManifest(
  id: string,
  revision: string | undefined,
  signal: AbortSignal,
): Promise<Manifest> {
  const version = await findInstalled(id, revision);
  if (version?.manifest) return version.manifest;
  if (revision !== undefined) throw new FailureError({ code: 'version-unknown', id, revision });
  const manifest = seen.get(id) ?? (await fetchManifest(id, signal));
  seen.set(id, manifest);
  return manifest;
}

/** What this origin serves stays the same while a page is open: each job would only read it again. */
const seen = new Map<string, Manifest>();

/** A library that cannot be opened must not keep the models from working that need none. */
async function findInstalled(id: string, revision: string | undefined): Promise<StoredVersion | undefined> {
  const store = sharedLibrary();
  if (store === null) return undefined;
  try {
    return await (revision === undefined ? store.activeVersion(id) : store.version({ id, revision }));
  } catch (error) {
    if (error instanceof FailureError) return undefined;
    throw error;
  }
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

/**
 * What a request may name: the served models in the order of the index, then the installed ones. An installed
 * version stands in for a served model of the same id.
 */
export async function listModels(signal: AbortSignal): Promise<ModelsResult> {
  const [served, installed] = await Promise.all([listOriginModels(signal), listInstalled()]);
  if (!served.ok) return installed.size === 0 ? served : { ok: true, models: [...installed.values()] };
  const models = served.models.map((manifest) => installed.get(manifest.id) ?? manifest);
  const ids = new Set(models.map(({ id }) => id));
  return { ok: true, models: [...models, ...[...installed.values()].filter(({ id }) => !ids.has(id))] };
}

async function listInstalled(): Promise<Map<string, Manifest>> {
  const store = sharedLibrary();
  if (store === null) return new Map();
  try {
    const [versions, active] = await Promise.all([store.versions(), store.active()]);
    const revisions = new Map(active.map(({ id, revision }) => [id, revision]));
    const manifests = versions
      .filter(({ id, revision }) => revisions.get(id) === revision)
      .flatMap(({ manifest }) => manifest ?? []);
    return new Map(manifests.map((manifest) => [manifest.id, manifest]));
  } catch (error) {
    if (error instanceof FailureError) return new Map();
    throw error;
  }
}

/** The served models, in the order of the index. One broken manifest fails the list: it is ours. */
export async function listOriginModels(signal: AbortSignal): Promise<ModelsResult> {
  try {
    const index = v.safeParse(indexSchema, await fetchJson(modelsUrl(), 'index.json', signal));
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
