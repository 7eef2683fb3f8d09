// @ts-check
/**
 * What `npm run generate` starts from, where it is not words alone.
 * @import { Option } from './options.mjs'
 * @import { GenerateRequest } from '../src/core/pipeline/request.ts'
 */
import { Sentence } from './sentence.mjs';

/** As in src/core/pipeline/request.ts. */
const MAX_SEED = 4_294_967_295;
const MAX_EXTEND_PX = 4096;
const MAX_HIRES_SCALE = 4;
const DEFAULT_STRENGTH = 0.6;
const DEFAULT_PADDING_PX = 32;

/** @type {Readonly<Record<string, Option>>} */
export const INPUT_OPTIONS = {
  init: { kind: 'text', value: 'FILE', help: 'a picture to start from' },
  strength: {
    kind: 'number',
    value: 'N',
    min: 0,
    max: 1,
    help: `how far to go from that picture, over 0 to 1 (${DEFAULT_STRENGTH})`,
  },
  fit: {
    kind: 'choice',
    of: ['crop', 'pad', 'stretch'],
    help: 'how a picture of another shape meets the size',
  },
  mask: { kind: 'text', value: 'FILE', help: 'a picture whose light parts are drawn anew' },
  'mask-content': {
    kind: 'choice',
    of: ['original', 'fill', 'noise'],
    help: 'what stands under the mask at first',
  },
  'mask-blur': { kind: 'number', value: 'PX', min: 0, max: 64, help: 'the soft edge of the mask (4)' },
  'only-masked': {
    kind: 'flag',
    help: 'draw the masked area at the full size; the result keeps the size of the picture',
  },
  padding: {
    kind: 'number',
    value: 'PX',
    integer: true,
    min: 0,
    max: 512,
    help: `around the masked area (${DEFAULT_PADDING_PX})`,
  },
  extend: { kind: 'text', value: 'L,T,R,B', help: 'pixels by which each edge of the picture moves out' },
  variation: { kind: 'text', value: 'SEED:STRENGTH', help: 'mix in the noise of another seed, 0 to 1' },
  hires: {
    kind: 'text',
    value: 'SCALE[:STRENGTH[:STEPS]]',
    help: 'a second pass over the enlarged picture (strength 0.25, steps 4)',
  },
};

/**
 * @typedef {object} Inputs
 * @property {string} file
 * @property {number} strength
 * @property {'crop' | 'pad' | 'stretch'} fit
 * @property {{ leftPx: number, topPx: number, rightPx: number, bottomPx: number } | null} extend
 * @property {{ file: string | null, content: 'original' | 'fill' | 'noise', blurPx: number, paddingPx: number | null } | null} mask
 */

/**
 * @param {Map<string, any>} options
 * @param {(name: string) => string} fromHere
 * @returns {{ inputs: Inputs | null, variation: GenerateRequest['variation'], hires: GenerateRequest['hires'] }}
 */
export function readInputs(options, fromHere) {
  const variation = options.has('variation') ? readVariation(options.get('variation')) : undefined;
  const hires = options.has('hires') ? readHires(options.get('hires')) : undefined;
  if (!options.has('init')) {
    const needing = ['strength', 'fit', 'mask', 'extend'].find((name) => options.has(name));
    if (needing !== undefined)
      throw new Sentence(`--${needing} needs --init with the picture to start from.`);
    return { inputs: null, variation, hires };
  }
  const extend = options.has('extend') ? readExtend(options.get('extend')) : null;
  const isMasked = options.has('mask') || extend !== null;
  if (!isMasked) {
    const idle = ['mask-content', 'mask-blur', 'only-masked', 'padding'].find((name) => options.has(name));
    if (idle !== undefined) throw new Sentence(`--${idle} needs --mask or --extend.`);
  }
  // A frame that grew is no size of the model: what is new is drawn and put beside the picture.
  const isOnlyMasked = options.has('only-masked') || options.has('padding') || extend !== null;
  return {
    inputs: {
      file: fromHere(options.get('init')),
      strength: options.get('strength') ?? (extend === null ? DEFAULT_STRENGTH : 1),
      fit: options.get('fit') ?? 'crop',
      extend,
      mask: isMasked
        ? {
            file: options.has('mask') ? fromHere(options.get('mask')) : null,
            content: options.get('mask-content') ?? (extend === null ? 'original' : 'fill'),
            blurPx: options.get('mask-blur') ?? 4,
            paddingPx: isOnlyMasked ? (options.get('padding') ?? DEFAULT_PADDING_PX) : null,
          }
        : null,
    },
    variation,
    hires,
  };
}

/** @param {string} given */
function readVariation(given) {
  const [, seed, strength] = /^(\d+):(\d*\.?\d+)$/.exec(given) ?? [];
  if (seed === undefined || Number(seed) > MAX_SEED || Number(strength) > 1) {
    throw new Sentence(`--variation ${given} is not a seed and a strength, as in 7:0.2.`);
  }
  return { seed: Number(seed), strength: Number(strength) };
}

/** @param {string} given */
function readHires(given) {
  const [, scale, strength, steps] = /^(\d+\.?\d*)(?::(\d*\.?\d+)(?::(\d+))?)?$/.exec(given) ?? [];
  if (scale === undefined || !(Number(scale) > 1 && Number(scale) <= MAX_HIRES_SCALE)) {
    throw new Sentence(
      `--hires ${given} is not a scale over 1 to ${MAX_HIRES_SCALE}, a strength and steps, as in 2:0.4:4.`,
    );
  }
  return { scale: Number(scale), strength: Number(strength ?? 0.25), steps: Number(steps ?? 4) };
}

/** @param {string} given */
function readExtend(given) {
  const sides = given.split(',').map((side) => (/^\d+$/.test(side) ? Number(side) : Number.NaN));
  const [leftPx = 0, topPx = 0, rightPx = 0, bottomPx = 0] = sides;
  const isRight = sides.length === 4 && sides.every((side) => side <= MAX_EXTEND_PX);
  if (!isRight || sides.every((side) => side === 0)) {
    throw new Sentence(`--extend ${given} is not four numbers of pixels, as in 0,0,64,0 for the right side.`);
  }
  return { leftPx, topPx, rightPx, bottomPx };
}
