/** The upscaler, once opened, stays: it is small enough to be beside any model. */
import { FailureError } from '#core/failure.ts';
import { pictureOf } from '#core/pixels/pixels.ts';
import type { DeviceKind, UpscaledPicture } from '#engine/api.ts';
import type { Gpu } from '../runtime/device.ts';
import { refusal } from './fault.ts';
import type { CommonEvent, JobRun, Way } from './job-run.ts';
import type { Enlarge } from './second-pass.ts';
import { openUpscaler, type OpenUpscaler, upscalePicture, upscalePixels } from './upscale.ts';

interface Opened {
  key: string;
  upscaler: OpenUpscaler;
  gpu: Gpu | null;
}

export class ResidentUpscaler {
  #opened: Opened | null = null;
  readonly #ensureGpu: () => Promise<Gpu>;

  constructor(ensureGpu: () => Promise<Gpu>) {
    this.#ensureGpu = ensureGpu;
  }

  /** Opens it on the device, unless it is open there. @throws FailureError as `openUpscaler` */
  async open(
    device: DeviceKind,
    options: {
      float16: boolean;
      strictGpu: boolean;
      signal: AbortSignal;
      emit: (event: CommonEvent) => void;
    },
  ): Promise<OpenUpscaler> {
    return (await this.#open(device, options)).upscaler;
  }

  /** A picture file twice as large. @throws FailureError as `openUpscaler` and `upscalePicture` */
  async enlarge<Event>(
    { strictGpu }: { strictGpu: boolean },
    { signal, emit }: JobRun<Event>,
    { device, float16 }: Pick<Way, 'device' | 'float16'>,
    file: Blob,
    onTile: (tile: number, tiles: number) => void,
  ): Promise<UpscaledPicture> {
    const { upscaler, gpu } = await this.#open(device, { float16, strictGpu, signal, emit });
    const picture = await upscalePicture(upscaler, file, { signal, onTile });
    // A refused buffer leaves zeros or old data behind instead of throwing.
    if (gpu?.refused) throw new FailureError(refusal(gpu.refused));
    return { ...picture, device };
  }

  async close(): Promise<void> {
    const opened = this.#opened;
    this.#opened = null;
    // A session of a lost device cannot be released in order; nothing of it is left to free.
    await opened?.upscaler.session.release().catch(() => undefined);
  }

  async #open(device: DeviceKind, options: Parameters<ResidentUpscaler['open']>[1]): Promise<Opened> {
    const key = JSON.stringify([device, options.float16, options.strictGpu]);
    if (this.#opened?.key === key && this.#opened.gpu?.lost == null) return this.#opened;
    await this.close();
    const gpu = device === 'webgpu' ? await this.#ensureGpu() : null;
    this.#opened = { key, gpu, upscaler: await openUpscaler({ gpu, ...options }) };
    return this.#opened;
  }
}

/** How the upscaler serves a second pass. */
export function enlargerOf(
  upscaler: OpenUpscaler,
  signal: AbortSignal,
): { enlarge: Enlarge; upscalerName: string } {
  const { name, scale } = upscaler.manifest;
  return {
    upscalerName: name,
    enlarge: async ({ data, widthPx, heightPx }, onTile) => {
      const larger = await upscalePixels(upscaler, data, { widthPx, heightPx }, { signal, onTile });
      return pictureOf({ widthPx: scale * widthPx, heightPx: scale * heightPx }, larger);
    },
  };
}
