/** Which upscalers this origin serves. They make no pictures from text, so the list of models does not name them. */
import * as v from 'valibot';
import { FailureError } from '#core/failure.ts';
import { parseUpscaler, type UpscalerManifest } from '#core/models/upscaler.ts';
import { modelFolderUrl } from './models.ts';
import { fetchJson } from './weights.ts';

const listSchema = v.strictObject({
  upscalers: v.pipe(v.array(v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9._-]{0,63}$/))), v.minLength(1)),
});

/**
 * The upscaler that is listed first.
 * @throws FailureError `manifest-invalid`, `file-missing`, `file-altered`, `network`
 */
export async function fetchUpscaler(signal: AbortSignal): Promise<UpscalerManifest> {
  // Beside the folders of the models.
  const url = new URL('../', modelFolderUrl('upscaler')).href;
  const list = v.safeParse(listSchema, await fetchJson(url, 'upscalers.json', signal));
  if (!list.success) {
    throw new FailureError({ code: 'manifest-invalid', id: 'upscalers', reason: list.issues[0].message });
  }
  const id = list.output.upscalers[0]!;
  const parsed = parseUpscaler(await fetchJson(modelFolderUrl(id), 'manifest.json', signal));
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  if (parsed.manifest.id !== id) {
    const reason = `it calls itself "${parsed.manifest.id}"`;
    throw new FailureError({ code: 'manifest-invalid', id, reason });
  }
  return parsed.manifest;
}
