/** A safety checker of Stable Diffusion's form, opened for one look: cosines against thresholds, with names. */
import { FailureError } from '#core/failure.ts';
import { cropSquare, toTensor } from '#core/images/to-tensor.ts';
import type { Pixels } from '#core/images/resize.ts';
import { type CheckerManifest, isCheckerManifest, parseChecker } from '#core/models/checker.ts';
import { judgeScores, type Verdict } from '#core/safety/thresholds.ts';
import type { ConceptScore } from '#engine/captioner-api.ts';
import { modelFolderUrl } from '#storage/models.ts';
import { fetchJson } from '#storage/weights.ts';
import { readModelFiles } from '../engine/files.ts';
import { openPart, pickVariant } from '../engine/model.ts';
import type { Gpu } from '../runtime/device.ts';
import type { Session } from '../runtime/ort.ts';
import type { OpenJob } from './open.ts';

/** @returns null where the model of this id is none @throws FailureError `manifest-invalid`, `network` */
export async function findChecker(id: string, signal: AbortSignal): Promise<CheckerManifest | null> {
  let value: unknown;
  try {
    value = await fetchJson(modelFolderUrl(id), 'manifest.json', signal);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'file-missing') return null;
    throw error;
  }
  if (!isCheckerManifest(value)) return null;
  const parsed = parseChecker(value);
  if (!parsed.ok) throw new FailureError({ code: 'manifest-invalid', id, reason: parsed.reason });
  return parsed.manifest;
}

export async function openChecker(
  manifest: CheckerManifest,
  gpu: Gpu | null,
  strictGpu: boolean,
  { signal, emit }: OpenJob,
): Promise<Session> {
  const variant = pickVariant(manifest, 'vision_model', gpu);
  const files = await readModelFiles(manifest, [variant.graph, ...variant.weights], signal, emit);
  emit({ kind: 'preparing', part: 'vision_model' });
  return openPart('vision_model', variant, files, { gpu, float16: false, strictGpu });
}

/** @returns every concept with its score, and the verdict */
export async function checkPicture(
  { image, concepts, specials, adjustment }: CheckerManifest,
  session: Session,
  picture: Pixels,
): Promise<{ concepts: ConceptScore[]; verdict: Verdict }> {
  const { sidePx, resample, mean, std } = image;
  const square = cropSquare(picture, sidePx, resample);
  const tensor = toTensor(square, { widthPx: sidePx, heightPx: sidePx, resize: resample, mean, std });
  const answers = await session.run({ pixel_values: { data: tensor, dims: [1, 3, sidePx, sidePx] } }, [
    'concept_scores',
    'special_scores',
  ]);
  const held = (name: string, list: CheckerManifest['concepts']) =>
    list.map(({ threshold }, i) => ({ score: answers[name]!.data[i]!, threshold }));
  const verdict = judgeScores(held('special_scores', specials), held('concept_scores', concepts), adjustment);
  return {
    verdict,
    // What the special ones gave is counted into the score: thresholds stay as they are written.
    concepts: concepts.map(({ name, threshold }, i) => ({
      id: `concept-${i + 1}`,
      name,
      score: threshold + verdict.concepts[i]!.margin,
      threshold,
      word: name,
    })),
  };
}
