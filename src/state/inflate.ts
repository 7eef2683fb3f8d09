/** Undoes zlib with the browser's own means, piece by piece: who reads it may stop at a bomb. */
export async function* inflate(compressed: Uint8Array): AsyncGenerator<Uint8Array> {
  const body = new Blob([new Uint8Array(compressed)]).stream();
  const reader = body.pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
