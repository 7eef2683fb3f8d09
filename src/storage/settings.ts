/**
 * Small settings that must be there before the first paint, so they live in `localStorage`: one JSON value a key.
 * A browser that denies storage gets a memory that lasts as long as the page.
 */
const PREFIX = 'kiln.';

export interface SettingsStore {
  /** The stored value, or null when there is none or it cannot be read. The caller checks its shape. */
  read(key: string): unknown;
  write(key: string, value: unknown): void;
}

export function openSettings(): SettingsStore {
  const storage = usableLocalStorage();
  return storage === null ? openMemorySettings() : { read: (k) => read(storage, k), write: write(storage) };
}

export function openMemorySettings(): SettingsStore {
  const values = new Map<string, unknown>();
  return {
    read: (key) => values.get(key) ?? null,
    write: (key, value) => void values.set(key, value),
  };
}

function usableLocalStorage(): Storage | null {
  try {
    const storage = globalThis.localStorage;
    storage.getItem(PREFIX);
    return storage;
  } catch {
    return null;
  }
}

function read(storage: Storage, key: string): unknown {
  try {
    const text = storage.getItem(PREFIX + key);
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function write(storage: Storage) {
  return (key: string, value: unknown): void => {
    try {
      storage.setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // A full or denied storage loses a preference, not a picture: the studio goes on.
    }
  };
}
