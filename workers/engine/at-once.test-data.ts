/** The two browser classes that the engine makes its PNG files with, as little as Node needs to do the same. */
import { crc32, deflateSync } from 'node:zlib';

class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}

class PlainCanvas {
  #image: PlainImageData | null = null;
  getContext() {
    return {
      putImageData: (image: PlainImageData) => {
        this.#image = image;
      },
    };
  }
  async convertToBlob(): Promise<Blob> {
    if (this.#image === null) throw new Error('Nothing was drawn.');
    const { data, width, height } = this.#image;
    const rows = Buffer.alloc(height * (1 + width * 3));
    // Opaque: the fourth channel says nothing.
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = 4 * (y * width + x);
        rows.set(data.subarray(from, from + 3), y * (1 + width * 3) + 1 + 3 * x);
      }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([8, 2, 0, 0, 0], 8);
    const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
    const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
    return new Blob([Buffer.concat([signature, ...chunks])]);
  }
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  framed.set(body, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** Call before the engine makes a picture. */
export function provideCanvas(): void {
  Object.assign(globalThis, { ImageData: PlainImageData, OffscreenCanvas: PlainCanvas });
}
