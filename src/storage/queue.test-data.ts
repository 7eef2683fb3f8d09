/** What a browser gives a queue, in memory: a store that tabs share, and locks that die with their tab. */
import type { KeyedStore, Locks } from './queue.ts';

export function memoryStore(): KeyedStore {
  const lines = new Map<string, unknown>();
  return {
    get: async (key) => structuredClone(lines.get(key)),
    set: async (key, value) => void lines.set(key, structuredClone(value)),
    del: async (key) => void lines.delete(key),
    entries: async () => structuredClone([...lines]),
  };
}

export interface Tab {
  locks: Locks;
  /** Lets go of all its locks, as the browser does. */
  die(): void;
}

/** Exclusive and shared locks, waited for until the signal says to stop, or taken only if they are free. */
export function memoryLocks() {
  interface Held {
    tab: object;
    name: string;
    mode: LockMode;
  }
  const held = new Set<Held>();

  function openTab(): Tab {
    const tab = {};
    const request = async (name: string, ...rest: unknown[]) => {
      const work = rest.at(-1) as (lock: object | null) => unknown;
      const { mode = 'exclusive', ifAvailable, signal } = (rest.length > 1 ? rest[0] : {}) as LockOptions;
      const isTaken = () =>
        [...held].some(
          (other) => other.name === name && (mode === 'exclusive' || other.mode === 'exclusive'),
        );
      if (ifAvailable && isTaken()) return work(null);
      while (isTaken()) {
        signal?.throwIfAborted();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const own = { tab, name, mode };
      held.add(own);
      try {
        return await work(own);
      } finally {
        held.delete(own);
      }
    };
    return {
      locks: { request: request as Locks['request'] },
      die: () => {
        for (const one of held) if (one.tab === tab) held.delete(one);
      },
    };
  }

  return { openTab, ofTab: () => openTab().locks, held: () => held.size };
}
