/**
 * What the actions reach the outside through. `main.tsx` hands it over once; tests hand over fakes.
 */
import type { DeviceChoice, DeviceReport, GenerateEvent, GenerateOutcome, PreviewMode } from '#engine/api.ts';
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import type { Gallery } from '#storage/gallery.ts';
import type { Journal } from '#storage/journal.ts';
import type { SettingsStore } from '#storage/settings.ts';

export type ModelsResult = { ok: true; models: Manifest[] } | { ok: false; failure: Failure };

/** The part of `engine/client.ts` that the studio uses. */
export interface StudioEngine {
  probe(choice: DeviceChoice): Promise<DeviceReport>;
  listModels(): Promise<ModelsResult>;
  generate(
    job: { request: GenerateRequest; device: DeviceChoice; preview: PreviewMode },
    onEvent: (event: GenerateEvent) => void,
    signal: AbortSignal,
  ): Promise<GenerateOutcome>;
}

export interface Services {
  engine: StudioEngine;
  gallery: Gallery;
  journal: Journal;
  settings: SettingsStore;
}

let provided: Services | null = null;

export function provideServices(given: Services): void {
  provided = given;
}

export function services(): Services {
  if (provided === null) throw new Error('provideServices has not been called');
  return provided;
}
