import '../src/trusted-types.ts';
import * as Comlink from 'comlink';
import { reportTimings } from '#pwa/timings.ts';
import type { CaptionerApi } from '#engine/captioner-api.ts';
import { Captioner } from './captioner/captioner.ts';

const captioner = new Captioner();

const api: CaptionerApi = {
  ping: () => captioner.ping(),
  cancel: (jobId) => captioner.cancel(jobId),
  caption: (job, onEvent) => captioner.caption(job, onEvent),
};

reportTimings();
Comlink.expose(api);
