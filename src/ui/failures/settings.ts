/** What was asked for: words, numbers, sizes, the source and its mask. */
import { listNames, range, size } from './phrases.ts';
import type { Texts } from './text.ts';

export const SETTINGS = {
  'prompt-empty': () => ({
    title: 'The prompt is empty',
    happened: 'There is nothing to draw yet.',
    next: 'Write what you want to see, then generate.',
  }),
  'lists-unknown': (failure) => ({
    title: 'A list is missing',
    happened: `The prompt takes a line of ${listNames(failure.names.map((name) => `__${name}__`))}, and there is no list of that name.`,
    next: 'Add it under Lists, or write \\_ for an underscore that is meant as such.',
  }),
  'styles-unknown': (failure) => ({
    title: 'A style is missing',
    happened: `The prompt wears ${listNames(failure.names)}, which is not among your styles.`,
    next: 'Take it off below the prompt, or make it again under Styles.',
  }),
  'seed-invalid': (failure) => ({
    title: 'This seed cannot be used',
    happened: `The seed is ${failure.seed}. Seeds are whole numbers from 0 to 4,294,967,295.`,
    next: 'Type another seed, or press the dice for a random one.',
  }),
  'steps-unsupported': (failure) => ({
    title: 'This number of steps cannot be used',
    happened: `You asked for ${failure.steps} steps. This model takes ${range(failure.min, failure.max)}.`,
    next: `Set the steps to ${range(failure.min, failure.max)}.`,
  }),
  'guidance-invalid': (failure) => ({
    title: 'This guidance cannot be used',
    happened: `You asked for a guidance of ${failure.guidanceScale}. This model takes 0 to ${failure.max}.`,
    next: `Set the guidance between 0 and ${failure.max}.`,
  }),
  'count-invalid': (failure) => ({
    title: 'This number of pictures cannot be made at once',
    happened: `You asked for ${failure.count} pictures. One run makes 1 to ${failure.max}.`,
    next: `Set the pictures between 1 and ${failure.max}.`,
  }),
  'sampler-unknown': (failure) => ({
    title: 'This sampler is not available',
    happened: `“${failure.sampler}” is not a sampler that this model can use.`,
    next: `Choose one of: ${failure.known.join(', ')}.`,
  }),
  'schedule-unknown': (failure) => ({
    title: 'This schedule is not available',
    happened: `“${failure.schedule}” is not a schedule that this model can use.`,
    next: `Choose one of: ${failure.known.join(', ')}.`,
  }),
  'size-off-grid': (failure) => ({
    title: 'This size does not fit the model’s grid',
    happened: `${size(failure)} was asked for, and both sides must be multiples of ${failure.multiplePx} pixels.`,
    next: `Use ${size(failure.nearest)}, the nearest size that fits.`,
  }),
  'size-unsupported': (failure) => ({
    title: 'This size cannot be made',
    happened: `${size(failure)} was asked for. This model makes ${failure.supported}.`,
    next: 'Choose a size that the model makes.',
  }),
  'strength-invalid': (failure) => ({
    title: 'This strength cannot be used',
    happened: `The strength is ${failure.strength}. It is a number over 0, up to 1.`,
    next: 'Set the strength between 0.01 and 1.',
  }),
  'strength-too-low': (failure) => ({
    title: 'The strength leaves no step to walk',
    happened: `At ${failure.steps} ${failure.steps === 1 ? 'step' : 'steps'} a strength of ${failure.strength} rounds down to none.`,
    next: `Set the strength to ${failure.least} or more, or take more steps.`,
  }),
  'mask-empty': () => ({
    title: 'Nothing is masked',
    happened: 'The mask covers no part of the picture, so nothing would be drawn anew.',
    next: 'Paint over what should change, or remove the mask to change the whole picture.',
  }),
  'hires-with-source': () => ({
    title: 'The second pass does not go with a source picture',
    happened: 'Two passes draw a picture from words, enlarge it and refine it.',
    next: 'Turn the second pass off, or remove the source picture.',
  }),
  'encoder-missing': (failure) => ({
    title: 'This model cannot start from a picture',
    happened: `${failure.model} comes without the part that reads pictures, so there is nothing it could start from or refine.`,
    next: 'Remove the source picture and the second pass, or choose another model.',
  }),
} satisfies Partial<Texts>;
