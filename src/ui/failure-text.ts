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

const TASKS = {
  caption: 'describe pictures',
  question: 'answer questions about pictures',
  match: 'compare a picture with a text',
  safety: 'look for concepts in pictures',
} as const;

export function failureText(failure: Failure): FailureText {
  switch (failure.code) {
    case 'prompt-empty':
      return {
        title: 'The prompt is empty',
        happened: 'There is nothing to draw yet.',
        next: 'Write what you want to see, then generate.',
      };
    case 'export-format':
      return {
        title: 'This format cannot be written',
        happened: `This browser does not write ${failure.format === 'jpeg' ? 'JPEG' : failure.format === 'webp' ? 'WebP' : 'PNG'} files.`,
        next: 'Choose another format, or export in another browser. Nothing was changed.',
      };
    case 'lists-unknown':
      return {
        title: 'A list is missing',
        happened: `The prompt takes a line of ${listNames(failure.names.map((name) => `__${name}__`))}, and there is no list of that name.`,
        next: 'Add it under Lists, or write \\_ for an underscore that is meant as such.',
      };
    case 'styles-unknown':
      return {
        title: 'A style is missing',
        happened: `The prompt wears ${listNames(failure.names)}, which is not among your styles.`,
        next: 'Take it off below the prompt, or make it again under Styles.',
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
    case 'offline-switch-on':
      return {
        title: 'The offline switch is on',
        happened: `${failure.file} is not on this device, and the switch lets nothing be fetched.`,
        next: 'Turn the switch off under Network at the top, then try again.',
      };
    case 'repository-name':
      return {
        title: 'This is not the name of a repository',
        happened: `“${failure.given.slice(0, 80)}” cannot be read as owner/name or as a repository's address.`,
        next: 'Copy the name from the top of the page of the model on huggingface.co.',
      };
    case 'hub-gated':
      return {
        title: 'The hub does not hand this model out freely',
        happened: `${failure.repository} is private, needs its terms accepted, or is not there: the hub does not say which.`,
        next: `Look at ${failure.page}. If you can download the files there, save them to a folder and install the folder.`,
      };
    case 'hub-missing':
      return {
        title: 'The hub does not have this model',
        happened: `There is no ${failure.repository} at ${failure.revision}.`,
        next: 'Check the name and the revision. Models do move: search for its new place.',
      };
    case 'hub-busy':
      return {
        title: 'The hub is busy',
        happened:
          failure.retryAfterS === null
            ? `It asks for patience (status ${failure.status}) and does not say for how long.`
            : `It asks to wait ${failure.retryAfterS} seconds (status ${failure.status}).`,
        next: 'Try again then. What is already here stays.',
      };
    case 'hub-unreadable':
      return {
        title: 'This is not the hub that answers',
        happened: `Instead of a list of files there came ${failure.detail}.`,
        next: 'On a guest network, open any page first: a login page may stand in the way. Then try again.',
      };
    case 'host-refused':
      return {
        title: 'Downloads may not go there',
        happened: `The studio downloads from huggingface.co and the hosts that serve its files, and ${failure.host} is not one of them.`,
        next: 'Download the files yourself and install the folder. Whoever hosts the studio can add a host in src/core/hub/hosts.mjs.',
      };
    case 'model-unrecognised':
      return {
        title: 'No model was recognised here',
        happened: `${failure.origin}: ${failure.reason}`,
        next: 'Nothing was downloaded or kept. Choose another repository or folder.',
      };
    case 'download-login-page':
      return {
        title: 'A web page came instead of the model',
        happened: `${failure.host} answered with a web page where ${failure.file} should be. Is this network behind a login page?`,
        next: 'Open any website to sign in to the network, then resume the download. What has arrived is kept.',
      };
    case 'download-denied':
      return {
        title: 'The model is not open to everyone',
        happened: `${failure.host} refused ${failure.file} (status ${failure.status}).`,
        next:
          failure.page === null
            ? 'Choose another model, or get its files elsewhere and install them from disk.'
            : `Look at ${failure.page} for what it asks, or get its files and install them from disk.`,
      };
    case 'download-gone':
      return {
        title: 'The model is no longer where it was',
        happened: `${failure.host} does not have ${failure.file} any more (status ${failure.status}).`,
        next: 'Look the model up again, or install its files from disk.',
      };
    case 'download-busy':
      return {
        title: 'The server is too busy',
        happened: `${failure.host} has no time to send ${failure.file} (status ${failure.status}). What has arrived is kept.`,
        next: 'Resume the download later.',
      };
    case 'download-damaged':
      return {
        title: 'The download is damaged at its source',
        happened: `${failure.file} came twice from ${failure.host} with contents that do not match its checksum. Nothing was installed.`,
        next: 'Try again later. If it stays, the source holds a changed file: choose another.',
      };
    case 'download-offline':
      return {
        title: 'There is no connection',
        happened: `${failure.file} is not on this device and cannot be fetched now. What has arrived is kept.`,
        next: 'Connect to the network, then resume. Installed models work without it.',
      };
    case 'download-cut':
      return {
        title: 'The download was cut off',
        happened: `The connection to ${failure.host} broke while ${failure.file} was on its way: ${failure.detail}. What has arrived is kept.`,
        next: 'Check the connection, then resume the download.',
      };
    case 'download-short':
      return {
        title: 'The download ended early',
        happened: `${failure.host} sent ${formatBytes(failure.actualBytes)} of the ${formatBytes(failure.expectedBytes)} of ${failure.file}. What has arrived is kept.`,
        next: 'Resume the download later.',
      };
    case 'plan-invalid':
      return {
        title: 'This model cannot be installed',
        happened: `What was found does not make a model: ${sentence(failure.reason)}`,
        next: 'Choose another source.',
      };
    case 'archive-invalid':
      return {
        title: 'This archive cannot be imported',
        happened: `It is not an archive that this studio wrote: ${sentence(failure.reason)}`,
        next: 'Choose a file that was exported here. Nothing was changed.',
      };
    case 'storage-full':
      return {
        title: 'There is no room for this model',
        happened: `The browser gave no room for ${formatBytes(failure.neededBytes)} more. Nothing half installed was left behind.`,
        next:
          failure.couldGo.length === 0
            ? 'Free space on this device, then resume.'
            : `Free space on this device, or remove a model: ${failure.couldGo.map(({ name, sizeBytes }) => `${name} takes ${formatBytes(sizeBytes)}`).join(', ')}.`,
      };
    case 'storage-denied':
      return {
        title: 'This browser keeps nothing',
        happened: 'It denies storage here, as in some private windows, so no model can be installed.',
        next: 'Use the models that come with the studio, or open it in an ordinary window.',
      };
    case 'storage-blocked':
      return {
        title: 'Another tab holds the library',
        happened: 'An older version of the studio is open in another tab and keeps the library to itself.',
        next: 'Close the other tab, then try again.',
      };
    case 'model-damaged':
      return {
        title: 'An installed model is damaged',
        happened: `${failure.name} was not opened: the stored bytes of ${failure.files.join(', ')} are not what was installed.`,
        next: 'Repair it in the library: only the damaged pieces are fetched again.',
      };
    case 'model-evicted':
      return {
        title: 'The browser removed a model',
        happened: `${failure.name} was installed here, and the browser cleared it to make room.`,
        next: 'Install it again from the library, or choose another model.',
      };
    case 'source-unreachable':
      return {
        title: 'The model cannot be fetched again',
        happened: `${failure.name} came from ${failure.label}, which the studio cannot reach by itself.`,
        next: 'Import it from there again.',
      };
    case 'version-unknown':
      return {
        title: 'This version is not installed',
        happened: `There is no version ${failure.revision} of “${failure.id}” here.`,
        next: 'Choose an installed version.',
      };
    case 'no-earlier-version':
      return {
        title: 'There is no earlier version',
        happened: `No other version of “${failure.id}” is installed.`,
        next: 'Install the version you want, then switch to it.',
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
        happened: `The ${STAGES[failure.stage]} answered with ${failure.kind === 'nan' ? 'values that are not numbers' : 'a single flat colour'}${failure.step === null ? '' : ` at step ${failure.step}`}. It was not saved.`,
        next: 'Try another seed or a lower guidance. If it stays, set Device to CPU.',
      };
    case 'picture-unreadable':
      return {
        title: 'This picture cannot be read',
        happened: `The file could not be opened as a picture: ${failure.reason}.`,
        next: 'Choose another picture.',
      };
    case 'picture-too-large':
      return {
        title: 'This picture is too large to upscale',
        happened: `It has ${size(failure)} pixels. Sides up to ${failure.maxPx} pixels can be upscaled.`,
        next: 'Choose a smaller picture.',
      };
    case 'encoder-missing':
      return {
        title: 'This model cannot start from a picture',
        happened: `${failure.model} comes without the part that reads pictures, so there is nothing it could start from or refine.`,
        next: 'Remove the source picture and the second pass, or choose another model.',
      };
    case 'strength-invalid':
      return {
        title: 'This strength cannot be used',
        happened: `The strength is ${failure.strength}. It is a number over 0, up to 1.`,
        next: 'Set the strength between 0.01 and 1.',
      };
    case 'strength-too-low':
      return {
        title: 'The strength leaves no step to walk',
        happened: `At ${failure.steps} ${failure.steps === 1 ? 'step' : 'steps'} a strength of ${failure.strength} rounds down to none.`,
        next: `Set the strength to ${failure.least} or more, or take more steps.`,
      };
    case 'mask-empty':
      return {
        title: 'Nothing is masked',
        happened: 'The mask covers no part of the picture, so nothing would be drawn anew.',
        next: 'Paint over what should change, or remove the mask to change the whole picture.',
      };
    case 'hires-with-source':
      return {
        title: 'The second pass does not go with a source picture',
        happened: 'Two passes draw a picture from words, enlarge it and refine it.',
        next: 'Turn the second pass off, or remove the source picture.',
      };
    case 'input-missing':
      return {
        title:
          failure.what === 'mask' ? 'The mask is no longer here' : 'The source picture is no longer here',
        happened:
          'This browser does not have the file any more: it was made in another browser, or cleared since.',
        next:
          failure.what === 'mask'
            ? 'Paint the mask again, or remove it.'
            : 'Choose the source picture again, or remove it.',
      };
    case 'input-not-kept':
      return {
        title: 'The picture could not be kept for the engine',
        happened:
          failure.reason === 'quota'
            ? 'The browser has no room left for this site.'
            : 'The browser does not let this page store files, as private windows may not.',
        next:
          failure.reason === 'quota'
            ? 'Remove pictures or models you no longer need, then try again.'
            : 'Open the studio in an ordinary window, then try again.',
      };
    case 'not-a-picture':
      return {
        title: 'This is not a picture that can be read',
        happened: `The file is ${failure.found}.`,
        next: 'Choose a PNG, JPEG, WebP or GIF file.',
      };
    case 'picture-file-too-large':
      return {
        title: 'This file is too large',
        happened: `It has ${formatBytes(failure.sizeBytes)}. Files up to ${formatBytes(failure.maxBytes)} are read.`,
        next: 'Choose a smaller file.',
      };
    case 'picture-beyond-limits':
      return {
        title: 'This picture is too large to open',
        happened: `It says that it has ${size(failure)} pixels. Sides up to ${failure.maxSidePx} and ${Math.round(failure.maxPixels / 1e6)} million pixels in all are opened. Nothing of it was unpacked.`,
        next: 'Choose a smaller picture.',
      };
    case 'captioner-missing':
      return {
        title: 'There is no model here that reads pictures',
        happened: 'This copy of the studio comes without a captioner, and none is installed.',
        next: 'Install one in the library, then try again.',
      };
    case 'captioner-task':
      return {
        title: `${failure.model} cannot do this`,
        happened: `It was not made to ${TASKS[failure.task]}.`,
        next: 'Choose another model for pictures in the library.',
      };
    case 'captions-not-saved':
      return {
        title: 'The captions could not be written',
        happened: `The folder did not take them: ${failure.reason}`,
        next: 'Save them as a zip instead, or choose the folder again.',
      };
    case 'question-empty':
      return {
        title: 'The question is empty',
        happened: 'There is nothing to answer yet.',
        next: 'Write a question about the picture.',
      };
    case 'text-too-long':
      return {
        title: 'This text is too long',
        happened: `It has ${failure.tokens} word pieces. The model reads ${failure.maxTokens} at once.`,
        next: 'Write it shorter.',
      };
    case 'adapter-invalid':
      return {
        title: 'This adapter cannot be read',
        happened: `${failure.adapter} was not kept: ${sentence(failure.reason)}`,
        next: 'Get the file again, or choose another adapter.',
      };
    case 'adapter-unsupported':
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
    case 'adapter-mismatch':
      return {
        title: 'This adapter is for another model',
        happened:
          failure.adapterFamily === null || failure.adapterFamily === failure.modelFamily
            ? `${failure.adapter} does not fit ${failure.model}: ${sentence(failure.detail)}`
            : `${failure.adapter} is for ${failure.adapterFamily}; the loaded model is ${failure.modelFamily}.`,
        next: 'Take it off or out of the prompt, or choose a model that it was made for.',
      };
    case 'adapter-missing':
      return {
        title: 'An adapter is not here',
        happened: `The settings ask for “${failure.adapter}”, which is not in this browser.`,
        next: 'Add its file, or take it off.',
      };
    case 'kit-mismatch':
      return {
        title: 'This kit is for another model',
        happened: `${failure.kit} was made for ${failure.kitFamily}, and ${failure.model} is another family.`,
        next: 'Choose the model it was made for, or another kit.',
      };
    case 'kit-incomplete':
      return {
        title: 'A kit lacks adapters',
        happened: `${failure.kit} needs ${listNames(failure.adapters)}, not in this browser.`,
        next: 'Add the file, import the kit again, or take the adapter off the kit.',
      };
    case 'kit-not-kept':
      return {
        title: 'The kit was not kept',
        happened:
          failure.reason === 'quota'
            ? `The browser gave no room for ${failure.kit}.`
            : `This browser keeps nothing here, as in some private windows, so ${failure.kit} lasts as long as this page.`,
        next:
          failure.reason === 'quota'
            ? 'Free space on this device, then try again.'
            : 'Open the studio in an ordinary window.',
      };
    case 'adapters-too-many':
      return {
        title: 'These adapters are too much at once',
        happened: `Together they have the rank ${failure.rank}; ${failure.maxRank} can be stacked.`,
        next: 'Take one of them off.',
      };
    case 'adapter-not-kept':
      return {
        title: 'The adapter was not kept',
        happened:
          failure.reason === 'quota'
            ? `The browser gave no room for the ${formatBytes(failure.sizeBytes)} of ${failure.adapter}.`
            : `This browser keeps nothing here, as in some private windows, so ${failure.adapter} was not added.`,
        next:
          failure.reason === 'quota'
            ? 'Free space on this device, then add it again.'
            : 'Open the studio in an ordinary window.',
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
    case 'adapter-unknown':
      return {
        title: 'An adapter is not here',
        happened: `The prompt names the adapter “${notice.name}”, which is not in this browser, so it was left out.`,
        next: 'Add its file, then generate again.',
      };
    case 'adapter-other-file':
      return {
        title: 'An adapter is another file',
        happened: `“${notice.name}” here is not the file that the picture was made with.`,
        next: 'Expect another picture, or add the file it was made with.',
      };
    case 'adapter-partly-used':
      return {
        title: 'Part of an adapter was left out',
        happened: `${notice.adapter} has ${notice.layers} layers, and the model has no place for ${notice.unused} of them.`,
        next: 'The rest was applied.',
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
    case 'fewer-at-once':
      return {
        title: 'Fewer pictures at once',
        happened: `${notice.before} pictures at once did not work on this device, so it goes on with ${notice.now}. Finished pictures are safe.`,
        next: 'There is nothing to do. Pictures at once, under Device, sets the most.',
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

const STAGES = { encode: 'encoder', denoise: 'model', decode: 'decoder', upscale: 'upscaler' };

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

/** “a”, “a” and “b”, or the first three and how many more. */
function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `“${name.slice(0, 60)}”`);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(', ')} and ${rest} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
