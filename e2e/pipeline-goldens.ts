/**
 * What `diffusers` made of the tiny pipelines' weights (written by `python -m forge.tiny golden`), what torch makes of
 * the starter's (`python -m forge golden`), and the measures by which our pictures are held to it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '#core/models/manifest.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';

const FOLDER = join(import.meta.dirname, 'goldens');

interface Place {
  type: 'float32' | 'uint8';
  shape: number[];
  offsetBytes: number;
}

export interface GoldenCase {
  id: string;
  request: GenerateRequest;
  pictureIndex: number;
  /** `ve`: the reference's latents are data + sigma·noise; `vp` and `flow` are ours already. */
  coordinates: 'vp' | 've' | 'flow';
  /** Of the `ve` coordinates: one more than there are steps. */
  sigmas: number[] | null;
  file: string;
  /** A wrong seed, prompt and, where the reference takes another, sampler. */
  mistakes: Partial<GenerateRequest>;
  /** Where the reference reads the same weights otherwise than the manifest says. */
  noise?: Partial<Manifest['noise']>;
  tensors: Record<'noise' | 'text' | 'latents' | 'picture', Place> & {
    negativeText?: Place | null;
    /** What it starts from, RGB, and of an inpainting the mask and a wrong one, one byte a pixel. */
    init?: Place;
    mask?: Place;
    wrongMask?: Place;
  };
}

export function goldenCases(set: 'pipelines' | 'starter' | 'sources' = 'pipelines'): GoldenCase[] {
  const text = readFileSync(join(FOLDER, set, 'cases.json'), 'utf8');
  const { cases } = JSON.parse(text) as { cases: GoldenCase[] };
  return cases.map((golden) => ({ ...golden, file: `${set}/${golden.file}` }));
}

export function goldenFloats(
  golden: GoldenCase,
  name: 'noise' | 'text' | 'negativeText' | 'latents',
): Float32Array {
  return new Float32Array(bytesAt(golden, golden.tensors[name]!, 4));
}

/** RGB bytes, row by row. */
export function goldenPicture(golden: GoldenCase): Uint8Array {
  return new Uint8Array(bytesAt(golden, golden.tensors.picture, 1));
}

/** What a case starts from, as RGBA; null where it has none of that name. */
export function goldenInput(
  golden: GoldenCase,
  name: 'init' | 'mask' | 'wrongMask',
): { data: Uint8ClampedArray<ArrayBuffer>; widthPx: number; heightPx: number; channels: 4 } | null {
  const place = golden.tensors[name];
  if (place === undefined) return null;
  const bytes = new Uint8Array(bytesAt(golden, place, 1));
  const [heightPx, widthPx, channels = 1] = place.shape as [number, number, number?];
  const data = new Uint8ClampedArray(4 * widthPx * heightPx).fill(255);
  for (let i = 0; i < widthPx * heightPx; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = bytes[i * channels + Math.min(c, channels - 1)]!;
  }
  return { data, widthPx, heightPx, channels: 4 };
}

/** The latent after each step, as alpha·data + sigma·noise with the alpha and sigma of the samplers here. */
export function goldenLatents(golden: GoldenCase): Float32Array[] {
  const all = goldenFloats(golden, 'latents');
  const steps = golden.tensors.latents.shape[0]!;
  const size = all.length / steps;
  return Array.from({ length: steps }, (_, i) => {
    const latent = all.subarray(i * size, (i + 1) * size);
    const sigma = golden.sigmas?.[i + 1] ?? 0;
    return golden.coordinates === 've' ? latent.map((value) => value / Math.sqrt(sigma ** 2 + 1)) : latent;
  });
}

/** The same request with one thing wrong: none of these may pass for the golden picture. */
export function wrongRequests({ mistakes }: GoldenCase): Partial<GenerateRequest>[] {
  return Object.entries(mistakes).map(([field, value]) => ({ [field]: value }));
}

function bytesAt({ file }: GoldenCase, { shape, offsetBytes }: Place, elementBytes: number): ArrayBuffer {
  const bytes = readFileSync(join(FOLDER, file));
  const length = shape.reduce((a, b) => a * b) * elementBytes;
  const start = bytes.byteOffset + offsetBytes;
  return bytes.buffer.slice(start, start + length) as ArrayBuffer;
}

/** Largest difference over the largest expected value. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let worst = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst)) worst = difference;
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  // Zeros are expected where an empty prompt is read as zeros; then the difference itself is the error.
  return largest === 0 ? worst : worst / largest;
}

/** Peak signal-to-noise ratio of bytes; infinite for equal ones, NaN for other lengths. */
export function psnrDb(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

/** Standard deviation of bytes. */
export function deviation(values: Uint8Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length);
}

/** RGBA bytes without their alpha. */
export function opaqueRgb(rgba: ArrayLike<number>): Uint8Array {
  return Uint8Array.from({ length: (rgba.length / 4) * 3 }, (_, i) => rgba[Math.floor(i / 3) * 4 + (i % 3)]!);
}
