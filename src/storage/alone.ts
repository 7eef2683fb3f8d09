import type { Locks } from './queue.ts';

/**
 * Does something once, if no other tab has come as far as this call; tabs that come meanwhile wait for its end. From then
 * on this tab counts as one of the others. @returns whether it was done
 */
export async function whenAlone(locks: Locks, name: string, work: () => Promise<void>): Promise<boolean> {
  try {
    return await locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock === null) return false;
      await work();
      return true;
    });
  } finally {
    // Held until the tab is gone.
    void locks.request(name, { mode: 'shared' }, () => new Promise(() => {})).catch(() => undefined);
  }
}
