/** From the bytes of a part to what the runtime is given: guarded, and in float16 where asked. */
import { FailureError } from '#core/failure.ts';
import { guardModel } from '#core/onnx/guard.ts';
import { writeModel } from '#core/onnx/model.ts';
import { convertExternal } from '#core/onnx/passes/float16-weights.ts';
import { toFloat16 } from '#core/onnx/passes/to-float16.ts';
import type { ExternalFile } from '../runtime/ort.ts';

export interface PartFiles {
  graph: Uint8Array;
  external: ExternalFile[];
}

/**
 * @param part for the failure's sentence
 * @throws FailureError `graph-rejected` when the guard or the pass refuses the graph
 */
export async function prepareGraph(part: string, files: PartFiles, float16: boolean): Promise<PartFiles> {
  const weights = new Map(files.external.map(({ path, data }) => [path, data.byteLength]));
  const guarded = guardModel(files.graph, { weights });
  if (!guarded.ok) throw new FailureError({ code: 'graph-rejected', part, detail: guarded.reason });
  if (!float16) return files;
  const half = toFloat16(guarded.model);
  if (!half.ok) throw new FailureError({ code: 'graph-rejected', part, detail: half.reason });
  const graph = writeModel(half.model);
  if (half.plan.sizeBytes === 0) return { graph, external: files.external };
  const { bytes } = await convertExternal(half.plan, (location, offset, length) => {
    const file = files.external.find(({ path }) => path === location);
    if (file === undefined) throw new Error(`The pass asks for "${location}", which is not mounted.`);
    return file.data.subarray(offset, offset + length);
  });
  return { graph, external: [...files.external, { path: half.plan.location, data: bytes }] };
}
