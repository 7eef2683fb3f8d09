/** Adapters and the kits that wear them. */
import { formatBytes } from '#ui/format.ts';
import { listNames, sentence } from './phrases.ts';
import type { Texts } from './text.ts';

export const ADAPTERS = {
  'adapter-invalid': (failure) => ({
    title: 'This adapter cannot be read',
    happened: `${failure.adapter} was not kept: ${sentence(failure.reason)}`,
    next: 'Get the file again, or choose another adapter.',
  }),
  'adapter-unsupported': (failure) => {
    if (failure.method === 'pickle') {
      return {
        title: 'Pickles are not opened',
        happened: `${failure.adapter} is a pickle: a program that Python would run, which may do anything.`,
        next: 'Get the same as a .safetensors file.',
      };
    }
    return {
      title: 'This kind of adapter is not supported',
      happened: `${failure.adapter} changes the model by ${failure.method}. Plain LoRA and LoCon adapters can be used.`,
      next: 'Choose a LoRA of the same style, if there is one.',
    };
  },
  'adapter-mismatch': (failure) => ({
    title: 'This adapter is for another model',
    happened:
      failure.adapterFamily === null || failure.adapterFamily === failure.modelFamily
        ? `${failure.adapter} does not fit ${failure.model}: ${sentence(failure.detail)}`
        : `${failure.adapter} is for ${failure.adapterFamily}; the loaded model is ${failure.modelFamily}.`,
    next: 'Take it off or out of the prompt, or choose a model that it was made for.',
  }),
  'adapter-missing': (failure) => ({
    title: 'An adapter is not here',
    happened: `The settings ask for “${failure.adapter}”, which is not in this browser.`,
    next: 'Add its file, or take it off.',
  }),
  'kit-mismatch': (failure) => ({
    title: 'This kit is for another model',
    happened: `${failure.kit} was made for ${failure.kitFamily}, and ${failure.model} is another family.`,
    next: 'Choose the model it was made for, or another kit.',
  }),
  'kit-incomplete': (failure) => ({
    title: 'A kit lacks adapters',
    happened: `${failure.kit} needs ${listNames(failure.adapters)}, not in this browser.`,
    next: 'Add the file, import the kit again, or take the adapter off the kit.',
  }),
  'kit-not-kept': (failure) => ({
    title: 'The kit was not kept',
    happened:
      failure.reason === 'quota'
        ? `The browser gave no room for ${failure.kit}.`
        : `This browser keeps nothing here, as in some private windows, so ${failure.kit} lasts as long as this page.`,
    next:
      failure.reason === 'quota'
        ? 'Free space on this device, then try again.'
        : 'Open the studio in an ordinary window.',
  }),
  'adapters-too-many': (failure) => ({
    title: 'These adapters are too much at once',
    happened: `Together they have the rank ${failure.rank}; ${failure.maxRank} can be stacked.`,
    next: 'Take one of them off.',
  }),
  'adapter-not-kept': (failure) => ({
    title: 'The adapter was not kept',
    happened:
      failure.reason === 'quota'
        ? `The browser gave no room for the ${formatBytes(failure.sizeBytes)} of ${failure.adapter}.`
        : `This browser keeps nothing here, as in some private windows, so ${failure.adapter} was not added.`,
    next:
      failure.reason === 'quota'
        ? 'Free space on this device, then add it again.'
        : 'Open the studio in an ordinary window.',
  }),
} satisfies Partial<Texts>;
