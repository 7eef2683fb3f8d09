/**
 * Reads the directory of a zip archive that holds plain, stored entries, within limits: lengths are checked before
 * anything is allocated, and what this studio does not write is refused. The format is PKWARE's APPNOTE 6.3.
 */

export interface ZipLimits {
  maxEntries: number;
  maxDirectoryBytes: number;
}

export interface ZipEntry {
  path: string;
  /** Of the entry's local header, which precedes its bytes. */
  headerAt: number;
  sizeBytes: number;
}

export type ZipResult<T> = { ok: true; value: T } | { ok: false; reason: string };

const END_BYTES = 22;
const MAX_COMMENT_BYTES = 65_535;
const LOCATOR_BYTES = 20;
const END64_BYTES = 56;
export const LOCAL_HEADER_BYTES = 30;
const PATH = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*(\/[A-Za-z0-9_][A-Za-z0-9_.@-]*){0,9}$/;
const FULL_16 = 0xffff;
const FULL_32 = 0xffffffff;

/** How many bytes of the archive's end hold everything that `findDirectory` needs. */
export const END_WINDOW_BYTES = END_BYTES + MAX_COMMENT_BYTES + LOCATOR_BYTES + END64_BYTES;

/**
 * @param end the last bytes of the archive, `END_WINDOW_BYTES` of them or all there are
 * @param archiveBytes the length of the whole
 * @returns where the directory lies and how many entries it has
 */
export function findDirectory(
  end: Uint8Array,
  archiveBytes: number,
  limits: ZipLimits,
): ZipResult<{ at: number; sizeBytes: number; entries: number }> {
  const view = new DataView(end.buffer, end.byteOffset, end.byteLength);
  let at = end.byteLength - END_BYTES;
  for (; at >= 0; at--) {
    // The comment reaches exactly to the end: else the mark is a part of it.
    if (
      view.getUint32(at, true) === 0x06054b50 &&
      at + END_BYTES + view.getUint16(at + 20, true) === end.byteLength
    )
      break;
  }
  if (at < 0) return { ok: false, reason: 'it has no zip directory' };
  let entries = view.getUint16(at + 10, true);
  let sizeBytes = view.getUint32(at + 12, true);
  let start = view.getUint32(at + 16, true);
  if (view.getUint16(at + 4, true) !== 0 && view.getUint16(at + 4, true) !== FULL_16) {
    return { ok: false, reason: 'it is split into several files' };
  }
  if (entries === FULL_16 || sizeBytes === FULL_32 || start === FULL_32) {
    const end64 = at - LOCATOR_BYTES - END64_BYTES;
    const hasBoth =
      end64 >= 0 &&
      view.getUint32(end64, true) === 0x06064b50 &&
      view.getUint32(end64 + END64_BYTES, true) === 0x07064b50;
    if (!hasBoth) return { ok: false, reason: 'its large directory cannot be found' };
    entries = safe(view.getBigUint64(end64 + 32, true));
    sizeBytes = safe(view.getBigUint64(end64 + 40, true));
    start = safe(view.getBigUint64(end64 + 48, true));
  }
  if (entries > limits.maxEntries) return { ok: false, reason: 'it has too many entries' };
  if (sizeBytes > limits.maxDirectoryBytes) return { ok: false, reason: 'its directory is too long' };
  if (start + sizeBytes > archiveBytes) return { ok: false, reason: 'its directory lies outside it' };
  return { ok: true, value: { at: start, sizeBytes, entries } };
}

/**
 * @param directory its bytes, exactly
 * @param directoryAt where they lie in the archive: every entry lies before them
 */
export function readDirectory(
  directory: Uint8Array,
  directoryAt: number,
  entries: number,
): ZipResult<ZipEntry[]> {
  const view = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const found: ZipEntry[] = [];
  const paths = new Set<string>();
  let at = 0;
  for (let i = 0; i < entries; i++) {
    if (at + 46 > directory.byteLength || view.getUint32(at, true) !== 0x02014b50) {
      return { ok: false, reason: 'its directory is damaged' };
    }
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const nameBytes = view.getUint16(at + 28, true);
    const extraBytes = view.getUint16(at + 30, true);
    const next = at + 46 + nameBytes + extraBytes + view.getUint16(at + 32, true);
    if (next > directory.byteLength) return { ok: false, reason: 'its directory is damaged' };
    const path = plainName(directory.subarray(at + 46, at + 46 + nameBytes));
    if (path === null) return { ok: false, reason: 'an entry has a name that is not a plain path' };
    if ((flags & 1) !== 0) return { ok: false, reason: `"${path}" is encrypted` };
    if (method !== 0) return { ok: false, reason: `"${path}" is compressed` };
    if (paths.has(path)) return { ok: false, reason: `"${path}" is there twice` };
    const sizes = sizesOf(view, at, at + 46 + nameBytes, extraBytes);
    if (sizes === null) return { ok: false, reason: `the size of "${path}" cannot be read` };
    if (sizes.stored !== sizes.whole) return { ok: false, reason: `"${path}" has two sizes` };
    if (sizes.headerAt + LOCAL_HEADER_BYTES + nameBytes + sizes.whole > directoryAt) {
      return { ok: false, reason: `"${path}" lies outside the archive` };
    }
    paths.add(path);
    found.push({ path, headerAt: sizes.headerAt, sizeBytes: sizes.whole });
    at = next;
  }
  return { ok: true, value: found };
}

/**
 * @param header the first `LOCAL_HEADER_BYTES` at the entry's place
 * @returns where the entry's bytes begin, from the start of its header; null when that is no header
 */
export function contentOffset(header: Uint8Array): number | null {
  if (header.byteLength < LOCAL_HEADER_BYTES) return null;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50) return null;
  return LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
}

function sizesOf(view: DataView, at: number, extraAt: number, extraBytes: number) {
  let stored = view.getUint32(at + 20, true);
  let whole = view.getUint32(at + 24, true);
  let headerAt = view.getUint32(at + 42, true);
  if (stored !== FULL_32 && whole !== FULL_32 && headerAt !== FULL_32) return { stored, whole, headerAt };
  const end = extraAt + extraBytes;
  for (let field = extraAt; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue;
    let value = field + 4;
    const valuesEnd = value + view.getUint16(field + 2, true);
    const take = (): number | null => {
      if (value + 8 > valuesEnd || value + 8 > end) return null;
      value += 8;
      return safe(view.getBigUint64(value - 8, true));
    };
    // Only what does not fit into 32 bits is there, in this order.
    const large = [whole === FULL_32, stored === FULL_32, headerAt === FULL_32].map((is) =>
      is ? take() : undefined,
    );
    if (large.includes(null)) return null;
    whole = large[0] ?? whole;
    stored = large[1] ?? stored;
    headerAt = large[2] ?? headerAt;
    return { stored, whole, headerAt };
  }
  return null;
}

/** Larger than any sum that is compared with it, where it is not exact. */
function safe(value: bigint): number {
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.POSITIVE_INFINITY : Number(value);
}

function plainName(bytes: Uint8Array): string | null {
  if (bytes.byteLength === 0 || bytes.byteLength > 400) return null;
  const name = String.fromCharCode(...bytes);
  return PATH.test(name) && !name.split('/').includes('..') ? name : null;
}
