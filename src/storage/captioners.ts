/** The models that read pictures: those that this origin serves and those that are installed. */
import * as v from 'valibot';
import { FailureError } from '#core/failure.ts';
import { type CaptionerManifest, parseCaptioner } from '#core/models/captioner.ts';
import type { StoredVersion } from './library/records.ts';
import { modelFolderUrl, sharedLibrary } from './models.ts';
import { fetchJson } from './weights.ts';

const listSchema = v.strictObject({
  captioners: v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/))),
});

/** Ids in the order of the list; none where this copy of the studio comes without a captioner. */
export async function listServedCaptioners(signal: AbortSignal): Promise<string[]> {
  // Beside the folders of the models.
  const url = new URL('../', modelFolderUrl('captioner')).href;
  let value: unknown;
  try {
    value = await fetchJson(url, 'captioners.json', signal);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'file-missing') return [];
    throw error;
  }
  const list = v.safeParse(listSchema, value);
  if (list.success) return list.output.captioners;
  throw new FailureError({ code: 'manifest-invalid', id: 'captioners', reason: list.issues[0].message });
}

/** @throws FailureError `model-unknown`, `manifest-invalid`, `network` */
export async function fetchCaptioner(id: string, signal: AbortSignal): Promise<CaptionerManifest> {
  let value: unknown;
  try {
    value = await fetchJson(modelFolderUrl(id), 'manifest.json', signal);
  } catch (error) {
    const isMissing = error instanceof FailureError && error.failure.code === 'file-missing';
    throw isMissing ? new FailureError({ code: 'model-unknown', id }, { cause: error }) : error;
  }
  const parsed = parseCaptioner(value);
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  if (parsed.manifest.id !== id) {
    const reason = `it calls itself "${parsed.manifest.id}"`;
    throw new FailureError({ code: 'manifest-invalid', id, reason });
  }
  return parsed.manifest;
}

/** The active versions of installed captioners. A library that cannot be opened has none. */
export async function listInstalledCaptioners(): Promise<StoredVersion[]> {
  const store = sharedLibrary();
  if (store === null) return [];
  try {
    const [versions, active] = await Promise.all([store.versions(), store.active()]);
    const revisions = new Map(active.map(({ id, revision }) => [id, revision]));
    return versions.filter(
      ({ id, revision, kind }) => kind === 'captioner' && revisions.get(id) === revision,
    );
  } catch (error) {
    if (error instanceof FailureError) return [];
    throw error;
  }
}

/** What Transformers.js runs of installed captioners, told by their graphs; null for those of our own layout and for others. */
export function transformersKind({ files }: Pick<StoredVersion, 'files'>): 'vit-gpt2' | 'florence2' | null {
  const names = new Set(files.map(({ path }) => path));
  if (names.has('manifest.json') || !names.has('config.json')) return null;
  const has = (part: string) =>
    [...names].some((path) => path.startsWith(`onnx/${part}`) && path.endsWith('.onnx'));
  if (!has('encoder_model') || !has('decoder_model_merged')) return null;
  return has('vision_encoder') && has('embed_tokens') ? 'florence2' : 'vit-gpt2';
}
