/**
 * What was installed here, noted outside IndexedDB. A damaged or evicted database opens empty and without an
 * error; what is noted and not there was removed by the browser, and can be installed again from the note.
 */
import { keyName, type NotedVersion, type VersionKey } from './records.ts';

const KEY = 'kiln.library';
const ASKED_KEY = 'kiln.library-persistence-asked';

export interface Sentinel {
  noted(): NotedVersion[];
  /** Notes what is there now; what is noted and not there stays, as evicted. */
  note(there: readonly NotedVersion[]): void;
  /** It is removed knowingly. */
  forget(key: VersionKey): void;
  /** @returns true the first time only */
  takeFirstAsk(): boolean;
}

/** Where there is no storage at all nothing is remembered, and nothing was installed either. */
export function openSentinel(storage: () => Pick<Storage, 'getItem' | 'setItem'>): Sentinel {
  const read = (): NotedVersion[] => {
    try {
      const value: unknown = JSON.parse(storage().getItem(KEY) ?? '[]');
      return Array.isArray(value) ? value.filter(isNote) : [];
    } catch {
      return [];
    }
  };
  const write = (versions: NotedVersion[]) => {
    try {
      storage().setItem(KEY, JSON.stringify(versions));
    } catch {
      // Without the note only the warning is lost.
    }
  };
  return {
    noted: read,
    note(there) {
      const names = new Set(there.map(keyName));
      write([...there, ...read().filter((one) => !names.has(keyName(one)))]);
    },
    forget: (key) => write(read().filter((one) => keyName(one) !== keyName(key))),
    takeFirstAsk() {
      try {
        if (storage().getItem(ASKED_KEY) !== null) return false;
        storage().setItem(ASKED_KEY, '1');
        return true;
      } catch {
        return false;
      }
    },
  };
}

function isNote(value: unknown): value is NotedVersion {
  if (typeof value !== 'object' || value === null) return false;
  const { id, revision, name, files } = value as Partial<NotedVersion>;
  return [id, revision, name].every((one) => typeof one === 'string') && Array.isArray(files);
}
