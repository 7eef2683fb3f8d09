/** The library's tables, and how they are opened: within seconds, or with a reason. */
import type { DBSchema, IDBPDatabase } from 'idb';
import { type Failure, FailureError } from '#core/failure.ts';
import type { ActiveRevision, JournalEntry, PartialFile, StoredVersion } from './records.ts';
import { openTables } from '../open-tables.ts';

const DATABASE = 'kiln-library';
const VERSION = 1;
/** A database that does not open by then never does: a broken profile, or a disk that is gone. */
const OPEN_WITHIN_MS = 4_000;

interface Tables extends DBSchema {
  chunks: { key: string; value: Blob };
  versions: { key: [id: string, revision: string]; value: StoredVersion };
  active: { key: string; value: ActiveRevision };
  journal: { key: [id: string, revision: string]; value: JournalEntry };
  partials: {
    key: [id: string, revision: string, path: string];
    value: PartialFile;
    indexes: { install: [id: string, revision: string] };
  };
}

export type Database = IDBPDatabase<Tables>;

/** `answer` is given within seconds; `settled` is the request itself, which may take as long as another tab likes. */
interface Opening {
  answer: Promise<Database>;
  /** Null when it failed. */
  settled: Promise<Database | null>;
}

export function openDatabase(onGone: () => void): Opening {
  const giveUp = new AbortController();
  const refuse = (failure: Failure, cause?: unknown) => giveUp.abort(new FailureError(failure, { cause }));
  const timer = setTimeout(() => refuse({ code: 'storage-denied' }), OPEN_WITHIN_MS);
  // Where storage is denied, asking throws at once.
  const open = async () =>
    openTables<Tables>(DATABASE, VERSION, {
      upgrade(db, oldVersion) {
        if (oldVersion >= 1) return;
        db.createObjectStore('chunks');
        db.createObjectStore('versions', { keyPath: ['id', 'revision'] });
        db.createObjectStore('active', { keyPath: 'id' });
        db.createObjectStore('journal', { keyPath: ['id', 'revision'] });
        db.createObjectStore('partials', { keyPath: ['id', 'revision', 'path'] }).createIndex('install', [
          'id',
          'revision',
        ]);
      },
      blocked: () => refuse({ code: 'storage-blocked' }),
      // A newer studio in another tab wants to change the tables: let go, so that it need not wait.
      blocking(_current, _wanted, event) {
        (event.target as IDBDatabase).close();
        onGone();
      },
      terminated: onGone,
    });
  const settled = open().catch((error: unknown) => {
    // The tables are of a newer studio than this page is of.
    const isNewer = error instanceof DOMException && error.name === 'VersionError';
    refuse({ code: isNewer ? 'storage-blocked' : 'storage-denied' }, error);
    return null;
  });
  const answer = new Promise<Database>((resolve, reject) => {
    giveUp.signal.addEventListener('abort', () => reject(giveUp.signal.reason as FailureError));
    void settled.then((db) => {
      clearTimeout(timer);
      if (db !== null) resolve(db);
    });
  });
  return { answer, settled };
}
