/** The device and the worker that make the pictures. */
import { formatBytes } from '#ui/format.ts';
import { deviceName, sentence } from './phrases.ts';
import type { Texts } from './text.ts';

const STAGES = { encode: 'encoder', denoise: 'model', decode: 'decoder', upscale: 'upscaler' };

export const ENGINE = {
  'graph-rejected': (failure) => ({
    title: 'The model could not be opened',
    happened: `The runtime refused the part “${failure.part}”: ${failure.detail}.`,
    next: 'Try the other device, or choose another model.',
  }),
  'no-variant': (failure) => ({
    title: 'This device cannot run the model',
    happened: `Every form of the part “${failure.part}” needs ${failure.needs}, which this device does not have.`,
    next: 'Set Device to CPU, or choose another model.',
  }),
  'webgpu-unavailable': (failure) => ({
    title: 'There is no GPU to use',
    happened: sentence(failure.reason),
    next: 'Set Device to Auto or CPU, then generate again.',
  }),
  'device-lost': (failure) => ({
    title: 'The GPU stopped answering',
    happened: `The browser lost its connection to the GPU: ${failure.detail}.`,
    next: 'Generate again. If it happens again, set Device to CPU or use a smaller size.',
  }),
  'gpu-paused': () => ({
    title: 'The browser has paused the GPU',
    happened: 'The GPU failed more than once, and the browser keeps it from pages for now.',
    next: 'Set Device to CPU to go on, or restart the browser to use the GPU again.',
  }),
  'out-of-memory': (failure) => ({
    title: 'There was not enough memory',
    happened:
      failure.neededBytes === null
        ? `The ${deviceName(failure.device)} ran out of memory.`
        : `The ${deviceName(failure.device)} could not give the ${formatBytes(failure.neededBytes)} that this picture needs${failure.heldBytes === null ? '' : `, besides the ${formatBytes(failure.heldBytes)} in use`}.`,
    next: 'Use a smaller size, or close other tabs, then generate again.',
  }),
  'result-invalid': (failure) => ({
    title: 'The result was not a picture',
    happened: `The ${STAGES[failure.stage]} answered with ${failure.kind === 'nan' ? 'values that are not numbers' : 'a single flat colour'}${failure.step === null ? '' : ` at step ${failure.step}`}. It was not saved.`,
    next: 'Try another seed or a lower guidance. If it stays, set Device to CPU.',
  }),
  'engine-died': (failure) => ({
    title: 'The engine stopped',
    happened: `The background worker that makes the pictures ended: ${failure.detail}. Finished pictures are safe.`,
    next: 'Generate again: a new engine is ready.',
  }),
  'engine-hung': (failure) => ({
    title: 'The engine stopped answering',
    happened: `It gave no sign for ${Math.round(failure.afterMs / 1000)} seconds, so it was restarted. Finished pictures are safe.`,
    next: 'Generate again. If it happens again, use a smaller size or fewer steps.',
  }),
  unexpected: (failure) => ({
    title: 'Something went wrong in the studio',
    happened: `This is a fault of the studio, not of your settings: ${failure.message}`,
    next: 'Generate again. If it stays, copy the report and send it to the people who run this studio.',
  }),
} satisfies Partial<Texts>;
