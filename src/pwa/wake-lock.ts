/** Keeps the screen, and with it the device, awake while something is being made and the page is looked at. */
export interface WakeLock {
  hold(): void;
  release(): void;
}

/** The browser lets go of the lock whenever the page is hidden: it is asked for again when it is seen. */
export function createWakeLock(): WakeLock {
  let isHeld = false;
  let sentinel: Promise<WakeLockSentinel | null> | null = null;
  const take = () => {
    if (!isHeld || globalThis.document?.visibilityState !== 'visible') return;
    // Refused on an empty battery, and where there is no such thing: the work goes on without it.
    sentinel = (navigator.wakeLock?.request('screen') ?? Promise.resolve(null)).catch(() => null);
  };
  return {
    hold() {
      if (isHeld) return;
      isHeld = true;
      globalThis.document?.addEventListener('visibilitychange', take);
      take();
    },
    release() {
      isHeld = false;
      globalThis.document?.removeEventListener('visibilitychange', take);
      void sentinel?.then((lock) => lock?.release().catch(() => undefined));
      sentinel = null;
    },
  };
}
