/**
 * What the actions reach the outside through. `main.tsx` hands it over once; tests hand over fakes.
 */
import type {
  AddAdapterResult,
  CalibrationResult,
  DeviceChoice,
  DeviceReport,
  FitResult,
  GenerateEvent,
  GenerateOutcome,
  InspectResult,
  PreviewMode,
  UpscaleEvent,
  UpscaleOutcome,
} from '#engine/api.ts';
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { Size } from '#core/passport/model-cost.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { CaptionerClient } from '#engine/captioner-client.ts';
import type { LibraryClient } from '#engine/library-api.ts';
import type { TokenCounter } from '#engine/tokens-api.ts';
import type { Background } from '#pwa/background.ts';
import type { InstallPrompt } from '#pwa/install-prompt.ts';
import type { Notifier } from '#pwa/notifier.ts';
import type { WakeLock } from '#pwa/wake-lock.ts';
import type { AdapterStore } from '#storage/adapters.ts';
import type { Gallery } from '#storage/gallery.ts';
import type { InputStore } from '#storage/inputs.ts';
import type { KitStore } from '#storage/kits.ts';
import type { WordStore } from '#storage/words.ts';
import type { QueueStore } from '#storage/queue.ts';
import type { SettingsStore } from '#storage/settings.ts';

export type ModelsResult = { ok: true; models: Manifest[] } | { ok: false; failure: Failure };

/** The part of `engine/client.ts` that the studio uses. */
export interface StudioEngine {
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  calibrate(choice: DeviceChoice): Promise<CalibrationResult>;
  inspect(modelId: string, size: Size): Promise<InspectResult>;
  listModels(): Promise<ModelsResult>;
  addAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  checkAdapter(file: Blob, fileName: string): Promise<AddAdapterResult>;
  fitAdapters(modelId: string, sha256s: readonly string[]): Promise<FitResult>;
  generate(
    job: {
      request: GenerateRequest;
      device: DeviceChoice;
      preview: PreviewMode;
      upscale?: boolean;
      firstIndex?: number;
      files?: Readonly<Record<string, Blob>>;
    },
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal,
  ): Promise<GenerateOutcome>;
  upscale(
    job: { picture: Blob; device: DeviceChoice },
    onEvent: (event: UpscaleEvent) => void,
    signal: AbortSignal,
  ): Promise<UpscaleOutcome>;
}

export interface Services {
  engine: StudioEngine;
  library: LibraryClient;
  captioner: Pick<CaptionerClient, 'list' | 'caption'>;
  adapters: AdapterStore;
  inputs: InputStore;
  kits: KitStore;
  words: WordStore;
  tokens: TokenCounter;
  gallery: Gallery;
  queue: QueueStore;
  settings: SettingsStore;
  background: Background;
  installPrompt: InstallPrompt;
  wakeLock: WakeLock;
  notifier: Notifier;
}

let provided: Services | null = null;

export function provideServices(given: Services): void {
  provided = given;
}

export function services(): Services {
  if (provided === null) throw new Error('provideServices has not been called');
  return provided;
}
