/** Pictures as bytes. */

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Row by row, the channels of a pixel side by side: four of a picture, one of a mask. */
export interface Pixels extends Size {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly channels: 1 | 4;
}

/** Pixels of a picture's own grid; it may reach beyond the picture. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

export function pictureOf({ widthPx, heightPx }: Size, data: Uint8ClampedArray<ArrayBuffer>): Pixels {
  return { widthPx, heightPx, data, channels: 4 };
}

/** What lies in a rectangle. Beyond the picture's edges its nearest pixel repeats, or stands `beyond`. */
export function cut(pixels: Pixels, rect: Rect, beyond?: number): Pixels {
  const { channels, widthPx, heightPx } = pixels;
  const data = new Uint8ClampedArray(rect.widthPx * rect.heightPx * channels);
  for (let row = 0; row < rect.heightPx; row++) {
    const y = clamp(rect.y + row, heightPx);
    for (let column = 0; column < rect.widthPx; column++) {
      const x = clamp(rect.x + column, widthPx);
      const isOutside = y !== rect.y + row || x !== rect.x + column;
      const to = (row * rect.widthPx + column) * channels;
      const from = (y * widthPx + x) * channels;
      for (let c = 0; c < channels; c++) {
        data[to + c] = isOutside && beyond !== undefined ? beyond : pixels.data[from + c]!;
      }
    }
  }
  return { data, channels, widthPx: rect.widthPx, heightPx: rect.heightPx };
}

/** Over white: what starts a picture has no holes. */
export function opaque({ data, ...size }: Pixels): Pixels {
  const flat = new Uint8ClampedArray(data);
  for (let i = 0; i < flat.length; i += 4) {
    const alpha = data[i + 3]! / 255;
    for (let c = i; c < i + 3; c++) flat[c] = data[c]! * alpha + 255 * (1 - alpha);
    flat[i + 3] = 255;
  }
  return { ...size, data: flat };
}

function clamp(position: number, length: number): number {
  return Math.min(Math.max(position, 0), length - 1);
}
