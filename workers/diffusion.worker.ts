import '../src/trusted-types.ts';
import * as Comlink from 'comlink';
import { reportTimings } from '#pwa/timings.ts';
import type { EngineApi, GenerateEvent } from '#engine/api.ts';
import { createAdapterStore } from '#storage/adapters.ts';
import { createInputStore } from '#storage/inputs.ts';
import { Engine } from './engine/engine.ts';

const engine = new Engine(createAdapterStore(), createInputStore());

const api: EngineApi = {
  probe: (choice) => engine.probe(choice),
  calibrate: (choice) => engine.calibrate(choice),
  inspect: (modelId, size) => engine.inspect(modelId, size),
  ping: () => engine.ping(),
  cancel: (jobId) => engine.cancel(jobId),
  addAdapter: (file, fileName) => engine.addAdapter(file, fileName),
  checkAdapter: (file, fileName) => engine.checkAdapter(file, fileName),
  fitAdapters: (modelId, sha256s) => engine.fitAdapters(modelId, sha256s),
  upscale: (job, onEvent) => engine.upscale(job, onEvent),
  generate: (job, onEvent) => engine.generate(job, async (event) => onEvent(withTransfer(event))),
};

/** Bitmaps move to the page; without that each preview would be copied. */
function withTransfer(event: GenerateEvent): GenerateEvent {
  return event.kind === 'preview' ? Comlink.transfer(event, [event.bitmap]) : event;
}

reportTimings();
Comlink.expose(api);
