/** IndexedDB by promises (`idb`), with no rejection that nobody can hear. */
import { type DBSchema, type IDBPDatabase, type OpenDBCallbacks, openDB, unwrap, wrap } from 'idb';

/**
 * As `openDB`. That makes a promise of each transaction's end, also where only its requests are waited for; when the
 * browser clears the storage, those promises are rejected with nobody to catch them (idb, issue 320). Here each is
 * caught. The requests, and whoever waits for `done`, hear of it as before.
 */
export async function openTables<Tables extends DBSchema>(
  name: string,
  version: number,
  callbacks: OpenDBCallbacks<Tables>,
): Promise<IDBPDatabase<Tables>> {
  const db = await openDB<Tables>(name, version, callbacks);
  const raw = unwrap(db) as IDBDatabase;
  const begin = raw.transaction.bind(raw);
  raw.transaction = (...args) => {
    const transaction = begin(...args);
    wrap(transaction).done.catch(() => undefined);
    return transaction;
  };
  return db;
}
