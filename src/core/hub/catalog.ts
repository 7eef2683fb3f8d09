/**
 * Models that are known to exist, as data. An entry knows a repository and what its makers say; it knows no
 * revision, size or hash: those are read from the hub when somebody looks, and shown before anything is fetched.
 */
import * as v from 'valibot';

const line = v.pipe(v.string(), v.minLength(1), v.maxLength(300));
const repository = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/, 'must be owner/name'),
);

const entrySchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9-]{0,40}$/)),
  name: v.pipe(v.string(), v.maxLength(60)),
  /** `install`: the repository is in a layout that the studio reads. `convert`: `forge` makes one of it first. */
  way: v.picklist(['install', 'convert']),
  repository,
  /** Few-step adapters that belong to the base, each a repository of its own. */
  adapters: v.array(v.strictObject({ repository, purpose: line })),
  /** Forms of the weights that its makers name; which there are is read from the listing. */
  variants: v.pipe(v.array(v.picklist(['fp32', 'fp16', 'q8', 'q4', 'q4f16'])), v.minLength(1)),
  parts: v.pipe(v.array(v.string()), v.minLength(1)),
  /** What it is good at. */
  goodAt: line,
  /** What the device needs, in words. */
  needs: line,
  /** `small` to about 1 GB, `medium` to about 3 GB, `large` beyond; of the smallest form. */
  sizeClass: v.picklist(['small', 'medium', 'large']),
  licence: v.strictObject({ name: line, plain: line }),
  /** Whether anybody has made pictures with the real files in this studio. */
  tried: v.boolean(),
});

export const catalogSchema = v.pipe(
  v.array(entrySchema),
  v.check((entries) => new Set(entries.map(({ id }) => id)).size === entries.length, 'ids must differ'),
);

export type CatalogEntry = v.InferOutput<typeof entrySchema>;

const OPENRAIL =
  'Free to use and share, also commercially, but not for the harmful uses that the licence lists; pass its terms on.';
const STABILITY =
  'Free for research and for businesses below a yearly revenue that the licence names; beyond it, a paid licence. Read it first.';

const SD_PARTS = ['text_encoder', 'unet', 'vae_decoder'];
const XL_PARTS = ['text_encoder', 'text_encoder_2', 'unet', 'vae_decoder'];

export const CATALOG: readonly CatalogEntry[] = [
  {
    id: 'sd-15',
    name: 'Stable Diffusion 1.5',
    way: 'install',
    repository: 'onnx-community/stable-diffusion-v1-5-ONNX',
    adapters: [
      { repository: 'latent-consistency/lcm-lora-sdv1-5', purpose: '2 to 8 steps instead of 20 and more.' },
      {
        repository: 'ByteDance/Hyper-SD',
        purpose: '1 to 12 steps; some of its files keep negative prompts.',
      },
    ],
    variants: ['fp32'],
    parts: [...SD_PARTS, 'vae_encoder'],
    goodAt: 'The widest choice of styles by adapters; 512 pixels; photographs, paintings, drawings.',
    needs: 'Its 32-bit weights, and a GPU with much memory. Converted to 4 bits it is a fraction of that.',
    sizeClass: 'large',
    licence: { name: 'CreativeML OpenRAIL-M', plain: OPENRAIL },
    tried: false,
  },
  {
    id: 'lcm-dreamshaper-7',
    name: 'LCM Dreamshaper 7',
    way: 'install',
    repository: 'TheyCallMeHex/LCM-Dreamshaper-V7-ONNX',
    adapters: [],
    variants: ['fp32'],
    parts: SD_PARTS,
    goodAt: 'Painterly pictures in four steps, with guidance folded into the network.',
    needs: 'Its 32-bit weights, and a GPU with much memory. Converted to 4 bits it is a fraction of that.',
    sizeClass: 'large',
    licence: { name: 'MIT', plain: 'Free to use, change and share, also commercially; keep the notice.' },
    tried: false,
  },
  {
    id: 'sdxl-lightning',
    name: 'SDXL Lightning, 4 steps',
    way: 'install',
    repository: 'Cyronius/sdxl-lightning-4step-onnx-web-fp16-3shard',
    adapters: [],
    variants: ['fp16'],
    parts: XL_PARTS,
    goodAt: 'Large, detailed pictures of 1024 pixels in four steps.',
    needs: 'A GPU with shader-f16 and memory for about 7 GB of weights.',
    sizeClass: 'large',
    licence: { name: 'CreativeML OpenRAIL++-M', plain: OPENRAIL },
    tried: false,
  },
  {
    id: 'sd-turbo',
    name: 'SD-Turbo',
    way: 'convert',
    repository: 'stabilityai/sd-turbo',
    adapters: [],
    variants: ['fp16', 'q8', 'q4'],
    parts: [...SD_PARTS, 'vae_encoder'],
    goodAt: 'One to four steps at 512 pixels; the smallest of the models distilled from Stable Diffusion 2.',
    needs: 'Once a computer with Python to convert it; then a GPU for its 4-bit form.',
    sizeClass: 'small',
    licence: { name: 'Stability AI Community Licence', plain: STABILITY },
    tried: false,
  },
  {
    id: 'sdxl-turbo',
    name: 'SDXL-Turbo',
    way: 'convert',
    repository: 'stabilityai/sdxl-turbo',
    adapters: [],
    variants: ['fp16', 'q8', 'q4'],
    parts: [...XL_PARTS, 'vae_encoder'],
    goodAt: 'One to four steps at 512 pixels, with the understanding of SDXL.',
    needs: 'Once a computer with Python and much memory to convert it; then a GPU for its 4-bit form.',
    sizeClass: 'medium',
    licence: { name: 'Stability AI Community Licence', plain: STABILITY },
    tried: false,
  },
  {
    id: 'lcm-dreamshaper-7-convert',
    name: 'LCM Dreamshaper 7, in 4 bits',
    way: 'convert',
    repository: 'SimianLuo/LCM_Dreamshaper_v7',
    adapters: [],
    variants: ['fp16', 'q8', 'q4'],
    parts: [...SD_PARTS, 'vae_encoder'],
    goodAt: 'Painterly pictures in four steps, with guidance folded into the network.',
    needs: 'Once a computer with Python to convert it; then a GPU for its 4-bit form.',
    sizeClass: 'small',
    licence: { name: 'MIT', plain: 'Free to use, change and share, also commercially; keep the notice.' },
    tried: false,
  },
  {
    id: 'sd3-medium',
    name: 'Stable Diffusion 3 Medium',
    way: 'convert',
    repository: 'stabilityai/stable-diffusion-3-medium-diffusers',
    adapters: [],
    variants: ['fp16', 'q8', 'q4'],
    parts: ['text_encoder', 'text_encoder_2', 'transformer', 'vae_decoder', 'vae_encoder'],
    goodAt: 'A flow-matching transformer: long prompts, several things in one picture. Its T5 is left out.',
    needs: 'Once a computer with Python, and its terms accepted on the hub; then a GPU for its 4-bit form.',
    sizeClass: 'medium',
    licence: { name: 'Stability AI Community Licence', plain: STABILITY },
    tried: false,
  },
  {
    id: 'blip-base',
    name: 'BLIP, image captioning base',
    way: 'convert',
    repository: 'Salesforce/blip-image-captioning-base',
    adapters: [],
    variants: ['fp16', 'q8', 'q4'],
    parts: ['vision_model', 'text_decoder_context', 'text_decoder'],
    goodAt: 'Reads pictures: describes photographs in a sentence.',
    needs: 'Once a computer with Python to convert it; then a few hundred megabytes of memory.',
    sizeClass: 'small',
    licence: {
      name: 'BSD-3-Clause',
      plain: 'Free to use, change and share, also commercially; keep the notice.',
    },
    tried: false,
  },
];
