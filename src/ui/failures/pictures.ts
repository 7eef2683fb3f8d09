/** Pictures that are given, read and written out. */
import { formatBytes } from '#ui/format.ts';
import { size } from './phrases.ts';
import type { Texts } from './text.ts';

const TASKS = {
  caption: 'describe pictures',
  question: 'answer questions about pictures',
  match: 'compare a picture with a text',
  safety: 'look for concepts in pictures',
} as const;

export const PICTURES = {
  'picture-unreadable': (failure) => ({
    title: 'This picture cannot be read',
    happened: `The file could not be opened as a picture: ${failure.reason}.`,
    next: 'Choose another picture.',
  }),
  'picture-too-large': (failure) => ({
    title: 'This picture is too large to upscale',
    happened: `It has ${size(failure)} pixels. Sides up to ${failure.maxPx} pixels can be upscaled.`,
    next: 'Choose a smaller picture.',
  }),
  'input-missing': (failure) => ({
    title: failure.what === 'mask' ? 'The mask is no longer here' : 'The source picture is no longer here',
    happened:
      'This browser does not have the file any more: it was made in another browser, or cleared since.',
    next:
      failure.what === 'mask'
        ? 'Paint the mask again, or remove it.'
        : 'Choose the source picture again, or remove it.',
  }),
  'input-not-kept': (failure) => ({
    title: 'The picture could not be kept for the engine',
    happened:
      failure.reason === 'quota'
        ? 'The browser has no room left for this site.'
        : 'The browser does not let this page store files, as private windows may not.',
    next:
      failure.reason === 'quota'
        ? 'Remove pictures or models you no longer need, then try again.'
        : 'Open the studio in an ordinary window, then try again.',
  }),
  'not-a-picture': (failure) => ({
    title: 'This is not a picture that can be read',
    happened: `The file is ${failure.found}.`,
    next: 'Choose a PNG, JPEG, WebP or GIF file.',
  }),
  'picture-file-too-large': (failure) => ({
    title: 'This file is too large',
    happened: `It has ${formatBytes(failure.sizeBytes)}. Files up to ${formatBytes(failure.maxBytes)} are read.`,
    next: 'Choose a smaller file.',
  }),
  'picture-beyond-limits': (failure) => ({
    title: 'This picture is too large to open',
    happened: `It says that it has ${size(failure)} pixels. Sides up to ${failure.maxSidePx} and ${Math.round(failure.maxPixels / 1e6)} million pixels in all are opened. Nothing of it was unpacked.`,
    next: 'Choose a smaller picture.',
  }),
  'export-format': (failure) => ({
    title: 'This format cannot be written',
    happened: `This browser does not write ${failure.format === 'jpeg' ? 'JPEG' : failure.format === 'webp' ? 'WebP' : 'PNG'} files.`,
    next: 'Choose another format, or export in another browser. Nothing was changed.',
  }),
  'captioner-missing': () => ({
    title: 'There is no model here that reads pictures',
    happened: 'This copy of the studio comes without a captioner, and none is installed.',
    next: 'Install one in the library, then try again.',
  }),
  'captioner-task': (failure) => ({
    title: `${failure.model} cannot do this`,
    happened: `It was not made to ${TASKS[failure.task]}.`,
    next: 'Choose another model for pictures in the library.',
  }),
  'captions-not-saved': (failure) => ({
    title: 'The captions could not be written',
    happened: `The folder did not take them: ${failure.reason}`,
    next: 'Save them as a zip instead, or choose the folder again.',
  }),
  'question-empty': () => ({
    title: 'The question is empty',
    happened: 'There is nothing to answer yet.',
    next: 'Write a question about the picture.',
  }),
  'text-too-long': (failure) => ({
    title: 'This text is too long',
    happened: `It has ${failure.tokens} word pieces. The model reads ${failure.maxTokens} at once.`,
    next: 'Write it shorter.',
  }),
} satisfies Partial<Texts>;
