/**
 * Everything that can go wrong and that a person can act on, as plain data that crosses the wire whole.
 * A code does not compile until `ui/failure-text.ts` has a sentence for it. A bug is `unexpected`.
 */
export type Failure =
  | { code: 'prompt-empty' }
  | { code: 'seed-invalid'; seed: number }
  | { code: 'steps-unsupported'; steps: number; min: number; max: number }
  | { code: 'guidance-invalid'; guidanceScale: number; max: number }
  | { code: 'count-invalid'; count: number; max: number }
  | { code: 'sampler-unknown'; sampler: string; known: string[] }
  | { code: 'schedule-unknown'; schedule: string; known: string[] }
  | {
      code: 'size-off-grid';
      widthPx: number;
      heightPx: number;
      multiplePx: number;
      nearest: { widthPx: number; heightPx: number };
    }
  | { code: 'size-unsupported'; widthPx: number; heightPx: number; supported: string }
  | { code: 'model-unknown'; id: string }
  | { code: 'manifest-invalid'; id: string; reason: string }
  | { code: 'file-missing'; file: string; status: number }
  | { code: 'file-truncated'; file: string; expectedBytes: number; actualBytes: number }
  | { code: 'file-altered'; file: string }
  | { code: 'network'; file: string; detail: string }
  | { code: 'graph-rejected'; part: string; detail: string }
  | { code: 'no-variant'; part: string; needs: string }
  | { code: 'webgpu-unavailable'; reason: string }
  | { code: 'device-lost'; detail: string }
  | { code: 'gpu-paused' }
  | {
      code: 'out-of-memory';
      device: 'webgpu' | 'cpu';
      neededBytes: number | null;
      heldBytes: number | null;
      detail: string;
    }
  | { code: 'result-invalid'; kind: 'nan' | 'flat'; stage: 'denoise' | 'decode'; step: number | null }
  | { code: 'engine-died'; detail: string }
  | { code: 'engine-hung'; afterMs: number }
  | { code: 'unexpected'; message: string; stack: string | null };

export type FailureCode = Failure['code'];

/** Something the person should know about a job that went on all the same. */
export type Notice =
  | { code: 'prompt-cut'; where: 'prompt' | 'negative'; keptCharacters: number; givenCharacters: number }
  | {
      code: 'prompt-windows-cut';
      where: 'prompt' | 'negative';
      windows: number;
      cutTokens: number;
      cutText: string;
    }
  | { code: 'tags-ignored'; where: 'prompt' | 'negative'; count: number }
  | { code: 'device-recovered' }
  | { code: 'engine-restarted' }
  | { code: 'fell-back-to-cpu'; reason: string }
  | { code: 'slower-float32' };

/** Carries a failure through code that throws; it is turned into a value before it crosses the wire. */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.code, options);
    this.name = 'FailureError';
    this.failure = failure;
  }
}
