/**
 * `globalThis.kiln`: the studio without its screen, for scripts, tests and benchmarks that drive this page
 * in a browser. Plain data in and out; what a person would read comes along as sentences. `version` grows
 * when something here changes its meaning.
 */
import type { Failure, Notice } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Calibration } from '#core/passport/calibration.ts';
import type { Fit } from '#core/passport/fit.ts';
import type { AtOnce } from '#core/pipeline/at-once.ts';
import { MAX_SEED, type GenerateRequest } from '#core/pipeline/request.ts';
import { stepsWithSource } from '#core/sampling/strength.ts';
import type {
  DeviceChoice,
  DeviceReport,
  GenerateEvent,
  Picture,
  UpscaledPicture,
  UpscaleEvent,
} from '#engine/api.ts';
import type { CaptionEvent, CaptionTask, Described } from '#engine/captioner-api.ts';
import type { CaptionerClient } from '#engine/captioner-client.ts';
import type { EngineClient } from '#engine/client.ts';
import { assess, sizesOf } from '#state/passport.ts';
import type { InstallPlan, LibraryClient } from '#engine/library-api.ts';
import { type AdapterCard, createAdapterStore } from '#storage/adapters.ts';
import { createInputStore, type PutResult } from '#storage/inputs.ts';

/** Only the prompt must be given: the rest is the model's default, the seed is drawn. */
export type AutomationRequest = Partial<GenerateRequest> & { prompt: string };

export interface AutomationOptions {
  /** `auto` when not given. */
  device?: DeviceChoice;
  /** Fail when any node of a graph would run on the CPU instead of the GPU. */
  strictGpu?: boolean;
  /** Send `trace` events with every step's latent. */
  trace?: boolean;
  /** Enlarge each picture before it is handed over. */
  upscale?: boolean;
  /** Pictures that are drawn in one run of the network; `auto` when not given. */
  atOnce?: AtOnce;
  /** Aborting it stops the job after the step it is in. */
  signal?: AbortSignal;
}

export type AutomationEvent =
  | Exclude<GenerateEvent, { kind: 'preview' | 'picture' | 'notice' }>
  /** The request as it runs, defaults and seed filled in: always the first event. */
  | { kind: 'request'; request: GenerateRequest }
  | { kind: 'notice'; notice: Notice; sentence: string }
  | { kind: 'picture'; picture: Omit<Picture, 'png'> & { png: Uint8Array } };

export type AutomationOutcome =
  | { outcome: 'done' | 'cancelled'; pictures: number }
  | { outcome: 'failed'; pictures: number; failure: Failure; sentence: string };

/** `picture` is the PNG. */
export type AutomationUpscale =
  | { outcome: 'done'; picture: Omit<UpscaledPicture, 'png'> & { png: Uint8Array } }
  | { outcome: 'cancelled' }
  | { outcome: 'failed'; failure: Failure; sentence: string };

export type AutomationCaption =
  | { outcome: 'done'; described: Described }
  | { outcome: 'cancelled' }
  | { outcome: 'failed'; failure: Failure; sentence: string };

export type AutomationAdapter =
  | { ok: true; card: AdapterCard }
  | { ok: false; failure: Failure; sentence: string };

export type AutomationPlan =
  | { ok: true; plan: InstallPlan; forms: string[]; remarks: string[] }
  /** `sentences`: what this repository, or the form asked for, lacks. */
  | { ok: false; failure: Failure | null; sentences: string[] };

export type AutomationPrediction =
  | {
      ok: true;
      calibration: Calibration;
      /** How long the device was measured. */
      calibrationMs: number;
      /** Of one picture with the model open; null where some work could not be counted. */
      seconds: number | null;
      peakBytes: number;
      fit: Fit;
    }
  | { ok: false; failure: Failure; sentence: string };

export interface Automation {
  readonly version: 1;
  /** What is installed, and everything that can be done with it. */
  readonly library: LibraryClient;
  /** What a person reads of a failure. */
  sentence(failure: Failure): string;
  /**
   * Looks at a repository on the hub and makes the plan for one form of its weights, for `library.install`.
   * @param form as the answer's `forms` name them; else the first that lacks nothing
   */
  planFromHub(given: string, form?: string): Promise<AutomationPlan>;
  /** Rejects with a sentence when the models cannot be listed. */
  models(): Promise<Manifest[]>;
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  /** Measures the device and says what a request would need there: the device passport. */
  predict(request: AutomationRequest, device?: DeviceChoice): Promise<AutomationPrediction>;
  /** Makes pictures one after the other; the engine keeps the model loaded between calls. */
  generate(
    request: AutomationRequest,
    options?: AutomationOptions,
    onEvent?: (event: AutomationEvent) => void | Promise<void>,
  ): Promise<AutomationOutcome>;
  /** Keeps an adapter's file, so that requests and tags can name it. */
  addAdapter(bytes: Uint8Array<ArrayBuffer>, fileName: string): Promise<AutomationAdapter>;
  adapters(): Promise<AdapterCard[]>;
  /** Keeps a picture or a mask, so that requests can name it. */
  addInput(bytes: Uint8Array<ArrayBuffer>): Promise<PutResult>;
  /** Enlarges one picture, given as the bytes of a file that the browser can decode. */
  upscale(
    picture: Uint8Array<ArrayBuffer>,
    options?: Pick<AutomationOptions, 'device' | 'strictGpu' | 'signal'>,
    onEvent?: (event: UpscaleEvent) => void,
  ): Promise<AutomationUpscale>;
  /**
   * Reads one picture, given as the bytes of its file.
   * @param options `model`: id of a captioner; the first that there is when not given. `useCache` false is for measuring.
   */
  caption(
    picture: Uint8Array<ArrayBuffer>,
    task: CaptionTask,
    options?: Pick<AutomationOptions, 'device' | 'strictGpu' | 'signal'> & {
      model?: string;
      useCache?: boolean;
    },
    onEvent?: (event: CaptionEvent) => void,
  ): Promise<AutomationCaption>;
}

declare global {
  var kiln: Automation | undefined;
}

/** What a person reads when something goes wrong. */
export interface Sentences {
  failure(failure: Failure): string;
  notice(notice: Notice): string;
}

export function installAutomation(
  engine: EngineClient,
  library: LibraryClient,
  captioner: CaptionerClient,
  sentences: Sentences,
): void {
  // What an origin serves does not change under an open page: one listing is enough until the library changes.
  let known: Manifest[] | null = null;
  library.subscribe((event) => {
    if (event.kind === 'changed') known = null;
  });
  const list = async () => {
    if (known !== null) return { ok: true as const, models: known };
    const listed = await engine.listModels();
    if (listed.ok) known = listed.models;
    return listed;
  };

  const models: Automation['models'] = async () => {
    const listed = await list();
    if (!listed.ok) throw new Error(sentences.failure(listed.failure));
    return listed.models;
  };

  const predict: Automation['predict'] = async (partial, device = 'auto') => {
    const listed = await list();
    if (!listed.ok) return refused(listed.failure, sentences);
    const manifest = listed.models.find((model) => model.id === (partial.modelId ?? model.id));
    if (!manifest) return refused(await whyMissing(library, partial.modelId ?? ''), sentences);
    const request = fillRequest(partial, manifest);
    const report = await engine.probe(device);
    const startedAt = performance.now();
    const measured = await engine.calibrate(device);
    const calibrationMs = performance.now() - startedAt;
    if (!measured.ok) return refused(measured.failure, sentences);
    const inspected = await engine.inspect(manifest.id, request);
    if (!inspected.ok) return refused(inspected.failure, sentences);
    const { calibration } = measured;
    const said = assess(manifest, sizesOf(manifest), request, inspected.cost, {
      report,
      calibrations: { [calibration.device]: calibration },
    });
    if (said === null) throw new Error('A device that was probed is known.');
    const { seconds, peakBytes, fit } = said;
    return { ok: true, calibration, calibrationMs, seconds, peakBytes, fit };
  };

  const generate: Automation['generate'] = async (partial, options = {}, onEvent = () => {}) => {
    const failed = (failure: Failure): AutomationOutcome => ({
      outcome: 'failed',
      pictures: 0,
      failure,
      sentence: sentences.failure(failure),
    });
    const listed = await list();
    if (!listed.ok) return failed(listed.failure);
    const manifest = listed.models.find((model) => model.id === (partial.modelId ?? model.id));
    if (!manifest) return failed(await whyMissing(library, partial.modelId ?? ''));
    const request = fillRequest(partial, manifest);

    // Events leave in order, and all have left before the outcome does.
    let sent: Promise<void> = Promise.resolve();
    const send = (event: AutomationEvent | Promise<AutomationEvent>) => {
      sent = sent.then(async () => onEvent(await event));
    };
    send({ kind: 'request', request });
    const outcome = await engine.generate(
      {
        request,
        device: options.device ?? 'auto',
        preview: 'off',
        strictGpu: options.strictGpu ?? false,
        trace: options.trace ?? false,
        upscale: options.upscale ?? false,
        atOnce: options.atOnce ?? 'auto',
      },
      (event) => {
        if (event.kind === 'preview') event.bitmap.close();
        else if (event.kind === 'picture') send(plainPicture(event.picture));
        else if (event.kind === 'notice') send({ ...event, sentence: sentences.notice(event.notice) });
        else send(event);
      },
      options.signal ?? new AbortController().signal,
    );
    await sent;
    return outcome.outcome === 'failed'
      ? { ...outcome, sentence: sentences.failure(outcome.failure) }
      : outcome;
  };

  const upscale: Automation['upscale'] = async (bytes, options = {}, onEvent = () => {}) => {
    const outcome = await engine.upscale(
      {
        picture: new Blob([bytes]),
        device: options.device ?? 'auto',
        strictGpu: options.strictGpu ?? false,
      },
      onEvent,
      options.signal ?? new AbortController().signal,
    );
    if (outcome.outcome === 'failed') return { ...outcome, sentence: sentences.failure(outcome.failure) };
    if (outcome.outcome === 'cancelled') return outcome;
    const { png, ...rest } = outcome.picture;
    return { outcome: 'done', picture: { ...rest, png: new Uint8Array(await png.arrayBuffer()) } };
  };

  const caption: Automation['caption'] = async (bytes, task, options = {}, onEvent = () => {}) => {
    const outcome = await captioner.caption(
      {
        picture: new Blob([bytes]),
        task,
        device: options.device ?? 'auto',
        strictGpu: options.strictGpu ?? false,
        model: options.model ?? null,
        useCache: options.useCache ?? true,
      },
      onEvent,
      options.signal ?? new AbortController().signal,
    );
    if (outcome.outcome !== 'failed') return outcome;
    return { ...outcome, sentence: sentences.failure(outcome.failure) };
  };

  const planFromHub: Automation['planFromHub'] = async (given, form) => {
    const { dryRunHub, planInstall } = await import('#engine/dry-run.ts');
    const result = await dryRunHub(given, new AbortController().signal);
    if (!result.ok) {
      return { ok: false, failure: result.failure, sentences: [sentences.failure(result.failure)] };
    }
    const { choices, missing, remarks } = result.found.recognised;
    const whole = choices.find((choice) => choice.missing.length === 0);
    const choice = form === undefined ? (whole ?? choices[0]) : choices.find(({ id }) => id === form);
    const plan = choice ? planInstall(result.found, choice) : null;
    if (plan === null) {
      return { ok: false, failure: null, sentences: [...missing, ...(choice?.missing ?? [])] };
    }
    return { ok: true, plan, forms: choices.map(({ id }) => id), remarks };
  };

  const addAdapter: Automation['addAdapter'] = async (bytes, fileName) => {
    const added = await engine.addAdapter(new Blob([bytes]), fileName);
    return added.ok ? added : { ...added, sentence: sentences.failure(added.failure) };
  };

  globalThis.kiln = {
    version: 1,
    library,
    sentence: (failure) => sentences.failure(failure),
    planFromHub,
    models,
    probe: (choice) => engine.probe(choice),
    predict,
    generate,
    addAdapter,
    adapters: () => createAdapterStore().list(),
    addInput: (bytes) => createInputStore().put(new Blob([bytes])),
    upscale,
    caption,
  };
}

/** Why there is no such model: it never was here, or the browser removed it. */
async function whyMissing(library: LibraryClient, id: string): Promise<Failure> {
  const listed = await library.list();
  const evicted = listed.ok && listed.value.installed.find((one) => one.id === id && one.state === 'evicted');
  return evicted ? { code: 'model-evicted', id, name: evicted.name } : { code: 'model-unknown', id };
}

function refused(failure: Failure, sentences: Sentences) {
  return { ok: false as const, failure, sentence: sentences.failure(failure) };
}

async function plainPicture({ png, ...rest }: Picture): Promise<AutomationEvent> {
  return { kind: 'picture', picture: { ...rest, png: new Uint8Array(await png.arrayBuffer()) } };
}

/** A source has to be seen at all. */
function usualSteps({ init }: AutomationRequest, { steps, noise }: Manifest): number {
  return init ? stepsWithSource(noise.path, init.strength, steps.default, steps.max) : steps.default;
}

function fillRequest(partial: AutomationRequest, manifest: Manifest): GenerateRequest {
  const { guidance, sizes } = manifest;
  return {
    modelId: manifest.id,
    prompt: partial.prompt,
    negativePrompt: partial.negativePrompt ?? '',
    seed: partial.seed ?? Math.floor(Math.random() * (MAX_SEED + 1)),
    steps: partial.steps ?? usualSteps(partial, manifest),
    sampler: partial.sampler ?? manifest.samplers.default,
    schedule: partial.schedule ?? manifest.schedules.default,
    guidanceScale: partial.guidanceScale ?? (guidance.kind === 'distilled' ? 1 : guidance.default),
    guidanceRescale: partial.guidanceRescale ?? 0,
    widthPx: partial.widthPx ?? sizes.default.widthPx,
    heightPx: partial.heightPx ?? sizes.default.heightPx,
    count: partial.count ?? 1,
    ...(partial.prompts === undefined ? {} : { prompts: partial.prompts }),
    ...(partial.adapters === undefined ? {} : { adapters: partial.adapters }),
    ...(partial.init === undefined ? {} : { init: partial.init }),
    ...(partial.variation === undefined ? {} : { variation: partial.variation }),
    ...(partial.hires === undefined ? {} : { hires: partial.hires }),
  };
}
