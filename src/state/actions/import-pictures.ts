/** Takes pictures in from files: ours, another tool's, or any. Each is judged before it is decoded. */
import { recall } from '#core/metadata/recall.ts';
import { readPictureFile } from '#core/metadata/picture-file.ts';
import { guardPicture, judgeFileSize } from '#core/images/guard.ts';
import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { hashFile, nextNumber, showCard } from '#state/actions/keep-picture.ts';
import { type ImportReport, useBrowse } from '#state/browse.ts';
import { CHOICES } from '#state/controls.ts';
import { inflate } from '#state/inflate.ts';
import { services } from '#state/services.ts';
import { shrink } from '#state/thumbnail.ts';
import type { PictureCard } from '#storage/gallery.ts';

/** Of a text of a stranger, nobody reads more. */
const MAX_PARAMETERS = 20_000;
/** Names that a report lists of one reason. */
const MAX_NAMES = 50;

type Verdict = { kind: 'added' } | { kind: 'skipped'; reason: string } | { kind: 'full' };

/** What a person reads of a failure; the words are the screen's. */
export type Sentence = (failure: Failure) => string;

let isCancelled = false;

/** Does nothing while another long task runs. */
export async function importPictures(files: readonly File[], sentence: Sentence): Promise<void> {
  if (useBrowse.getState().task !== null || files.length === 0) return;
  isCancelled = false;
  const report: ImportReport = { added: 0, skipped: [], stopped: null };
  useBrowse.setState({ report: null });
  for (const [done, file] of files.entries()) {
    useBrowse.setState({
      task: { kind: 'import', done, total: files.length, isCancelling: isCancelled },
    });
    if (isCancelled) {
      report.stopped = 'cancelled';
      break;
    }
    const verdict = await importOne(file, sentence).catch(
      (): Verdict => ({ kind: 'skipped', reason: 'could not be read' }),
    );
    if (verdict.kind === 'full') {
      report.stopped = 'quota';
      break;
    }
    if (verdict.kind === 'added') report.added += 1;
    else skip(report, verdict.reason, file.name);
  }
  useBrowse.setState({ task: null, report });
}

export function cancelImport(): void {
  isCancelled = true;
  useBrowse.setState(({ task }) => ({ task: task === null ? null : { ...task, isCancelling: true } }));
}

export function dismissReport(): void {
  useBrowse.setState({ report: null });
}

function skip(report: ImportReport, reason: string, name: string): void {
  const same = report.skipped.find((one) => one.reason === reason);
  if (same === undefined) report.skipped.push({ reason, names: [name] });
  else if (same.names.length < MAX_NAMES) same.names.push(name);
  else same.names[MAX_NAMES] = '…';
}

async function importOne(file: File, sentence: Sentence): Promise<Verdict> {
  const skipped = (failure: Failure): Verdict => ({ kind: 'skipped', reason: sentence(failure) });
  const tooLarge = judgeFileSize(file.size);
  if (tooLarge !== null) return skipped(tooLarge);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const judged = guardPicture(bytes);
  if (!judged.ok) return skipped(judged.failure);
  const { gallery } = services();
  // A copy: the file may be moved or changed tomorrow.
  const picture = new Blob([bytes], { type: `image/${judged.header.kind}` });
  const sha256 = await hashFile(picture);
  if (sha256 !== null && (await gallery.findFile(sha256)) !== null) {
    return { kind: 'skipped', reason: 'is in the gallery already' };
  }
  let thumbnail: Blob;
  try {
    thumbnail = await shrink(picture);
  } catch {
    return skipped({ code: 'picture-unreadable', reason: 'the browser cannot decode it' });
  }
  const { widthPx, heightPx } = judged.header;
  const read = await readPictureFile(bytes, inflate);
  const recalled = read.ok ? recall(read.value.entries, CHOICES) : null;
  const request = wholeRequest(recalled?.request ?? {}, { widthPx, heightPx });
  const card: PictureCard = {
    id: crypto.randomUUID(),
    number: nextNumber(),
    createdAt: file.lastModified,
    widthPx,
    heightPx,
    seed: request.seed,
    request,
    parameters: (recalled?.text ?? '').slice(0, MAX_PARAMETERS),
    elapsedMs: 0,
    device: 'cpu',
    thumbnail,
    sizeBytes: picture.size + thumbnail.size,
    ...(sha256 === null ? {} : { sha256 }),
    imported: {
      fileName: file.name,
      tool: recalled?.tool ?? null,
      model: recalled?.model.name ?? recalled?.request.modelId ?? null,
      recalled: recalled?.request ?? {},
    },
  };
  const kept = await gallery.add(card, picture);
  if (!kept.durable && gallery.durable) {
    await gallery.remove(card.id);
    return { kind: 'full' };
  }
  showCard(card, kept.durable);
  return { kind: 'added' };
}

/** A card has a whole request; what a picture does not say stands at nothing and is never reused. */
function wholeRequest(
  known: Partial<GenerateRequest>,
  size: { widthPx: number; heightPx: number },
): GenerateRequest {
  return {
    modelId: '',
    prompt: '',
    negativePrompt: '',
    seed: 0,
    steps: 1,
    sampler: '',
    schedule: '',
    guidanceScale: 1,
    guidanceRescale: 0,
    ...size,
    ...known,
    count: 1,
  };
}
