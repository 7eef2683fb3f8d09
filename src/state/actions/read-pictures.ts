/**
 * Reads pictures when nothing else is to do: an automatic alt text, how well each fits its prompt, and, where the safety check is on,
 * which concepts of its list are in it. Newest first. A run stops it at once: two models at a time would slow both.
 */
import type { CaptionAnswer, CaptionTask } from '#engine/captioner-api.ts';
import { changePictures } from '#state/actions/change-pictures.ts';
import { listCaptioners } from '#state/actions/list-captioners.ts';
import { isDescribing, useDescribe } from '#state/describe.ts';
import { type GalleryPicture, useGallery } from '#state/gallery.ts';
import { usePreferences } from '#state/preferences.ts';
import { useCaptioners, useReading } from '#state/reading.ts';
import { isRunning, useRun } from '#state/run.ts';
import { services } from '#state/services.ts';

/** The studio must have been quiet for this long. */
const QUIET_MS = 4_000;
/** Pictures that could not be read are not tried again in this tab. */
const failed = new Set<string>();
let timer: ReturnType<typeof setTimeout> | undefined;
let reading: AbortController | null = null;

/** Begins to watch for quiet times. @returns ends it */
export function readPicturesWhenIdle(quietMs = QUIET_MS): () => void {
  const wake = () => {
    if (isBusy()) reading?.abort();
    clearTimeout(timer);
    timer = setTimeout(() => void readNext(), quietMs);
  };
  const ends = [useRun, useGallery, useReading, useDescribe].map((store) => store.subscribe(wake));
  wake();
  return () => {
    clearTimeout(timer);
    reading?.abort();
    for (const end of ends) end();
  };
}

function isBusy(): boolean {
  return isRunning(useRun.getState()) || isDescribing(useDescribe.getState());
}

/** What is still missing of a picture. Empty where nothing is. */
function missing(picture: GalleryPicture): ('alt' | 'fit' | 'concepts')[] {
  const { isAutomatic, isSafetyOn } = useReading.getState();
  const kinds: ('alt' | 'fit' | 'concepts')[] = [];
  if (isAutomatic && picture.alt === undefined) kinds.push('alt');
  if (isAutomatic && picture.fit === undefined && picture.request.prompt.trim() !== '') kinds.push('fit');
  if (isSafetyOn && picture.concepts === undefined) kinds.push('concepts');
  return kinds;
}

async function readNext(): Promise<void> {
  if (reading !== null || isBusy()) return;
  const next = useGallery.getState().pictures.find((one) => !failed.has(one.id) && missing(one).length > 0);
  if (next === undefined) return;
  if (useCaptioners.getState().captioners === null) await listCaptioners();
  const hasModel = useReading.getState().modelId !== '' || useCaptioners.getState().captioners?.length;
  if (!hasModel || isBusy()) return;
  const own = new AbortController();
  reading = own;
  try {
    const isRead = await readPicture(next, own.signal);
    if (!isRead && !own.signal.aborted) failed.add(next.id);
  } finally {
    reading = null;
  }
  if (!own.signal.aborted) void readNext();
}

/** @returns whether all of it was read */
async function readPicture(picture: GalleryPicture, signal: AbortSignal): Promise<boolean> {
  const { gallery } = services();
  const file = await gallery.png(picture.id);
  if (file === null) return false;
  const { id, request } = picture;
  for (const kind of missing(picture)) {
    const answer = await ask(file, taskOf(kind, request.prompt), signal);
    if (answer === null) return false;
    if (answer.kind === 'text') {
      const { text } = answer;
      // What was written meanwhile stays.
      await changePictures([id], (card) =>
        card.alt === undefined ? { alt: { text, isAutomatic: true } } : {},
      );
    } else if (answer.kind === 'scores') {
      const [score] = answer.scores;
      await changePictures([id], () => ({ fit: score!.match, similarity: score!.similarity }));
    } else await changePictures([id], () => ({ concepts: answer.concepts }));
  }
  return true;
}

function taskOf(kind: 'alt' | 'fit' | 'concepts', prompt: string): CaptionTask {
  switch (kind) {
    case 'alt':
      return { kind: 'caption', prefix: '', way: { kind: 'beams', beams: 3 } };
    case 'fit':
      return { kind: 'match', texts: [prompt] };
    case 'concepts':
      return { kind: 'safety' };
  }
}

async function ask(picture: Blob, task: CaptionTask, signal: AbortSignal): Promise<CaptionAnswer | null> {
  const { device } = usePreferences.getState();
  const { modelId } = useReading.getState();
  const model = modelId === '' ? null : modelId;
  try {
    const outcome = await services().captioner.caption({ picture, task, device, model }, () => {}, signal);
    return outcome.outcome === 'done' ? outcome.described.answer : null;
  } catch {
    return null;
  }
}
