/** What went another way than asked, and still went. */
import { fieldName } from './phrases.ts';
import type { NoticeTexts } from './text.ts';

export const NOTICES: NoticeTexts = {
  'prompt-cut': (notice) => ({
    title: `The ${fieldName(notice.where)} was too long`,
    happened: `The first ${notice.keptCharacters.toLocaleString('en')} of ${notice.givenCharacters.toLocaleString('en')} characters were used.`,
    next: 'Shorten it to have all of it count.',
  }),
  'prompt-windows-cut': (notice) => ({
    title: `The end of the ${fieldName(notice.where)} was not used`,
    happened: `The model reads ${notice.windows === 1 ? 'one window' : `${notice.windows} windows`} of words; ${notice.cutTokens} more did not fit: “${notice.cutText}”.`,
    next: 'Shorten it, or put what matters first.',
  }),
  'tags-ignored': (notice) => ({
    title: `${notice.count === 1 ? 'A tag' : `${notice.count} tags`} in the ${fieldName(notice.where)} had no effect`,
    happened:
      'Tags in angle brackets name adapters, and this model loads none. The rest of the text was used.',
    next: 'Remove the tags to be rid of this notice.',
  }),
  'adapter-unknown': (notice) => ({
    title: 'An adapter is not here',
    happened: `The prompt names the adapter “${notice.name}”, which is not in this browser, so it was left out.`,
    next: 'Add its file, then generate again.',
  }),
  'adapter-other-file': (notice) => ({
    title: 'An adapter is another file',
    happened: `“${notice.name}” here is not the file that the picture was made with.`,
    next: 'Expect another picture, or add the file it was made with.',
  }),
  'adapter-partly-used': (notice) => ({
    title: 'Part of an adapter was left out',
    happened: `${notice.adapter} has ${notice.layers} layers, and the model has no place for ${notice.unused} of them.`,
    next: 'The rest was applied.',
  }),
  'device-recovered': () => ({
    title: 'The device recovered',
    happened: 'The GPU failed on the way and was started again.',
    next: 'There is nothing to do.',
  }),
  'engine-restarted': () => ({
    title: 'The engine was restarted',
    happened: 'It stopped on the way, and a new one went on with this run. Finished pictures are safe.',
    next: 'There is nothing to do.',
  }),
  'fell-back-to-cpu': (notice) => ({
    title: 'Made on the CPU instead',
    happened: `The GPU could not be used: ${notice.reason}`,
    next: 'Set Device to CPU to keep it so, or restart the browser to try the GPU again.',
  }),
  'slower-float32': () => ({
    title: 'Running at full precision',
    happened: 'This GPU has no half-precision arithmetic, so the model runs in 32 bits and takes longer.',
    next: 'There is nothing to do.',
  }),
  'fewer-at-once': (notice) => ({
    title: 'Fewer pictures at once',
    happened: `${notice.before} pictures at once did not work on this device, so it goes on with ${notice.now}. Finished pictures are safe.`,
    next: 'There is nothing to do. Pictures at once, under Device, sets the most.',
  }),
};
