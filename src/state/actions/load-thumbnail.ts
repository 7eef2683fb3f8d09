import { services } from '#state/services.ts';

/** More than any window shows at once. */
const MAX_KEPT = 600;
/** In the order of their last use, as addresses that an <img> takes. */
const kept = new Map<string, string>();

export function knownThumbnail(id: string): string | null {
  return kept.get(id) ?? null;
}

interface Wish {
  id: string;
  signal: AbortSignal;
  settle: (url: string | null) => void;
}

/** The newest last: what came into sight last is read first, and what has left it again not at all. */
const wishes: Wish[] = [];
let isWaiting = false;
/** Thumbnails read at once where the page has found no idle moment for so long. */
const AT_LEAST = 8;
const WITHIN_MS = 200;

/**
 * The address of a picture's thumbnail; null when it cannot be read or is no longer wanted. It holds until many others
 * were looked at. Reading waits for an idle moment, so that a quick scroll past thousands stays smooth.
 */
export function loadThumbnail(id: string, signal: AbortSignal): Promise<string | null> {
  const known = kept.get(id);
  if (known !== undefined) {
    kept.delete(id);
    kept.set(id, known);
    return Promise.resolve(known);
  }
  return new Promise((settle) => {
    wishes.push({ id, signal, settle });
    waitForIdle();
  });
}

function waitForIdle(): void {
  if (isWaiting) return;
  isWaiting = true;
  const idle = (deadline?: IdleDeadline) => {
    isWaiting = false;
    for (let read = 0; wishes.length > 0; ) {
      if (read >= AT_LEAST && (deadline === undefined || deadline.timeRemaining() < 1)) break;
      const { id, signal, settle } = wishes.pop()!;
      if (signal.aborted) settle(null);
      else {
        read += 1;
        void readThumbnail(id).then(settle);
      }
    }
    if (wishes.length > 0) waitForIdle();
  };
  if (typeof requestIdleCallback === 'undefined') setTimeout(idle, 16);
  else requestIdleCallback(idle, { timeout: WITHIN_MS });
}

async function readThumbnail(id: string): Promise<string | null> {
  const { gallery } = services();
  const blob = await gallery.thumbnail(id).catch(() => null);
  if (blob === null) return null;
  const raced = kept.get(id);
  if (raced !== undefined) return raced;
  const url = URL.createObjectURL(blob);
  kept.set(id, url);
  for (const [oldest, old] of kept) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
    URL.revokeObjectURL(old);
  }
  return url;
}
