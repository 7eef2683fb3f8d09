/** Files on their way: from the own origin, from the hub, into the library. */
import { formatBytes } from '#ui/format.ts';
import type { Texts } from './text.ts';

export const FETCHING = {
  'model-unknown': (failure) => ({
    title: 'This model is not here',
    happened: `No model is called “${failure.id}”.`,
    next: 'Choose a model from the list.',
  }),
  'manifest-invalid': (failure) => ({
    title: 'The model’s description is damaged',
    happened: `The manifest of “${failure.id}” cannot be read: ${failure.reason}.`,
    next: 'Reload the page. If it stays, the copy of the studio you opened is incomplete.',
  }),
  'file-missing': (failure) => ({
    title: 'A model file is missing',
    happened: `The server does not have ${failure.file} (status ${failure.status}).`,
    next: 'Try again in a moment. If it stays, the copy of the studio you opened is incomplete.',
  }),
  'file-truncated': (failure) => ({
    title: 'A model file arrived incomplete',
    happened: `${failure.file} should have ${formatBytes(failure.expectedBytes)}, but ${formatBytes(failure.actualBytes)} arrived. Nothing of it was kept.`,
    next: 'Generate again to fetch it anew.',
  }),
  'file-altered': (failure) => ({
    title: 'A model file is not the original',
    happened: `The contents of ${failure.file} do not match its checksum, so it was not used.`,
    next: 'Generate again to fetch it anew. If it stays, the server holds a changed file.',
  }),
  network: (failure) => ({
    title: 'A model file could not be fetched',
    happened: `The connection broke while ${failure.file} was on its way: ${failure.detail}.`,
    next: 'Check the connection, then generate again. What was already fetched is kept.',
  }),
  'offline-switch-on': (failure) => ({
    title: 'The offline switch is on',
    happened: `${failure.file} is not on this device, and the switch lets nothing be fetched.`,
    next: 'Turn the switch off under Network at the top, then try again.',
  }),
  'repository-name': (failure) => ({
    title: 'This is not the name of a repository',
    happened: `“${failure.given.slice(0, 80)}” cannot be read as owner/name or as a repository's address.`,
    next: 'Copy the name from the top of the page of the model on huggingface.co.',
  }),
  'hub-gated': (failure) => ({
    title: 'The hub does not hand this model out freely',
    happened: `${failure.repository} is private, needs its terms accepted, or is not there: the hub does not say which.`,
    next: `Look at ${failure.page}. If you can download the files there, save them to a folder and install the folder.`,
  }),
  'hub-missing': (failure) => ({
    title: 'The hub does not have this model',
    happened: `There is no ${failure.repository} at ${failure.revision}.`,
    next: 'Check the name and the revision. Models do move: search for its new place.',
  }),
  'hub-busy': (failure) => ({
    title: 'The hub is busy',
    happened:
      failure.retryAfterS === null
        ? `It asks for patience (status ${failure.status}) and does not say for how long.`
        : `It asks to wait ${failure.retryAfterS} seconds (status ${failure.status}).`,
    next: 'Try again then. What is already here stays.',
  }),
  'hub-unreadable': (failure) => ({
    title: 'This is not the hub that answers',
    happened: `Instead of a list of files there came ${failure.detail}.`,
    next: 'On a guest network, open any page first: a login page may stand in the way. Then try again.',
  }),
  'host-refused': (failure) => ({
    title: 'Downloads may not go there',
    happened: `The studio downloads from huggingface.co and the hosts that serve its files, and ${failure.host} is not one of them.`,
    next: 'Download the files yourself and install the folder. Whoever hosts the studio can add a host in src/core/hub/hosts.mjs.',
  }),
  'model-unrecognised': (failure) => ({
    title: 'No model was recognised here',
    happened: `${failure.origin}: ${failure.reason}`,
    next: 'Nothing was downloaded or kept. Choose another repository or folder.',
  }),
  'download-login-page': (failure) => ({
    title: 'A web page came instead of the model',
    happened: `${failure.host} answered with a web page where ${failure.file} should be. Is this network behind a login page?`,
    next: 'Open any website to sign in to the network, then resume the download. What has arrived is kept.',
  }),
  'download-denied': (failure) => ({
    title: 'The model is not open to everyone',
    happened: `${failure.host} refused ${failure.file} (status ${failure.status}).`,
    next:
      failure.page === null
        ? 'Choose another model, or get its files elsewhere and install them from disk.'
        : `Look at ${failure.page} for what it asks, or get its files and install them from disk.`,
  }),
  'download-gone': (failure) => ({
    title: 'The model is no longer where it was',
    happened: `${failure.host} does not have ${failure.file} any more (status ${failure.status}).`,
    next: 'Look the model up again, or install its files from disk.',
  }),
  'download-busy': (failure) => ({
    title: 'The server is too busy',
    happened: `${failure.host} has no time to send ${failure.file} (status ${failure.status}). What has arrived is kept.`,
    next: 'Resume the download later.',
  }),
  'download-damaged': (failure) => ({
    title: 'The download is damaged at its source',
    happened: `${failure.file} came twice from ${failure.host} with contents that do not match its checksum. Nothing was installed.`,
    next: 'Try again later. If it stays, the source holds a changed file: choose another.',
  }),
  'download-offline': (failure) => ({
    title: 'There is no connection',
    happened: `${failure.file} is not on this device and cannot be fetched now. What has arrived is kept.`,
    next: 'Connect to the network, then resume. Installed models work without it.',
  }),
  'download-cut': (failure) => ({
    title: 'The download was cut off',
    happened: `The connection to ${failure.host} broke while ${failure.file} was on its way: ${failure.detail}. What has arrived is kept.`,
    next: 'Check the connection, then resume the download.',
  }),
  'download-short': (failure) => ({
    title: 'The download ended early',
    happened: `${failure.host} sent ${formatBytes(failure.actualBytes)} of the ${formatBytes(failure.expectedBytes)} of ${failure.file}. What has arrived is kept.`,
    next: 'Resume the download later.',
  }),
} satisfies Partial<Texts>;
