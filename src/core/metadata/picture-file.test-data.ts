/** Picture files for tests: the frames of JPEG and WebP with any words in them, around no pixels. */

export interface ExifEntry {
  tag: number;
  bytes: Uint8Array;
  /** 2 for ASCII, 7 for undefined. */
  type?: number;
}

export const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
export const join = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

const number = (value: number, bytes: number, isLittle: boolean) => {
  const digits = Array.from({ length: bytes }, (_, k) => Math.floor(value / 256 ** k) % 256);
  return Uint8Array.from(isLittle ? digits : digits.toReversed());
};

const sizeOf = (entries: number) => 2 + entries * 12 + 4;

/** A TIFF of a first directory, and of a second one behind its pointer where there are entries for it. */
export function tiff(isLittle: boolean, first: ExifEntry[], second: ExifEntry[] = []): Uint8Array {
  const word = (value: number) => number(value, 2, isLittle);
  const long = (value: number) => number(value, 4, isLittle);
  const pointers = second.length > 0 ? 1 : 0;
  const secondAt = 8 + sizeOf(first.length + pointers);
  let dataAt = secondAt + (pointers === 0 ? 0 : sizeOf(second.length));
  const data: Uint8Array[] = [];
  const rows = (entries: ExifEntry[]) =>
    entries.map(({ tag, bytes, type = 7 }) => {
      const head = join(word(tag), word(type), long(bytes.length));
      if (bytes.length <= 4) return join(head, bytes, new Uint8Array(4 - bytes.length));
      const row = join(head, long(dataAt));
      dataAt += bytes.length;
      data.push(bytes);
      return row;
    });
  const pointer = pointers === 0 ? [] : [join(word(0x8769), word(4), long(1), long(secondAt))];
  const directory = (list: Uint8Array[]) => join(word(list.length), ...list, long(0));
  const head = join(latin1(isLittle ? 'II' : 'MM'), word(42), long(8));
  const directories = [directory([...rows(first), ...pointer])];
  if (pointers === 1) directories.push(directory(rows(second)));
  return join(head, ...directories, ...data);
}

export function utf16(text: string, isLittle: boolean): Uint8Array {
  return join(...[...Array(text.length).keys()].map((k) => number(text.charCodeAt(k), 2, isLittle)));
}

const segment = (marker: number, data: Uint8Array) =>
  join(Uint8Array.of(0xff, marker), number(data.length + 2, 2, false), data);

export function jpeg({
  exif,
  xmp,
  comment,
}: {
  exif?: Uint8Array;
  xmp?: string;
  comment?: string;
}): Uint8Array {
  return join(
    Uint8Array.of(0xff, 0xd8),
    ...(exif === undefined ? [] : [segment(0xe1, join(latin1('Exif\0\0'), exif))]),
    ...(xmp === undefined
      ? []
      : [segment(0xe1, join(latin1('http://ns.adobe.com/xap/1.0/\0'), new TextEncoder().encode(xmp)))]),
    ...(comment === undefined ? [] : [segment(0xfe, new TextEncoder().encode(comment))]),
    segment(0xc0, Uint8Array.of(8, 0, 48, 0, 64, 1, 1, 0x11, 0)),
    segment(0xda, Uint8Array.of(1, 1, 0, 0, 63, 0)),
    Uint8Array.of(0xff, 0xd9),
  );
}

const chunk = (type: string, data: Uint8Array) =>
  join(latin1(type), number(data.length, 4, true), data, new Uint8Array(data.length % 2));

export function webp({ exif, xmp }: { exif?: Uint8Array; xmp?: string }): Uint8Array {
  const body = join(
    latin1('WEBP'),
    chunk('VP8X', Uint8Array.of(12, 0, 0, 0, 63, 0, 0, 47, 0, 0)),
    chunk('VP8L', Uint8Array.of(0x2f, 63, 0xc0, 11, 0)),
    ...(exif === undefined ? [] : [chunk('EXIF', exif)]),
    ...(xmp === undefined ? [] : [chunk('XMP ', new TextEncoder().encode(xmp))]),
  );
  return join(latin1('RIFF'), number(body.length, 4, true), body);
}
