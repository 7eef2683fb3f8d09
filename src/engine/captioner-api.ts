/** The wire between the page and the worker that reads pictures: types only, plain data both ways. */
import type { Failure, Notice } from '#core/failure.ts';
import type { PictureKind } from '#core/images/picture-header.ts';
import type { DeviceChoice, DeviceKind } from './api.ts';

/** How words are chosen. */
export type Way =
  | { kind: 'greedy' }
  | { kind: 'beams'; beams: number }
  | { kind: 'nucleus'; topP: number; temperature: number; seed: number };

export type CaptionTask =
  /** `prefix`: the caption begins with it. `isDetailed`: a long one, from a model that knows two lengths. */
  | { kind: 'caption'; prefix: string; way: Way; isDetailed?: boolean }
  | { kind: 'question'; question: string; way: Way }
  | { kind: 'match'; texts: readonly string[] }
  | { kind: 'safety' };

export interface CaptionJob {
  id: string;
  /** A picture file of any kind that `core/images` knows. */
  picture: Blob;
  /** Id of a captioner, installed or beside the studio; null takes the first that there is. */
  model: string | null;
  task: CaptionTask;
  device: DeviceChoice;
  /** Refuse a graph of which any node would fall from the GPU to the CPU. */
  strictGpu: boolean;
  /** Keep what the decoder computed for earlier words. Without it the same words come more slowly: for measuring. */
  useCache: boolean;
}

export type CaptionEvent =
  | { kind: 'loading'; file: string; loadedBytes: number; totalBytes: number }
  | { kind: 'preparing'; part: string }
  | { kind: 'seeing' }
  /** The whole text so far, not only its new words. */
  | { kind: 'words'; text: string; tokens: number }
  | { kind: 'notice'; notice: Notice };

export interface CaptionTimes {
  loadMs: number;
  /** Unpacking, resizing and the vision tower; 0 where this picture was seen just before. */
  seeMs: number;
  /** From the decoder's start to its first token; null where no words were made. */
  firstWordMs: number | null;
  wordsMs: number;
}

/** How well one text fits the picture. */
export interface FitScore {
  text: string;
  /** Probability of a match, by the network that reads both at once. */
  match: number;
  /** Cosine of the two contrastive vectors, -1 to 1. */
  similarity: number;
}

export interface ConceptScore {
  id: string;
  /** For people. */
  name: string;
  score: number;
  threshold: number;
  /** The one of its words that fits best. */
  word: string;
}

export type CaptionAnswer =
  | { kind: 'text'; text: string; tokens: number[]; isComplete: boolean }
  | { kind: 'scores'; scores: FitScore[] }
  /** `scope`: what the list knows and what it does not, in a sentence. */
  | { kind: 'safety'; concepts: ConceptScore[]; scope: string };

export interface Described {
  answer: CaptionAnswer;
  model: { id: string; name: string };
  device: DeviceKind;
  picture: { kind: PictureKind; widthPx: number; heightPx: number; isAnimated: boolean };
  times: CaptionTimes;
}

export type CaptionOutcome =
  | { outcome: 'done'; described: Described }
  | { outcome: 'cancelled' }
  | { outcome: 'failed'; failure: Failure };

/** `broken`: as failed, and the worker's runtime is gone with it. */
export type CaptionWorkerOutcome = CaptionOutcome | { outcome: 'broken'; failure: Failure };

/** A captioner that there is, for a choice. */
export interface CaptionerChoice {
  id: string;
  name: string;
  summary: string;
  tasks: readonly CaptionTask['kind'][];
  /** It knows captions of two lengths. */
  knowsDetail: boolean;
}

export type CaptionersResult = { ok: true; captioners: CaptionerChoice[] } | { ok: false; failure: Failure };

export interface CaptionerApi {
  caption(
    job: CaptionJob,
    onEvent: (event: CaptionEvent) => void | Promise<void>,
  ): Promise<CaptionWorkerOutcome>;
  /** Stops the job before its next word. Unknown ids are ignored. */
  cancel(jobId: string): Promise<void>;
  /** Answers at once while the worker's event loop is alive. */
  ping(): Promise<void>;
}
