/**
 * The sentences for everything that can go wrong: what it is, what happened, what to do next.
 * Both switches are total: a code without a sentence does not compile. No React here, the command line reads it too.
 */
import type { Failure, Notice } from '#core/failure.ts';
import { formatBytes } from '#ui/format.ts';

export interface FailureText {
  title: string;
  happened: string;
  next: string;
}

export function failureText(failure: Failure): FailureText {
  switch (failure.code) {
    case 'prompt-empty':
      return {
        title: 'The prompt is empty',
        happened: 'There is nothing to draw yet.',
        next: 'Write what you want to see, then generate.',
      };
    case 'seed-invalid':
      return {
        title: 'This seed cannot be used',
        happened: `The seed is ${failure.seed}. Seeds are whole numbers from 0 to 4,294,967,295.`,
        next: 'Type another seed, or press the dice for a random one.',
      };
    case 'steps-unsupported':
      return {
        title: 'This number of steps cannot be used',
        happened: `You asked for ${failure.steps} steps. This model takes ${range(failure.min, failure.max)}.`,
        next: `Set the steps to ${range(failure.min, failure.max)}.`,
      };
    case 'guidance-invalid':
      return {
        title: 'This guidance cannot be used',
        happened: `You asked for a guidance of ${failure.guidanceScale}. This model takes 0 to ${failure.max}.`,
        next: `Set the guidance between 0 and ${failure.max}.`,
      };
    case 'count-invalid':
      return {
        title: 'This number of pictures cannot be made at once',
        happened: `You asked for ${failure.count} pictures. One run makes 1 to ${failure.max}.`,
        next: `Set the pictures between 1 and ${failure.max}.`,
      };
    case 'sampler-unknown':
      return {
        title: 'This sampler is not available',
        happened: `“${failure.sampler}” is not a sampler that this model can use.`,
        next: `Choose one of: ${failure.known.join(', ')}.`,
      };
    case 'schedule-unknown':
      return {
        title: 'This schedule is not available',
        happened: `“${failure.schedule}” is not a schedule that this model can use.`,
        next: `Choose one of: ${failure.known.join(', ')}.`,
      };
    case 'size-off-grid':
      return {
        title: 'This size does not fit the model’s grid',
        happened: `${size(failure)} was asked for, and both sides must be multiples of ${failure.multiplePx} pixels.`,
        next: `Use ${size(failure.nearest)}, the nearest size that fits.`,
      };
    case 'size-unsupported':
      return {
        title: 'This size cannot be made',
        happened: `${size(failure)} was asked for. This model makes ${failure.supported}.`,
        next: 'Choose a size that the model makes.',
      };
    case 'model-unknown':
      return {
        title: 'This model is not here',
        happened: `No model is called “${failure.id}”.`,
        next: 'Choose a model from the list.',
      };
    case 'manifest-invalid':
      return {
        title: 'The model’s description is damaged',
        happened: `The manifest of “${failure.id}” cannot be read: ${failure.reason}.`,
        next: 'Reload the page. If it stays, the copy of the studio you opened is incomplete.',
      };
    case 'file-missing':
      return {
        title: 'A model file is missing',
        happened: `The server does not have ${failure.file} (status ${failure.status}).`,
        next: 'Try again in a moment. If it stays, the copy of the studio you opened is incomplete.',
      };
    case 'file-truncated':
      return {
        title: 'A model file arrived incomplete',
        happened: `${failure.file} should have ${formatBytes(failure.expectedBytes)}, but ${formatBytes(failure.actualBytes)} arrived. Nothing of it was kept.`,
        next: 'Generate again to fetch it anew.',
      };
    case 'file-altered':
      return {
        title: 'A model file is not the original',
        happened: `The contents of ${failure.file} do not match its checksum, so it was not used.`,
        next: 'Generate again to fetch it anew. If it stays, the server holds a changed file.',
      };
    case 'network':
      return {
        title: 'A model file could not be fetched',
        happened: `The connection broke while ${failure.file} was on its way: ${failure.detail}.`,
        next: 'Check the connection, then generate again. What was already fetched is kept.',
      };
    case 'graph-rejected':
      return {
        title: 'The model could not be opened',
        happened: `The runtime refused the part “${failure.part}”: ${failure.detail}.`,
        next: 'Try the other device, or choose another model.',
      };
    case 'no-variant':
      return {
        title: 'This device cannot run the model',
        happened: `Every form of the part “${failure.part}” needs ${failure.needs}, which this device does not have.`,
        next: 'Set Device to CPU, or choose another model.',
      };
    case 'webgpu-unavailable':
      return {
        title: 'There is no GPU to use',
        happened: sentence(failure.reason),
        next: 'Set Device to Auto or CPU, then generate again.',
      };
    case 'device-lost':
      return {
        title: 'The GPU stopped answering',
        happened: `The browser lost its connection to the GPU: ${failure.detail}.`,
        next: 'Generate again. If it happens again, set Device to CPU or use a smaller size.',
      };
    case 'gpu-paused':
      return {
        title: 'The browser has paused the GPU',
        happened: 'The GPU failed more than once, and the browser keeps it from pages for now.',
        next: 'Set Device to CPU to go on, or restart the browser to use the GPU again.',
      };
    case 'out-of-memory':
      return {
        title: 'There was not enough memory',
        happened:
          failure.neededBytes === null
            ? `The ${deviceName(failure.device)} ran out of memory.`
            : `The ${deviceName(failure.device)} could not give the ${formatBytes(failure.neededBytes)} that this picture needs${failure.heldBytes === null ? '' : `, besides the ${formatBytes(failure.heldBytes)} in use`}.`,
        next: 'Use a smaller size, or close other tabs, then generate again.',
      };
    case 'result-invalid':
      return {
        title: 'The result was not a picture',
        happened: `The ${failure.stage === 'decode' ? 'decoder' : 'model'} answered with ${failure.kind === 'nan' ? 'values that are not numbers' : 'a single flat colour'}${failure.step === null ? '' : ` at step ${failure.step}`}. It was not saved.`,
        next: 'Try another seed or a lower guidance. If it stays, set Device to CPU.',
      };
    case 'engine-died':
      return {
        title: 'The engine stopped',
        happened: `The background worker that makes the pictures ended: ${failure.detail}. Finished pictures are safe.`,
        next: 'Generate again: a new engine is ready.',
      };
    case 'engine-hung':
      return {
        title: 'The engine stopped answering',
        happened: `It gave no sign for ${Math.round(failure.afterMs / 1000)} seconds, so it was restarted. Finished pictures are safe.`,
        next: 'Generate again. If it happens again, use a smaller size or fewer steps.',
      };
    case 'unexpected':
      return {
        title: 'Something went wrong in the studio',
        happened: `This is a fault of the studio, not of your settings: ${failure.message}`,
        next: 'Generate again. If it stays, copy the report and send it to the people who run this studio.',
      };
  }
}

export function noticeText(notice: Notice): FailureText {
  switch (notice.code) {
    case 'prompt-cut':
      return {
        title: `The ${fieldName(notice.where)} was too long`,
        happened: `The first ${notice.keptCharacters.toLocaleString('en')} of ${notice.givenCharacters.toLocaleString('en')} characters were used.`,
        next: 'Shorten it to have all of it count.',
      };
    case 'prompt-windows-cut':
      return {
        title: `The end of the ${fieldName(notice.where)} was not used`,
        happened: `The model reads ${notice.windows === 1 ? 'one window' : `${notice.windows} windows`} of words; ${notice.cutTokens} more did not fit: “${notice.cutText}”.`,
        next: 'Shorten it, or put what matters first.',
      };
    case 'tags-ignored':
      return {
        title: `${notice.count === 1 ? 'A tag' : `${notice.count} tags`} in the ${fieldName(notice.where)} had no effect`,
        happened:
          'Tags in angle brackets name adapters, and this model loads none. The rest of the text was used.',
        next: 'Remove the tags to be rid of this notice.',
      };
    case 'device-recovered':
      return {
        title: 'The device recovered',
        happened: 'The GPU failed on the way and was started again.',
        next: 'There is nothing to do.',
      };
    case 'engine-restarted':
      return {
        title: 'The engine was restarted',
        happened: 'It stopped on the way, and a new one went on with this run. Finished pictures are safe.',
        next: 'There is nothing to do.',
      };
    case 'fell-back-to-cpu':
      return {
        title: 'Made on the CPU instead',
        happened: `The GPU could not be used: ${notice.reason}`,
        next: 'Set Device to CPU to keep it so, or restart the browser to try the GPU again.',
      };
    case 'slower-float32':
      return {
        title: 'Running at full precision',
        happened: 'This GPU has no half-precision arithmetic, so the model runs in 32 bits and takes longer.',
        next: 'There is nothing to do.',
      };
  }
}

/** All of it in one line, for a terminal or a log. */
export function oneLine({ title, happened, next }: FailureText): string {
  return `${title}. ${happened} ${next}`;
}

/** What a person can send to someone who can help: plain text, the failure whole. */
export function failureReport(failure: Failure, context: Record<string, unknown>): string {
  const { title, happened, next } = failureText(failure);
  return [title, happened, next, '', JSON.stringify({ failure, ...context }, null, 2)].join('\n');
}

function range(min: number, max: number): string {
  return min === max ? `${min}` : `${min} to ${max}`;
}

function size(of: { widthPx: number; heightPx: number }): string {
  return `${of.widthPx} × ${of.heightPx}`;
}

function deviceName(device: 'webgpu' | 'cpu'): string {
  return device === 'webgpu' ? 'GPU' : 'CPU';
}

function fieldName(where: 'prompt' | 'negative'): string {
  return where === 'prompt' ? 'prompt' : 'negative prompt';
}

/** A reason that another room wrote, with one full stop at its end. */
function sentence(reason: string): string {
  return /[.!?]$/.test(reason) ? reason : `${reason}.`;
}
