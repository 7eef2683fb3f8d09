/** A conversation about one picture: a description first, then questions. */
import type { Failure } from '#core/failure.ts';
import type { CaptionEvent, CaptionOutcome, CaptionTask } from '#engine/captioner-api.ts';
import { listCaptioners } from '#state/actions/list-captioners.ts';
import { hideOverlay, showOverlay } from '#state/actions/show-overlay.ts';
import { isDescribing, type Turn, useDescribe } from '#state/describe.ts';
import { findPicture, useGallery } from '#state/gallery.ts';
import { judgeFile } from '#state/judge-file.ts';
import { usePreferences } from '#state/preferences.ts';
import { useReading } from '#state/reading.ts';
import { services } from '#state/services.ts';

let file: Blob | null = null;
let turns = 0;
let controller: AbortController | null = null;

/** Opens the conversation and describes the picture. @param source a file, or the id of a picture of the gallery */
export async function describePicture(source: Blob | string): Promise<void> {
  const blob = typeof source === 'string' ? await services().gallery.png(source) : source;
  if (blob === null) return;
  const isSafe = (await judgeFile(blob)) === null;
  forget();
  file = blob;
  const prompt =
    typeof source === 'string' ? findPicture(useGallery.getState(), source)?.request.prompt : undefined;
  const name = prompt ?? (source instanceof File ? source.name : 'A picture');
  useDescribe.setState({
    picture: {
      pictureId: typeof source === 'string' ? source : null,
      url: isSafe ? URL.createObjectURL(blob) : null,
      name,
    },
    turns: [],
  });
  showOverlay({ kind: 'describe' });
  void listCaptioners();
  await say(null, { kind: 'caption', prefix: '', way: { kind: 'beams', beams: 3 } });
}

export async function askPicture(question: string): Promise<void> {
  const asked = question.trim();
  if (asked === '' || isDescribing(useDescribe.getState())) return;
  await say(asked, { kind: 'question', question: asked, way: { kind: 'beams', beams: 3 } });
}

/** A long description, from a model that knows two lengths. */
export async function describeInDetail(): Promise<void> {
  if (isDescribing(useDescribe.getState())) return;
  const way = { kind: 'beams', beams: 3 } as const;
  await say(null, { kind: 'caption', prefix: '', way, isDetailed: true });
}

/** Another description, drawn by chance. */
export async function describeOtherwise(): Promise<void> {
  if (isDescribing(useDescribe.getState())) return;
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  await say(null, {
    kind: 'caption',
    prefix: '',
    way: { kind: 'nucleus', topP: 0.9, temperature: 1, seed },
  });
}

export function stopDescribing(): void {
  controller?.abort();
}

export function closeDescription(): void {
  forget();
  hideOverlay();
}

function forget(): void {
  stopDescribing();
  file = null;
  const { picture } = useDescribe.getState();
  if (picture?.url) URL.revokeObjectURL(picture.url);
  useDescribe.setState({ picture: null, turns: [] });
}

async function say(question: string | null, task: CaptionTask): Promise<void> {
  const picture = file;
  if (picture === null) return;
  const id = ++turns;
  const own = new AbortController();
  controller = own;
  const fresh: Turn = { id, question, text: '', state: 'running', failure: null, described: null };
  useDescribe.setState((state) => ({ turns: [...state.turns, fresh], phase: 'loading', loaded: null }));
  const outcome = await run(picture, task, (event) => follow(id, event), own.signal);
  if (controller === own) controller = null;
  switch (outcome.outcome) {
    case 'done': {
      const { answer } = outcome.described;
      const text = answer.kind === 'text' ? answer.text : '';
      return change(id, { state: 'done', text, described: outcome.described });
    }
    case 'cancelled':
      return change(id, { state: 'cancelled' });
    case 'failed':
      return change(id, { state: 'failed', failure: outcome.failure });
  }
}

async function run(
  picture: Blob,
  task: CaptionTask,
  onEvent: (event: CaptionEvent) => void,
  signal: AbortSignal,
): Promise<CaptionOutcome> {
  const { device } = usePreferences.getState();
  const { modelId } = useReading.getState();
  try {
    const model = modelId === '' ? null : modelId;
    return await services().captioner.caption({ picture, task, device, model }, onEvent, signal);
  } catch (error) {
    return { outcome: 'failed', failure: unexpected(error) };
  }
}

function follow(id: number, event: CaptionEvent): void {
  switch (event.kind) {
    case 'loading':
      return useDescribe.setState({
        phase: 'loading',
        loaded: event.totalBytes === 0 ? null : event.loadedBytes / event.totalBytes,
      });
    case 'preparing':
    case 'seeing':
      return useDescribe.setState({ phase: event.kind, loaded: null });
    case 'words':
      useDescribe.setState({ phase: 'words' });
      return change(id, { text: event.text });
    case 'notice':
      return;
  }
}

function change(id: number, changes: Partial<Turn>): void {
  useDescribe.setState(({ turns: all }) => ({
    turns: all.map((turn) => (turn.id === id ? { ...turn, ...changes } : turn)),
  }));
}

function unexpected(error: unknown): Failure {
  return error instanceof Error
    ? { code: 'unexpected', message: error.message, stack: error.stack ?? null }
    : { code: 'unexpected', message: String(error), stack: null };
}
