/** What is installed, and the room for it. */
import { formatBytes } from '#ui/format.ts';
import { sentence } from './phrases.ts';
import type { Texts } from './text.ts';

export const LIBRARY = {
  'plan-invalid': (failure) => ({
    title: 'This model cannot be installed',
    happened: `What was found does not make a model: ${sentence(failure.reason)}`,
    next: 'Choose another source.',
  }),
  'archive-invalid': (failure) => ({
    title: 'This archive cannot be imported',
    happened: `It is not an archive that this studio wrote: ${sentence(failure.reason)}`,
    next: 'Choose a file that was exported here. Nothing was changed.',
  }),
  'storage-full': (failure) => ({
    title: 'There is no room for this model',
    happened: `The browser gave no room for ${formatBytes(failure.neededBytes)} more. Nothing half installed was left behind.`,
    next:
      failure.couldGo.length === 0
        ? 'Free space on this device, then resume.'
        : `Free space on this device, or remove a model: ${failure.couldGo.map(({ name, sizeBytes }) => `${name} takes ${formatBytes(sizeBytes)}`).join(', ')}.`,
  }),
  'storage-denied': () => ({
    title: 'This browser keeps nothing',
    happened: 'It denies storage here, as in some private windows, so no model can be installed.',
    next: 'Use the models that come with the studio, or open it in an ordinary window.',
  }),
  'storage-blocked': () => ({
    title: 'Another tab holds the library',
    happened: 'An older version of the studio is open in another tab and keeps the library to itself.',
    next: 'Close the other tab, then try again.',
  }),
  'model-damaged': (failure) => ({
    title: 'An installed model is damaged',
    happened: `${failure.name} was not opened: the stored bytes of ${failure.files.join(', ')} are not what was installed.`,
    next: 'Repair it in the library: only the damaged pieces are fetched again.',
  }),
  'model-evicted': (failure) => ({
    title: 'The browser removed a model',
    happened: `${failure.name} was installed here, and the browser cleared it to make room.`,
    next: 'Install it again from the library, or choose another model.',
  }),
  'source-unreachable': (failure) => ({
    title: 'The model cannot be fetched again',
    happened: `${failure.name} came from ${failure.label}, which the studio cannot reach by itself.`,
    next: 'Import it from there again.',
  }),
  'version-unknown': (failure) => ({
    title: 'This version is not installed',
    happened: `There is no version ${failure.revision} of “${failure.id}” here.`,
    next: 'Choose an installed version.',
  }),
  'no-earlier-version': (failure) => ({
    title: 'There is no earlier version',
    happened: `No other version of “${failure.id}” is installed.`,
    next: 'Install the version you want, then switch to it.',
  }),
} satisfies Partial<Texts>;
