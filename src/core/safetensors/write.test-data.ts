/** Writes safetensors for tests, sound or with anything wrong in them. */

export interface TestTensor {
  dtype?: string;
  shape: number[];
  data: Uint8Array | Float32Array | Uint16Array;
}

export function headerJson(tensors: Record<string, TestTensor>, metadata?: Record<string, string>): string {
  const entries: [string, unknown][] = metadata ? [['__metadata__', metadata]] : [];
  let at = 0;
  for (const [name, { dtype = 'F32', shape, data }] of Object.entries(tensors)) {
    entries.push([name, { dtype, shape, data_offsets: [at, at + data.byteLength] }]);
    at += data.byteLength;
  }
  return `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** @param length of the header as the file claims it */
export function fileOf(
  json: string | Uint8Array,
  data: Uint8Array,
  length?: bigint,
): Uint8Array<ArrayBuffer> {
  const header = typeof json === 'string' ? new TextEncoder().encode(json) : json;
  const file = new Uint8Array(8 + header.length + data.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(header.length), true);
  file.set(header, 8);
  file.set(data, 8 + header.length);
  return file;
}

export function safetensors(
  tensors: Record<string, TestTensor>,
  metadata?: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const parts = Object.values(tensors).map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  const data = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return fileOf(headerJson(tensors, metadata), data);
}
