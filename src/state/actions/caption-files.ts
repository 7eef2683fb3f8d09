import type { CaptionOutcome } from '#engine/captioner-api.ts';
import { captionFile } from '#state/actions/add-caption-files.ts';
import { type CaptionItem, useCaptions } from '#state/captions.ts';
import { usePreferences } from '#state/preferences.ts';
import { useReading } from '#state/reading.ts';
import { services } from '#state/services.ts';

let running: AbortController | null = null;

/** Describes every picture that has no words yet, one after the other. */
export async function captionFiles(): Promise<void> {
  if (running !== null) return;
  const own = new AbortController();
  running = own;
  useCaptions.setState({ isRunning: true, failure: null, saved: null });
  try {
    for (;;) {
      const next = useCaptions.getState().items.find(({ state }) => state === 'waiting');
      if (next === undefined || own.signal.aborted) return;
      if (!(await captionOne(next, own.signal))) return;
    }
  } finally {
    running = null;
    useCaptions.setState({ isRunning: false });
  }
}

export function stopCaptioning(): void {
  running?.abort();
}

/** Writes are a person's: they stay, whatever is captioned later. */
export function editCaption(id: string, text: string): void {
  change(id, { text, state: 'done', failure: null });
  useCaptions.setState({ saved: null });
}

export function captionAgain(id: string): void {
  change(id, { text: '', state: 'waiting', failure: null });
  void captionFiles();
}

export function setTrigger(trigger: string): void {
  useCaptions.setState({ trigger, saved: null });
}

/** @returns whether to go on with the next */
async function captionOne({ id }: CaptionItem, signal: AbortSignal): Promise<boolean> {
  const picture = captionFile(id);
  if (picture === null) return true;
  change(id, { state: 'running' });
  const outcome = await ask(picture, signal, (text) => change(id, { text }));
  // Someone wrote meanwhile, or took the picture out.
  const now = useCaptions.getState().items.find((one) => one.id === id);
  if (now?.state !== 'running') return true;
  switch (outcome.outcome) {
    case 'done': {
      const { answer } = outcome.described;
      change(id, { state: 'done', text: answer.kind === 'text' ? answer.text : '' });
      return true;
    }
    case 'cancelled':
      change(id, { state: 'waiting', text: '' });
      return false;
    case 'failed': {
      const { failure } = outcome;
      const isOfPicture =
        failure.code === 'not-a-picture' ||
        failure.code === 'picture-unreadable' ||
        failure.code === 'picture-beyond-limits' ||
        failure.code === 'picture-file-too-large';
      change(id, {
        state: isOfPicture ? 'failed' : 'waiting',
        text: '',
        failure: isOfPicture ? failure : null,
      });
      if (!isOfPicture) useCaptions.setState({ failure });
      return isOfPicture;
    }
  }
}

async function ask(
  picture: Blob,
  signal: AbortSignal,
  onWords: (text: string) => void,
): Promise<CaptionOutcome> {
  const { device } = usePreferences.getState();
  const { modelId } = useReading.getState();
  try {
    return await services().captioner.caption(
      {
        picture,
        task: { kind: 'caption', prefix: '', way: { kind: 'beams', beams: 3 } },
        device,
        model: modelId === '' ? null : modelId,
      },
      (event) => event.kind === 'words' && onWords(event.text),
      signal,
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { outcome: 'failed', failure: { code: 'unexpected', message, stack: null } };
  }
}

function change(id: string, changes: Partial<CaptionItem>): void {
  useCaptions.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...changes } : item)),
  }));
}
