/** Waits so long, or until the device comes online or the signal says to stop. @returns whether it came online */
export function waitFor(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isOnline: boolean) => {
      clearTimeout(timer);
      removeEventListener('online', onOnline);
      signal.removeEventListener('abort', onAbort);
      resolve(isOnline);
    };
    const onOnline = () => end(true);
    const onAbort = () => end(false);
    const timer = setTimeout(() => end(false), ms);
    addEventListener('online', onOnline);
    signal.addEventListener('abort', onAbort);
  });
}
