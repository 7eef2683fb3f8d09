/** What a captioner is asked for, from the task to its answer. */
import { decodeWithBeams } from '#core/captioner/beam.ts';
import type { Decoding, Limits } from '#core/captioner/decoding.ts';
import { decodeGreedily } from '#core/captioner/greedy.ts';
import { decodeFromNucleus } from '#core/captioner/nucleus.ts';
import { FailureError } from '#core/failure.ts';
import type { CaptionerManifest, CaptionerTask } from '#core/models/captioner.ts';
import { type ConceptList, parseConcepts, scoreConcept, sentencesOf } from '#core/safety/concepts.ts';
import { judgeByThresholds } from '#core/safety/thresholds.ts';
import type { CaptionAnswer, CaptionTask, ConceptScore, Way } from '#engine/captioner-api.ts';
import type { Seen, TextJob } from './blip.ts';
import type { OpenCaptioner } from './open.ts';

/** @throws FailureError `captioner-task` before anything is opened for nothing */
export function checkTask(manifest: CaptionerManifest, { kind }: CaptionTask): void {
  const needed: CaptionerTask = kind === 'safety' ? 'match' : kind;
  const hasList = kind !== 'safety' || manifest.safety !== undefined;
  if (!manifest.tasks.includes(needed) || !hasList)
    throw new FailureError({ code: 'captioner-task', model: manifest.name, task: kind });
}

export interface TaskJob extends Omit<TextJob, 'onTokens'> {
  onWords: (text: string, tokens: number) => void;
}

/** @throws FailureError `question-empty`, `text-too-long`; the signal's reason between two words when aborted */
export async function doTask(
  { blip, file }: Pick<OpenCaptioner, 'blip'> & { file: (path: string) => Promise<object> },
  seen: Seen,
  task: CaptionTask,
  job: TaskJob,
): Promise<CaptionAnswer> {
  const { manifest, words } = blip;
  const { bosId, clsId, sepId } = manifest.text;
  switch (task.kind) {
    case 'caption': {
      const prefix = words.encode(task.prefix);
      const decoding = decode(manifest, task.way, [bosId, ...prefix], manifest.caption?.maxTokens);
      const tell = (tokens: readonly number[]) =>
        job.onWords(words.decode([...prefix, ...tokens]), tokens.length);
      const { tokens, isComplete } = await blip.describe(seen, decoding, { ...job, onTokens: tell });
      return { kind: 'text', text: words.decode([...prefix, ...tokens]), tokens, isComplete };
    }
    case 'question': {
      const asked = words.encode(task.question);
      if (asked.length === 0) throw new FailureError({ code: 'question-empty' });
      checkLength(asked.length + 2, manifest);
      const decoding = decode(manifest, task.way, [bosId], manifest.question?.maxTokens);
      const tell = (tokens: readonly number[]) => job.onWords(words.decode(tokens), tokens.length);
      const question = [clsId, ...asked, sepId];
      const { tokens, isComplete } = await blip.answer(seen, question, decoding, { ...job, onTokens: tell });
      return { kind: 'text', text: words.decode(tokens), tokens, isComplete };
    }
    case 'match': {
      const scores = [];
      for (const text of task.texts) {
        await job.turn();
        job.signal.throwIfAborted();
        scores.push(await blip.fit(seen, text));
      }
      return { kind: 'scores', scores };
    }
    case 'safety': {
      const parsed = parseConcepts(await file(manifest.safety!));
      if (!parsed.ok)
        throw new FailureError({ code: 'manifest-invalid', id: manifest.id, reason: parsed.reason });
      if (parsed.list.concepts[0]!.vector !== undefined)
        return { kind: 'safety', concepts: judged(seen.embedding!, parsed.list), scope: parsed.list.scope };
      const concepts: ConceptScore[] = [];
      for (const concept of parsed.list.concepts) {
        const vectors = [];
        for (const sentence of sentencesOf(concept)) {
          await job.turn();
          job.signal.throwIfAborted();
          vectors.push(await blip.textEmbedding(seen.states, sentence));
        }
        const { score, best } = scoreConcept(seen.embedding!, vectors);
        const { id, name, names, threshold } = concept;
        concepts.push({ id, name, score, threshold, word: names[best]! });
      }
      return { kind: 'safety', concepts, scope: parsed.list.scope };
    }
  }
}

/** The form of Stable Diffusion's checker. The margin is counted into the score: a threshold stays as it is written. */
function judged(picture: Float32Array, { concepts }: ConceptList): ConceptScore[] {
  const vectors = (isCare: boolean) =>
    concepts
      .filter((concept) => concept.isCare === isCare)
      .map(({ vector, threshold }) => ({ vector: Float32Array.from(vector!), threshold }));
  const { concepts: margins } = judgeByThresholds(picture, vectors(true), vectors(false));
  return concepts
    .filter(({ isCare }) => !isCare)
    .map(({ id, name, names, threshold }, i) => ({
      id,
      name,
      score: threshold + margins[i]!.margin,
      threshold,
      word: names[0]!,
    }));
}

function decode(
  { text }: CaptionerManifest,
  way: Way,
  prompt: readonly number[],
  maxNewTokens: number | undefined,
): Decoding {
  const room = text.maxTokens - prompt.length;
  if (room < 1)
    throw new FailureError({ code: 'text-too-long', tokens: prompt.length, maxTokens: text.maxTokens - 1 });
  return decodeBy(way, {
    prompt,
    endToken: text.sepId,
    maxNewTokens: Math.min(room, maxNewTokens ?? room),
    repetitionPenalty: 1,
  });
}

export function decodeBy(way: Way, limits: Limits): Decoding {
  switch (way.kind) {
    case 'greedy':
      return decodeGreedily(limits);
    case 'beams':
      return way.beams === 1
        ? decodeGreedily(limits)
        : decodeWithBeams({ ...limits, beams: way.beams, lengthPenalty: 1, earlyStopping: false });
    case 'nucleus':
      return decodeFromNucleus({ ...limits, ...way });
  }
}

function checkLength(tokens: number, { text: { maxTokens } }: CaptionerManifest): void {
  if (tokens > maxTokens) throw new FailureError({ code: 'text-too-long', tokens, maxTokens });
}
