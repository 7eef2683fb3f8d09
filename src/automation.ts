/**
 * `globalThis.kiln`: the studio without its screen, for scripts, tests and benchmarks that drive this page
 * in a browser. Plain data in and out; what a person would read comes along as sentences. `version` grows
 * when something here changes its meaning.
 */
import type { Failure, Notice } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { MAX_SEED, type GenerateRequest } from '#core/pipeline/request.ts';
import type { DeviceChoice, DeviceReport, GenerateEvent, Picture } from '#engine/api.ts';
import type { EngineClient } from '#engine/client.ts';

/** Only the prompt must be given: the rest is the model's default, the seed is drawn. */
export type AutomationRequest = Partial<GenerateRequest> & { prompt: string };

export interface AutomationOptions {
  /** `auto` when not given. */
  device?: DeviceChoice;
  /** Fail when any node of a graph would run on the CPU instead of the GPU. */
  strictGpu?: boolean;
  /** Send `trace` events with every step's latent. */
  trace?: boolean;
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

export interface Automation {
  readonly version: 1;
  /** Rejects with a sentence when the models cannot be listed. */
  models(): Promise<Manifest[]>;
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  /** Makes pictures one after the other; the engine keeps the model loaded between calls. */
  generate(
    request: AutomationRequest,
    options?: AutomationOptions,
    onEvent?: (event: AutomationEvent) => void | Promise<void>,
  ): Promise<AutomationOutcome>;
}

declare global {
  var kiln: Automation | undefined;
}

/** What a person reads when something goes wrong. */
export interface Sentences {
  failure(failure: Failure): string;
  notice(notice: Notice): string;
}

export function installAutomation(engine: EngineClient, sentences: Sentences): void {
  // What an origin serves does not change under an open page: one listing is enough.
  let known: Manifest[] | null = null;
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
    if (!manifest) return failed({ code: 'model-unknown', id: partial.modelId ?? '' });
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

  globalThis.kiln = { version: 1, models, probe: (choice) => engine.probe(choice), generate };
}

async function plainPicture({ png, ...rest }: Picture): Promise<AutomationEvent> {
  return { kind: 'picture', picture: { ...rest, png: new Uint8Array(await png.arrayBuffer()) } };
}

function fillRequest(partial: AutomationRequest, manifest: Manifest): GenerateRequest {
  const { guidance, sizes } = manifest;
  return {
    modelId: manifest.id,
    prompt: partial.prompt,
    negativePrompt: partial.negativePrompt ?? '',
    seed: partial.seed ?? Math.floor(Math.random() * (MAX_SEED + 1)),
    steps: partial.steps ?? manifest.steps.default,
    sampler: partial.sampler ?? manifest.samplers.default,
    schedule: partial.schedule ?? manifest.schedules.default,
    guidanceScale: partial.guidanceScale ?? (guidance.kind === 'distilled' ? 1 : guidance.default),
    guidanceRescale: partial.guidanceRescale ?? 0,
    widthPx: partial.widthPx ?? sizes.default.widthPx,
    heightPx: partial.heightPx ?? sizes.default.heightPx,
    count: partial.count ?? 1,
  };
}
