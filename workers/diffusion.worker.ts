import '../src/trusted-types.ts';
import * as Comlink from 'comlink';
import type { EngineApi, GenerateEvent } from '#engine/api.ts';
import { Engine } from './engine/engine.ts';

const engine = new Engine();

const api: EngineApi = {
  probe: (choice) => engine.probe(choice),
  ping: () => engine.ping(),
  cancel: (jobId) => engine.cancel(jobId),
  generate: (job, onEvent) => engine.generate(job, async (event) => onEvent(withTransfer(event))),
};

/** Bitmaps move to the page; without that each preview would be copied. */
function withTransfer(event: GenerateEvent): GenerateEvent {
  return event.kind === 'preview' ? Comlink.transfer(event, [event.bitmap]) : event;
}

Comlink.expose(api);
