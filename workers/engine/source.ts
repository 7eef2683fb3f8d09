/** The picture that a request starts from, made ready once for all pictures of the request. */
import { FailureError } from '#core/failure.ts';
import { filled } from '#core/mask/fill.ts';
import { boundsOf, cellsOf, composite, maskOf, regionOf, softened } from '#core/mask/mask.ts';
import { MAX_RESULT_PX } from '#core/pipeline/check-inputs.ts';
import type { Extend, Fit, GenerateRequest, InitUse } from '#core/pipeline/request.ts';
import { cut, opaque, pictureOf, type Pixels, type Rect, type Size } from '#core/pixels/pixels.ts';
import { contain, cover, resample } from '#core/pixels/resample.ts';
import type { InputStore } from '#storage/inputs.ts';
import { decodePicture } from '../runtime/pixels.ts';
import type { OpenModel } from './model.ts';
import { encode, type LatentShape, type Posterior } from './network.ts';

/** The files that a request names, as pixels. */
export interface InputPictures {
  picture: Pixels;
  mask: Pixels | null;
}

export interface Source {
  init: InitUse;
  /** Of what is drawn, before noise; masked content is already in it, but for noise. */
  posterior: Posterior;
  /** Cells that are drawn anew, one byte each; null where all are. */
  cells: Uint8Array | null;
  /** What was drawn, and what was not, together. */
  finish: (drawn: Pixels) => Pixels;
  /** Of the result. */
  size: Size;
}

/**
 * Reads what a request names.
 * @param files come with the job, by their sha256
 * @throws FailureError `input-missing`, `picture-unreadable`, `picture-too-large`
 */
export async function readInputs(
  store: InputStore,
  init: InitUse,
  files: Readonly<Record<string, Blob>> = {},
): Promise<InputPictures> {
  const read = async (sha256: string, what: 'picture' | 'mask'): Promise<Pixels> => {
    const file = files[sha256] ?? (await store.get(sha256));
    if (file === null) throw new FailureError({ code: 'input-missing', what });
    const { rgba, ...size } = await decodePicture(file, checkSize);
    return pictureOf(size, rgba);
  };
  const maskFile = init.mask?.sha256 ?? null;
  return {
    picture: await read(init.sha256, 'picture'),
    mask: maskFile === null ? null : await read(maskFile, 'mask'),
  };
}

function checkSize(size: Size): void {
  if (Math.max(size.widthPx, size.heightPx) > MAX_RESULT_PX) {
    throw new FailureError({ code: 'picture-too-large', ...size, maxPx: MAX_RESULT_PX });
  }
}

/** What is drawn, of what, and how it comes back: everything about a source that needs no network. */
export interface Framed {
  /** As large as the request, masked content in place. */
  picture: Pixels;
  /** As large; null where all is drawn anew. */
  mask: Pixels | null;
  finish: (drawn: Pixels) => Pixels;
  /** Of the result. */
  size: Size;
}

/** @throws FailureError `mask-empty`, `picture-too-large` */
export function frameSource(init: InitUse, inputs: InputPictures, drawn: Size): Framed {
  const { fit, mask: use } = init;
  const whole = extended(opaque(inputs.picture), init.extend);
  checkSize(whole);
  if (use === undefined) {
    return { picture: fitted(whole, drawn, fit), mask: null, finish: (result) => result, size: drawn };
  }
  const painted = extendedMask(inputs.mask, inputs.picture, init.extend);
  const bounds = boundsOf(painted);
  if (bounds === null) throw new FailureError({ code: 'mask-empty' });
  const region = use.onlyMasked && regionOf(bounds, use.onlyMasked.paddingPx, whole, drawn);
  const base = region === null ? fitted(whole, drawn, fit) : whole;
  const baseMask = region === null ? fitted(painted, drawn, fit) : painted;
  const soft = softened(baseMask, use.blurPx);
  const place: Rect = region ?? { ...drawn, x: 0, y: 0 };
  const own = (pixels: Pixels) => resample(cut(pixels, place), drawn);
  const mask = own(baseMask);
  const under = own(base);
  return {
    picture: use.content === 'fill' ? filled(under, mask) : under,
    mask,
    size: region === null ? drawn : whole,
    finish: (result) => composite(base, resample(result, place), soft, place),
  };
}

/** @throws FailureError as `frameSource`, `result-invalid`, and as `openModel` */
export async function prepareSource(
  model: OpenModel,
  request: GenerateRequest,
  inputs: InputPictures,
  job: Parameters<OpenModel['need']>[1],
): Promise<Source> {
  const { init } = request;
  const { encoder, latent } = model.manifest;
  if (init === undefined || encoder === undefined) throw new Error('There is nothing to start from.');
  const framed = frameSource(init, inputs, request);
  const session = await model.need(encoder.part, job);
  const shape: LatentShape = [
    1,
    latent.channels,
    request.heightPx / latent.downscale,
    request.widthPx / latent.downscale,
  ];
  return {
    init,
    posterior: await encode(model, session, toPlanes(framed.picture), shape),
    cells: framed.mask && cellsOf(framed.mask, latent.downscale),
    finish: framed.finish,
    size: framed.size,
  };
}

/** @returns [3, heightPx, widthPx] in -1..1 */
export function toPlanes({ data, widthPx, heightPx }: Pixels): Float32Array {
  const plane = widthPx * heightPx;
  const rgb = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) rgb[c * plane + i] = (data[4 * i + c]! / 255) * 2 - 1;
  }
  return rgb;
}

function fitted(pixels: Pixels, size: Size, fit: Fit): Pixels {
  switch (fit) {
    case 'crop':
      return cover(pixels, size);
    case 'pad':
      return contain(pixels, size);
    case 'stretch':
      return resample(pixels, size);
  }
}

function extended(picture: Pixels, extend: Extend | undefined): Pixels {
  return extend === undefined ? picture : cut(picture, frameOf(picture, extend));
}

/** What was painted, as large as the picture, with all that is new in the frame. */
function extendedMask(mask: Pixels | null, picture: Size, extend: Extend | undefined): Pixels {
  const { widthPx, heightPx } = picture;
  const none: Pixels = { data: new Uint8ClampedArray(widthPx * heightPx), channels: 1, widthPx, heightPx };
  const painted = mask === null ? none : resample(maskOf(mask), { widthPx, heightPx });
  return extend === undefined ? painted : cut(painted, frameOf(picture, extend), 255);
}

function frameOf({ widthPx, heightPx }: Size, { leftPx, topPx, rightPx, bottomPx }: Extend): Rect {
  return {
    x: -leftPx,
    y: -topPx,
    widthPx: leftPx + widthPx + rightPx,
    heightPx: topPx + heightPx + bottomPx,
  };
}
