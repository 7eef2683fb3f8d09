/** Pictures as files of the person's choosing: one alone, several in a zip that is written as they are made. */
import { downloadZip } from 'client-zip';
import { exportFileName, freeNames, type NameFacts } from '#core/export/file-name.ts';
import { writeJpegWords } from '#core/export/jpeg.ts';
import { writePngWords } from '#core/export/png.ts';
import { writeWebpWords } from '#core/export/webp.ts';
import type { WriteResult } from '#core/export/words.ts';
import { pictureXmp } from '#core/export/xmp.ts';
import { type Failure, FailureError } from '#core/failure.ts';
import { parseInfotext } from '#core/metadata/infotext.ts';
import { formatRequest } from '#core/metadata/request-text.ts';
import { saveFile } from '#state/actions/save-file.ts';
import { samplerName, scheduleName } from '#state/controls.ts';
import { encodePicture } from '#state/encode-picture.ts';
import { type ExportRun, type ExportSettings, useExport, useExportSettings } from '#state/export.ts';
import { useModels } from '#state/models.ts';
import { services } from '#state/services.ts';
import type { PictureCard } from '#storage/gallery.ts';

const EXTENSIONS = { png: 'png', jpeg: 'jpg', webp: 'webp' };
/** From so many on the zip goes straight to the disk, where the browser lets it. */
const STREAM_FROM = 100;

let controller: AbortController | null = null;

/** Writes the files. Resolves when they are handed over, or when it was cancelled or failed: the store says how. */
export async function writeExport(ids: readonly string[]): Promise<void> {
  if (useExport.getState().run?.outcome === 'running' || ids.length === 0) return;
  const own = new AbortController();
  controller = own;
  const settings = useExportSettings.getState();
  useExport.setState({ run: { done: 0, total: ids.length, outcome: 'running', remarks: [], failure: null } });
  try {
    if (ids.length === 1) await exportOne(ids[0]!, settings, own.signal);
    else await exportMany(ids, settings, own.signal);
    change({ outcome: 'done' });
  } catch (error) {
    if (own.signal.aborted || isAbort(error)) change({ outcome: 'cancelled' });
    else change({ outcome: 'failed', failure: toFailure(error) });
  }
}

export function cancelExport(): void {
  controller?.abort();
}

export function changeExport(settings: Partial<ExportSettings>): void {
  useExportSettings.setState(settings);
}

/** Forgets how the last export ended. */
export function dismissExport(): void {
  if (useExport.getState().run?.outcome !== 'running') useExport.setState({ run: null });
}

/** The name that a picture's file would get. */
export function exportName(
  card: Omit<PictureCard, 'thumbnail'>,
  position: number,
  settings: ExportSettings,
): string {
  return exportFileName(settings.pattern, factsOf(card, position), EXTENSIONS[settings.format]);
}

async function exportOne(id: string, settings: ExportSettings, signal: AbortSignal): Promise<void> {
  const { card, file } = await makeFile(id, settings);
  signal.throwIfAborted();
  saveFile(file, exportName(card, 1, settings));
  change({ done: 1 });
}

async function exportMany(
  ids: readonly string[],
  settings: ExportSettings,
  signal: AbortSignal,
): Promise<void> {
  // Asked for at once: the browser allows it only as the answer to the click.
  const target = ids.length >= STREAM_FROM ? await pickTarget() : null;
  const cards = await Promise.all(ids.map((id) => services().gallery.card(id)));
  const names = freeNames(cards.map((card, k) => (card === null ? '_' : exportName(card, k + 1, settings))));
  const zip = downloadZip(files(ids, names, settings, signal));
  if (target === null) saveFile(await zip.blob(), 'kiln-pictures.zip');
  else await zip.body!.pipeTo(target, { signal });
}

async function* files(
  ids: readonly string[],
  names: readonly string[],
  settings: ExportSettings,
  signal: AbortSignal,
) {
  let written = 0;
  for (const [k, id] of ids.entries()) {
    signal.throwIfAborted();
    try {
      const { card, file } = await makeFile(id, settings);
      yield { name: names[k]!, input: file, lastModified: new Date(card.createdAt) };
      written++;
    } catch (error) {
      // One picture that is gone must not cost the others.
      if (!(error instanceof FailureError) || error.failure.code !== 'picture-unreadable') throw error;
      remark(`Picture ${k + 1} could not be read: ${error.failure.reason}.`);
    }
    change({ done: k + 1 });
  }
  if (written === 0)
    throw new FailureError({ code: 'picture-unreadable', reason: 'none of them is in the gallery' });
}

async function makeFile(id: string, settings: ExportSettings): Promise<{ card: PictureCard; file: Blob }> {
  const { gallery } = services();
  const [card, png] = await Promise.all([gallery.card(id), gallery.png(id)]);
  if (card === null || png === null)
    throw new FailureError({ code: 'picture-unreadable', reason: 'it is no longer in the gallery' });
  const { format, words, scale } = settings;
  const isAsIs = format === 'png' && scale === 1 && png.type === 'image/png';
  // The very pixels, and texts of other tools with them.
  if (isAsIs && words === 'all') return { card, file: png };
  const encoded = isAsIs ? png : await encodePicture(png, settings);
  const result = writeWords(new Uint8Array(await encoded.arrayBuffer()), card, settings);
  if (!result.ok) throw new FailureError({ code: 'picture-unreadable', reason: result.reason });
  if (result.leftOut.length > 0)
    remark(`The settings of picture ${card.number} are too long for a JPEG and were left out.`);
  return { card, file: new Blob([result.file], { type: encoded.type }) };
}

function writeWords(file: Uint8Array, card: PictureCard, { format, words }: ExportSettings): WriteResult {
  const parameters = words === 'all' && card.parameters !== '' ? card.parameters : null;
  const request = words === 'all' ? formatRequest(card.request).text : null;
  if (format === 'png')
    return writePngWords(file, { parameters, request, xmp: words === 'none' ? null : pictureXmp(null) });
  const xmp = words === 'none' ? null : pictureXmp(request);
  return format === 'jpeg'
    ? writeJpegWords(file, { parameters, xmp })
    : writeWebpWords(file, { parameters, xmp });
}

function factsOf(card: Omit<PictureCard, 'thumbnail'>, position: number): NameFacts {
  const { request } = card;
  const at = new Date(card.createdAt);
  const model = useModels.getState().models.find(({ id }) => id === request.modelId);
  const said = parseInfotext(card.parameters);
  return {
    number: card.number,
    seed: card.seed,
    steps: request.steps,
    cfg: request.guidanceScale,
    widthPx: card.widthPx,
    heightPx: card.heightPx,
    sampler: samplerName(request.sampler),
    schedule: scheduleName(request.schedule),
    modelName: model?.name ?? request.modelId,
    modelHash: said.ok ? (said.infotext.fields.get('Model hash') ?? null) : null,
    prompt: request.prompt,
    negativePrompt: request.negativePrompt,
    position,
    made: {
      year: at.getFullYear(),
      month: at.getMonth() + 1,
      day: at.getDate(),
      hour: at.getHours(),
      minute: at.getMinutes(),
      second: at.getSeconds(),
    },
  };
}

interface SavePicker {
  showSaveFilePicker?: (options: object) => Promise<FileSystemFileHandle>;
}

async function pickTarget(): Promise<FileSystemWritableFileStream | null> {
  const { showSaveFilePicker } = globalThis as SavePicker;
  if (showSaveFilePicker === undefined) return null;
  const handle = await showSaveFilePicker.call(globalThis, {
    suggestedName: 'kiln-pictures.zip',
    types: [{ accept: { 'application/zip': ['.zip'] } }],
  });
  return handle.createWritable();
}

function change(part: Partial<ExportRun>): void {
  useExport.setState(({ run }) => (run === null ? {} : { run: { ...run, ...part } }));
}

function remark(sentence: string): void {
  useExport.setState(({ run }) =>
    run === null ? {} : { run: { ...run, remarks: [...run.remarks, sentence] } },
  );
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  const isError = error instanceof Error;
  return {
    code: 'unexpected',
    message: isError ? error.message : String(error),
    stack: isError ? (error.stack ?? null) : null,
  };
}
