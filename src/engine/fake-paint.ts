/** Pictures for the fake engine: a ground and a few shapes that the seed and the prompt decide. Never in a build. */
import type { Failure } from '#core/failure.ts';
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { createFakeEngine } from './fake.ts';

const GROUNDS: Record<string, string> = {
  blue: '#5b8def',
  yellow: '#f5c84c',
  green: '#7cc38a',
  pink: '#f19cb7',
  orange: '#f2994a',
};

/** @param mode what stands after `?fake=`: `fail` makes each run fail, anything else paints */
export function createPaintingEngine(mode: string) {
  return createFakeEngine({
    stepMs: 350,
    paint: paintPng,
    preview: paintPreview,
    ...(mode === 'fail' ? { failWith: FAILURE } : {}),
  });
}

const FAILURE: Failure = {
  code: 'out-of-memory',
  device: 'webgpu',
  neededBytes: 2_100_000_000,
  heldBytes: 640_000_000,
  detail: 'createBuffer failed',
};

async function paintPng(request: GenerateRequest, seed: number): Promise<Blob> {
  return draw(request, seed, 1).convertToBlob({ type: 'image/png' });
}

async function paintPreview(request: GenerateRequest, seed: number, done: number): Promise<ImageBitmap> {
  return draw(request, seed, done).transferToImageBitmap();
}

function draw(request: GenerateRequest, seed: number, done: number): OffscreenCanvas {
  const { widthPx: width, heightPx: height, prompt } = request;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('no 2d context');
  const random = mulberry(seed);
  const ground = Object.entries(GROUNDS).find(([name]) => prompt.includes(`${name} background`))?.[1];
  context.fillStyle = ground ?? `hsl(${random() * 360} 45% 82%)`;
  context.fillRect(0, 0, width, height);
  const hue = prompt.includes('red') ? 4 : random() * 360;
  const side = Math.min(width, height);
  const x = width / 2;
  const y = height * 0.54;
  context.fillStyle = 'rgb(0 0 0 / 0.16)';
  context.beginPath();
  context.ellipse(x, height * 0.84, side * 0.26, side * 0.045, 0, 0, 7);
  context.fill();
  const shade = context.createRadialGradient(
    x - side * 0.12,
    y - side * 0.14,
    side * 0.02,
    x,
    y,
    side * 0.36,
  );
  shade.addColorStop(0, `hsl(${hue} 90% 74%)`);
  shade.addColorStop(0.55, `hsl(${hue} 78% 54%)`);
  shade.addColorStop(1, `hsl(${hue} 80% 36%)`);
  context.fillStyle = shade;
  context.beginPath();
  context.ellipse(x - side * 0.09, y, side * 0.21, side * 0.27, 0.12, 0, 7);
  context.ellipse(x + side * 0.09, y, side * 0.21, side * 0.27, -0.12, 0, 7);
  context.fill();
  context.strokeStyle = '#6b4226';
  context.lineWidth = side * 0.035;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(x, y - side * 0.22);
  context.quadraticCurveTo(
    x + side * 0.01,
    y - side * 0.34,
    x + side * (0.04 + random() * 0.06),
    y - side * 0.38,
  );
  context.stroke();
  context.fillStyle = '#58a55c';
  context.beginPath();
  context.ellipse(x + side * 0.13, y - side * 0.32, side * 0.1, side * 0.05, -0.5, 0, 7);
  context.fill();
  blur(context, canvas, (1 - done) * side * 0.14);
  grain(context, width, height, (1 - done) ** 0.7 * 0.75, random);
  return canvas;
}

function blur(context: OffscreenCanvasRenderingContext2D, canvas: OffscreenCanvas, radius: number): void {
  if (radius === 0) return;
  context.filter = `blur(${radius}px)`;
  context.drawImage(canvas, 0, 0);
  context.filter = 'none';
}

function grain(
  context: OffscreenCanvasRenderingContext2D,
  width: number,
  height: number,
  amount: number,
  random: () => number,
): void {
  if (amount === 0) return;
  const image = context.getImageData(0, 0, width, height);
  for (let at = 0; at < image.data.length; at++) {
    if (at % 4 !== 3) image.data[at] = (image.data[at] ?? 0) * (1 - amount) + random() * 255 * amount;
  }
  context.putImageData(image, 0, 0);
}

function mulberry(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
