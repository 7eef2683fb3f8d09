/**
 * Everything that can go wrong and that a person can act on, as plain data that crosses the wire whole.
 * A code does not compile until `ui/failure-text.ts` has a sentence for it. A bug is `unexpected`.
 */
export type Failure =
  | { code: 'prompt-empty' }
  /** Names that the prompt or its styles ask for. */
  | { code: 'lists-unknown'; names: string[] }
  | { code: 'styles-unknown'; names: string[] }
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
  | { code: 'offline-switch-on'; file: string }
  | { code: 'repository-name'; given: string }
  | { code: 'hub-gated'; repository: string; page: string }
  | { code: 'hub-missing'; repository: string; revision: string }
  | { code: 'hub-busy'; status: number; retryAfterS: number | null }
  | { code: 'hub-unreadable'; detail: string }
  | { code: 'host-refused'; host: string }
  | { code: 'model-unrecognised'; origin: string; reason: string }
  /** Downloads into the library. `host` is where the file came from, `file` its path in the model. */
  | { code: 'download-login-page'; file: string; host: string }
  | { code: 'download-denied'; file: string; host: string; status: number; page: string | null }
  | { code: 'download-gone'; file: string; host: string; status: number }
  | { code: 'download-busy'; file: string; host: string; status: number }
  | { code: 'download-damaged'; file: string; host: string }
  | { code: 'download-offline'; file: string }
  | { code: 'download-cut'; file: string; host: string; detail: string }
  | { code: 'download-short'; file: string; host: string; expectedBytes: number; actualBytes: number }
  | { code: 'plan-invalid'; reason: string }
  | { code: 'archive-invalid'; reason: string }
  | { code: 'storage-full'; neededBytes: number; couldGo: { name: string; sizeBytes: number }[] }
  | { code: 'storage-denied' }
  | { code: 'storage-blocked' }
  | { code: 'model-damaged'; id: string; revision: string; name: string; files: string[] }
  | { code: 'model-evicted'; id: string; name: string }
  /** What came from files or an archive cannot be fetched again. */
  | { code: 'source-unreachable'; name: string; label: string }
  | { code: 'version-unknown'; id: string; revision: string }
  | { code: 'no-earlier-version'; id: string }
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
  | {
      code: 'result-invalid';
      kind: 'nan' | 'flat';
      stage: 'encode' | 'denoise' | 'decode' | 'upscale';
      step: number | null;
    }
  /** A picture that was given, not made. */
  | { code: 'picture-unreadable'; reason: string }
  | { code: 'picture-too-large'; widthPx: number; heightPx: number; maxPx: number }
  /** The request starts from a picture, or refines one, and the model cannot read any. */
  | { code: 'encoder-missing'; model: string }
  | { code: 'strength-invalid'; strength: number }
  /** `least` walks one step. */
  | { code: 'strength-too-low'; strength: number; steps: number; least: number }
  | { code: 'mask-empty' }
  /** The second pass is for pictures that are drawn from words alone. */
  | { code: 'hires-with-source' }
  /** A request names a file of `storage/inputs.ts` that is not here. */
  | { code: 'input-missing'; what: 'picture' | 'mask' }
  | { code: 'input-not-kept'; reason: 'quota' | 'denied' }
  /** `found`: what the file is instead, with its article. */
  | { code: 'not-a-picture'; found: string }
  | { code: 'picture-file-too-large'; sizeBytes: number; maxBytes: number }
  | {
      code: 'picture-beyond-limits';
      widthPx: number;
      heightPx: number;
      maxSidePx: number;
      maxPixels: number;
    }
  /** The model that reads pictures. */
  | { code: 'captioner-missing' }
  | { code: 'captioner-task'; model: string; task: 'caption' | 'question' | 'match' | 'safety' }
  | { code: 'captions-not-saved'; reason: string }
  | { code: 'question-empty' }
  | { code: 'text-too-long'; tokens: number; maxTokens: number }
  /** This browser cannot write pictures of that kind. */
  | { code: 'export-format'; format: 'png' | 'jpeg' | 'webp' }
  /** `adapter` is the name of the file, as people know it. */
  | { code: 'adapter-invalid'; adapter: string; reason: string }
  | { code: 'adapter-unsupported'; adapter: string; method: string }
  /** `adapterFamily` is null where the file does not tell what it was trained for. */
  | {
      code: 'adapter-mismatch';
      adapter: string;
      adapterFamily: string | null;
      model: string;
      modelFamily: string;
      detail: string;
    }
  | { code: 'adapter-missing'; adapter: string }
  /** `kitFamily` in the field's words, or a model family's own name. */
  | { code: 'kit-mismatch'; kit: string; kitFamily: string; model: string }
  | { code: 'kit-incomplete'; kit: string; adapters: readonly string[] }
  | { code: 'kit-not-kept'; kit: string; reason: 'quota' | 'denied' }
  | { code: 'adapters-too-many'; rank: number; maxRank: number }
  | { code: 'adapter-not-kept'; adapter: string; sizeBytes: number; reason: 'quota' | 'denied' }
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
  /** A tag of the prompt names an adapter that is not here. */
  | { code: 'adapter-unknown'; name: string }
  /** Not the file that the recalled picture was made with. */
  | { code: 'adapter-other-file'; name: string }
  | { code: 'adapter-partly-used'; adapter: string; unused: number; layers: number }
  | { code: 'device-recovered' }
  | { code: 'engine-restarted' }
  | { code: 'fell-back-to-cpu'; reason: string }
  | { code: 'slower-float32' }
  /** Less memory than so many pictures together need. */
  | { code: 'fewer-at-once'; before: number; now: number };

/** Carries a failure through code that throws; it is turned into a value before it crosses the wire. */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.code, options);
    this.name = 'FailureError';
    this.failure = failure;
  }
}
