/** Read, hash, write and nothing else: what an install comes to when nothing may go wrong. */
const CHUNK_BYTES = 8 * 2 ** 20;

addEventListener('message', async ({ data }) => {
  try {
    postMessage({ ok: true, ms: await measure(data) });
  } catch (error) {
    postMessage({ ok: false, message: error instanceof Error ? error.message : String(error) });
  }
});

/** urls: what is fetched, one after the other */
async function measure(urls) {
  // Served beside the studio for this measurement.
  const { createSHA256 } = await import(new URL('/hash-wasm/index.esm.js', location.href).href);
  const database = await openDatabase();
  const startedAt = performance.now();
  for (const url of urls) {
    const hasher = (await createSHA256()).init();
    const reader = (await fetch(url, { cache: 'no-store' })).body.getReader();
    let buffer = new Uint8Array(CHUNK_BYTES);
    let filled = 0;
    let index = 0;
    const write = async () => {
      await put(database, `${url}#${index++}`, new Blob([buffer.subarray(0, filled)]));
      filled = 0;
    };
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      hasher.update(value);
      for (let at = 0; at < value.byteLength; ) {
        const piece = value.subarray(at, at + CHUNK_BYTES - filled);
        buffer.set(piece, filled);
        filled += piece.byteLength;
        at += piece.byteLength;
        if (filled === CHUNK_BYTES) await write();
      }
    }
    if (filled > 0) await write();
    hasher.digest();
  }
  const ms = performance.now() - startedAt;
  database.close();
  indexedDB.deleteDatabase('bare');
  return ms;
}

function openDatabase() {
  const open = indexedDB.open('bare', 1);
  open.addEventListener('upgradeneeded', () => open.result.createObjectStore('chunks'));
  return new Promise((resolve, reject) => {
    open.addEventListener('success', () => resolve(open.result));
    open.addEventListener('error', () => reject(open.error));
  });
}

function put(database, name, blob) {
  const transaction = database.transaction('chunks', 'readwrite', { durability: 'relaxed' });
  transaction.objectStore('chunks').put(blob, name);
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', resolve);
    transaction.addEventListener('abort', () => reject(transaction.error));
  });
}
