/**
 * Metadata texts as six tools write them, made from settings that a seed draws: what a parser must find is known, and
 * every form, order and habit of a tool comes up. The forms were learnt from the tools' own writers.
 */
import type { PngText } from './png-text.ts';

/** What a parser must find. */
export interface Expected {
  tool: string;
  prompt: string;
  negativePrompt: string;
  fields: Record<string, string>;
  loras: { name: string; textWeight: number; denoiserWeight: number; hash: string | null }[];
  words: { name: string; written: string; hash: string | null }[];
}

export interface Sample {
  entries: PngText[];
  expected: Expected;
}

type Random = () => number;

interface Drawn {
  prompt: string;
  negative: string;
  steps: number;
  cfg: number;
  seed: number;
  width: number;
  height: number;
  model: string;
  hash: string;
  loras: { name: string; text: number; unet: number; hash: string }[];
  /** Textual inversions, by the names of their files. */
  words: { name: string; hash: string }[];
}

export function mulberry(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
const whole = (random: Random, min: number, max: number) => min + Math.floor(random() * (max - min + 1));
const hex = (random: Random, digits: number) =>
  Array.from({ length: digits }, () => whole(random, 0, 15).toString(16)).join('');

const SUBJECTS = [
  'a red fox in the snow',
  'portrait of an old sailor, (weathered skin:1.3)',
  '1girl, solo, looking at viewer',
  'isometric room, [clay|glass] furniture',
  'bottle of perfume on wet stone: studio light',
  'café "Zur Post" at night, neon, 35mm',
  'ein Schloß im Nebel, 水墨画',
  'line one,\nline two, with: colons, and {braces}',
  'a cat \\(animal\\) on a sofa, ((best quality))',
];
const NEGATIVES = [
  '',
  'blurry',
  'lowres, bad anatomy, (worst quality:1.4)',
  'text, watermark: any',
  'ugly,\nold',
];
const MODELS = [
  'v1-5-pruned-emaonly',
  'juggernautXL_v8Rundiffusion',
  'dreamshaper_8',
  'flux1-dev-fp8',
  'my model, v2',
];
const WORDS = ['EasyNegative', 'bad-hands-5', 'negativeXL_D', 'ink wash v2'];
const LORAS = ['ink_wash_v2', 'add-detail-xl', 'Brand Style 01', 'lcm-lora-sdv1-5'];

function draw(random: Random): Drawn {
  const names = LORAS.filter(() => random() < 0.25);
  return {
    prompt: pick(random, SUBJECTS),
    negative: pick(random, NEGATIVES),
    steps: whole(random, 1, 60),
    cfg: whole(random, 2, 24) / 2,
    seed: whole(random, 0, 4_294_967_295),
    width: 64 * whole(random, 4, 24),
    height: 64 * whole(random, 4, 24),
    model: pick(random, MODELS),
    hash: hex(random, 10),
    loras: names.map((name) => ({
      name,
      text: whole(random, 1, 20) / 10,
      unet: whole(random, 1, 20) / 10,
      hash: hex(random, 12),
    })),
    words: WORDS.filter(() => random() < 0.2).map((name) => ({ name, hash: hex(random, 12) })),
  };
}

/** As two tools say them: with the file's folder and ending, or without. */
function embedded(random: Random, words: Drawn['words']): Expected['words'] {
  return words.map(({ name: given }) => {
    const name = given.replaceAll(' ', '_');
    const file = `${pick(random, ['', 'SD15/', 'neg\\xl\\'])}${name}${pick(random, ['', '.pt', '.safetensors'])}`;
    return { name, written: `embedding:${file}`, hash: null };
  });
}

const withWords = (text: string, words: readonly { written: string }[]) =>
  [text, ...words.map(({ written }, k) => (k % 2 === 0 ? written : `(${written}:1.2)`))]
    .filter((part) => part !== '')
    .join(', ');

const quoted = (value: string) => (/[,:\n]/.test(value) ? JSON.stringify(value) : value);
const line = (pairs: [string, string | number][]) =>
  pairs.map(([key, value]) => `${key}: ${quoted(String(value))}`).join(', ');

/** A1111 and Forge: the field's own text. */
export function a1111Sample(random: Random): Sample {
  const drawn = draw(random);
  const { steps, cfg, seed, width, height, model, hash, loras, words } = drawn;
  const isForge = random() < 0.5;
  const isOld = !isForge && random() < 0.3;
  const sampler = pick(random, ['Euler a', 'DPM++ 2M', 'DPM++ SDE', 'Heun', 'UniPC']);
  const schedule = pick(random, ['Karras', 'Exponential', 'SGM Uniform']);
  const tags = loras.map(
    ({ name, text, unet }) => `<lora:${name}:${text}${unet === text ? '' : `:${unet}`}>`,
  );
  const prompt = [drawn.prompt, ...tags].join(' ');
  const version = isForge
    ? 'f2.0.1v1.10.1-previous-669'
    : pick(random, ['v1.10.1', 'v1.6.0-2-g4afaaf8a', '1.9.4']);
  const pairs: [string, string | number][] = [['Steps', steps]];
  if (isOld) pairs.push(['Sampler', `${sampler} ${schedule}`]);
  else pairs.push(['Sampler', sampler], ['Schedule type', schedule]);
  pairs.push(['CFG scale', cfg]);
  if (isForge && random() < 0.3) pairs.push(['Distilled CFG Scale', 3.5]);
  pairs.push(['Seed', seed], ['Size', `${width}x${height}`], ['Model hash', hash], ['Model', model]);
  if (random() < 0.3)
    pairs.push(['Denoising strength', 0.45], ['Hires upscale', 2], ['Hires upscaler', '4x-UltraSharp']);
  if (random() < 0.3) pairs.push(['Clip skip', 2]);
  if (random() < 0.3) pairs.push(['RNG', 'CPU']);
  if (loras.length > 0)
    pairs.push(['Lora hashes', loras.map((lora) => `${lora.name}: ${lora.hash}`).join(', ')]);
  if (words.length > 0) {
    // Each of two text encoders adds its own.
    const listed = random() < 0.4 ? [...words, ...words] : words;
    pairs.push(['TI hashes', listed.map((word) => `${word.name}: ${word.hash}`).join(', ')]);
  }
  pairs.push(['Version', version]);
  const negative = drawn.negative === '' ? '' : `Negative prompt: ${drawn.negative}\n`;
  return {
    entries: [{ keyword: 'parameters', text: `${prompt}\n${negative}${line(pairs)}` }],
    expected: {
      tool: isForge ? 'forge' : 'a1111',
      prompt,
      negativePrompt: drawn.negative,
      fields: Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])),
      loras: loras.map(({ name, text, unet, hash: own }) => ({
        name,
        textWeight: text,
        denoiserWeight: unet,
        hash: own,
      })),
      words: words.map((word) => ({ ...word, written: word.name })),
    },
  };
}

/** stable-diffusion.cpp: the field's text, sampler and schedule in one, and a JSON of its own at the end. */
export function sdCppSample(random: Random): Sample {
  const drawn = draw(random);
  const { steps, cfg, seed, width, height, model } = drawn;
  const sampler = `${pick(random, ['euler', 'euler_a', 'heun', 'dpm++2m', 'lcm'])}${pick(random, ['', ' karras', ' exponential'])}`;
  const prompt = drawn.prompt.replaceAll('\n', ' ');
  const negative = drawn.negative.replaceAll('\n', ' ');
  const pairs: [string, string | number][] = [
    ['Steps', steps],
    ['CFG scale', cfg.toFixed(6)],
    ['Guidance', '3.500000'],
    ['Eta', '0.000000'],
    ['Seed', seed],
    ['Size', `${width}x${height}`],
    ['Model', model.replace(', ', '-')],
    ['RNG', pick(random, ['cuda', 'std_default'])],
    ['Sampler', sampler],
  ];
  const own =
    random() < 0.5
      ? `, SDCPP: {"prompt": ${JSON.stringify(prompt)}, "sampling": {"steps": ${steps}, "skip": [7, 8, 9]}}`
      : '';
  const head = negative === '' ? prompt : `${prompt}\nNegative prompt: ${negative}`;
  return {
    entries: [
      { keyword: 'parameters', text: `${head}\n${line(pairs)}, Version: stable-diffusion.cpp${own}` },
    ],
    expected: {
      tool: 'sd-cpp',
      prompt,
      negativePrompt: negative,
      fields: {
        ...Object.fromEntries(pairs.map(([key, value]) => [key, String(value)])),
        Version: 'stable-diffusion.cpp',
      },
      loras: [],
      words: [],
    },
  };
}

/** Fooocus: its own JSON, or its form of the field's text. */
export function fooocusSample(random: Random): Sample {
  const drawn = draw(random);
  const { prompt, steps, cfg, seed, width, height, model, hash, loras } = drawn;
  const words = embedded(random, drawn.words);
  const negative = withWords(drawn.negative, words);
  const sampler = pick(random, ['dpmpp_2m_sde_gpu', 'euler_ancestral', 'dpmpp_2m', 'lcm']);
  const scheduler = pick(random, ['karras', 'exponential', 'sgm_uniform', 'lcm']);
  const found = loras.map(({ name, unet, hash: own }) => ({
    name,
    textWeight: unet,
    denoiserWeight: unet,
    hash: own.slice(0, 10),
  }));
  const shared = {
    Steps: `${steps}`,
    Sampler: sampler,
    'CFG scale': `${cfg}`,
    Seed: `${seed}`,
    'Model hash': hash,
  };
  if (random() < 0.5) {
    const own = {
      adm_guidance: '(1.5, 0.8, 0.3)',
      base_model: model,
      base_model_hash: hash,
      clip_skip: 2,
      full_negative_prompt: [negative, 'anime'],
      full_prompt: [prompt],
      guidance_scale: cfg,
      loras: loras.map((lora) => [lora.name, lora.unet, lora.hash.slice(0, 10)]),
      metadata_scheme: 'fooocus',
      negative_prompt: negative,
      performance: 'Speed',
      prompt,
      resolution: `(${width}, ${height})`,
      sampler,
      scheduler,
      seed: `${seed}`,
      sharpness: 2,
      steps,
      styles: "['Fooocus V2', 'Fooocus Sharp']",
      version: 'Fooocus v2.5.5',
    };
    return {
      entries: [
        { keyword: 'parameters', text: JSON.stringify(own) },
        { keyword: 'fooocus_scheme', text: 'fooocus' },
      ],
      expected: {
        tool: 'fooocus',
        prompt,
        negativePrompt: negative,
        fields: {
          ...shared,
          'Schedule type': scheduler,
          Size: `${width}x${height}`,
          Model: model,
          RNG: 'CPU',
        },
        loras: found,
        words,
      },
    };
  }
  const pairs: [string, string | number][] = [
    ['Steps', steps],
    ['Sampler', sampler],
    ['Seed', seed],
    ['Size', `${width}x${height}`],
    ['CFG scale', cfg],
    ['Sharpness', 2],
    ['ADM Guidance', '(1.5, 0.8, 0.3)'],
    ['Model', model],
    ['Model hash', hash],
    ['Performance', 'Speed'],
    ['Schedule type', scheduler],
  ];
  if (loras.length > 0) {
    pairs.push(['Lora hashes', loras.map((lora) => `${lora.name}: ${lora.hash.slice(0, 10)}`).join(', ')]);
    pairs.push(['Lora weights', loras.map((lora) => `${lora.name}: ${lora.unet}`).join(', ')]);
  }
  pairs.push(['Version', 'Fooocus v2.5.5']);
  const middle = negative === '' ? '' : `Negative prompt: ${negative}\n`;
  return {
    entries: [
      { keyword: 'parameters', text: `${prompt}\n${middle}${line(pairs)}` },
      { keyword: 'fooocus_scheme', text: 'a1111' },
    ],
    expected: {
      tool: 'fooocus',
      prompt,
      negativePrompt: negative,
      fields: { ...shared, 'Schedule type': scheduler, Size: `${width}x${height}`, Model: model, RNG: 'CPU' },
      loras: found,
      words,
    },
  };
}

/** InvokeAI: its JSON of today, or with the names of version 3. */
export function invokeSample(random: Random): Sample {
  const drawn = draw(random);
  const { prompt, steps, cfg, seed, width, height, model, loras } = drawn;
  const words = drawn.words.map(({ name }) => ({ name: `<${name}>`, written: `<${name}>`, hash: null }));
  const negative = withWords(drawn.negative, words);
  const isOld = random() < 0.3;
  const base = pick(random, ['euler', 'dpmpp_2m', 'dpmpp_sde', 'unipc', 'heun']);
  const isKarras = random() < 0.5;
  const hash = `blake3:${hex(random, 64)}`;
  const device = pick(random, ['cpu', 'cuda']);
  const own = {
    app_version: isOld ? '3.4.0' : '5.6.0',
    generation_mode: 'sdxl_txt2img',
    positive_prompt: prompt,
    negative_prompt: negative,
    width,
    height,
    seed,
    rand_device: device,
    cfg_scale: cfg,
    cfg_rescale_multiplier: 0,
    steps,
    scheduler: isKarras ? `${base}_k` : base,
    clip_skip: 0,
    model: isOld
      ? { model_name: model, base_model: 'sdxl', model_type: 'main' }
      : { key: hex(random, 32), hash, name: model, base: 'sdxl', type: 'main' },
    loras: loras.map((lora) =>
      isOld
        ? { lora: { model_name: lora.name, base_model: 'sdxl' }, weight: lora.unet }
        : {
            model: {
              key: hex(random, 32),
              hash: `blake3:${lora.hash}`,
              name: lora.name,
              base: 'sdxl',
              type: 'lora',
            },
            weight: lora.unet,
          },
    ),
    seamless_x: false,
  };
  return {
    entries: [
      { keyword: 'invokeai_metadata', text: JSON.stringify(own) },
      { keyword: 'invokeai_graph', text: '{"nodes":{}}' },
    ],
    expected: {
      tool: 'invokeai',
      prompt,
      negativePrompt: negative,
      fields: {
        Steps: `${steps}`,
        Sampler: base,
        ...(isKarras ? { 'Schedule type': 'karras' } : {}),
        'CFG scale': `${cfg}`,
        Seed: `${seed}`,
        Size: `${width}x${height}`,
        ...(isOld ? {} : { 'Model hash': hash }),
        Model: model,
        RNG: device === 'cuda' ? 'GPU' : 'CPU',
      },
      loras: loras.map((lora) => ({
        name: lora.name,
        textWeight: lora.unet,
        denoiserWeight: lora.unet,
        hash: isOld ? null : `blake3:${lora.hash}`,
      })),
      words,
    },
  };
}

type Inputs = Record<string, unknown>;

/** ComfyUI: the graph of a checkpoint or of a flow model, nodes in any order and under any ids. */
export function comfySample(random: Random): Sample {
  const drawn = draw(random);
  const { negative, steps, cfg, seed, width, height, model, loras } = drawn;
  const words = embedded(random, drawn.words);
  const prompt = withWords(drawn.prompt, words);
  const isFlow = random() < 0.4;
  const isFromWidget = random() < 0.3;
  const hasSecondPass = !isFlow && random() < 0.3;
  const sampler = pick(random, ['euler', 'euler_ancestral', 'dpmpp_2m', 'uni_pc', 'lcm']);
  const scheduler = pick(random, ['normal', 'karras', 'simple', 'sgm_uniform', 'beta']);
  const nodes: [string, string, Inputs][] = [];
  const first = whole(random, 1, 900);
  const add = (type: string, inputs: Inputs): string => {
    const id = String(first + nodes.length);
    nodes.push([id, type, inputs]);
    return id;
  };
  const file = `${pick(random, ['', 'sdxl/', 'SD15\\'])}${model}.safetensors`;
  const loader = isFlow
    ? add('UNETLoader', { unet_name: file, weight_dtype: 'default' })
    : add('CheckpointLoaderSimple', { ckpt_name: file });
  let modelLink: [string, number] = [loader, 0];
  let clipLink: [string, number] = isFlow
    ? [add('DualCLIPLoader', { clip_name1: 't5xxl', type: 'flux' }), 0]
    : [loader, 1];
  const isStacked = random() < 0.3 && loras.length > 0;
  if (isStacked) {
    const inputs: Inputs = { model: modelLink, clip: clipLink };
    loras.forEach((lora, k) => {
      inputs[`lora_${k + 1}`] = { on: true, lora: `${lora.name}.safetensors`, strength: lora.unet };
    });
    inputs['lora_9'] = { on: false, lora: 'resting.safetensors', strength: 1 };
    const stack = add('Power Lora Loader (rgthree)', inputs);
    modelLink = [stack, 0];
    clipLink = [stack, 1];
  } else {
    for (const lora of loras) {
      const id = add('LoraLoader', {
        lora_name: `styles/${lora.name}.safetensors`,
        strength_model: lora.unet,
        strength_clip: lora.text,
        model: modelLink,
        clip: clipLink,
      });
      modelLink = [id, 0];
      clipLink = [id, 1];
    }
  }
  const textInput = isFromWidget ? [add('String Literal', { string: prompt }), 0] : prompt;
  const positive = add('CLIPTextEncode', { text: textInput, clip: clipLink });
  const latent = add(isFlow ? 'EmptySD3LatentImage' : 'EmptyLatentImage', { width, height, batch_size: 1 });
  const fields: Record<string, string> = {
    Steps: `${steps}`,
    Sampler: sampler,
    'Schedule type': scheduler,
    Seed: `${seed}`,
    Size: `${width}x${height}`,
    Model: model,
    RNG: 'CPU',
  };
  let last: string;
  if (isFlow) {
    const guided = add('FluxGuidance', { guidance: 3.5, conditioning: [positive, 0] });
    last = add('SamplerCustomAdvanced', {
      noise: [add('RandomNoise', { noise_seed: seed }), 0],
      guider: [add('BasicGuider', { model: modelLink, conditioning: [guided, 0] }), 0],
      sampler: [add('KSamplerSelect', { sampler_name: sampler }), 0],
      sigmas: [add('BasicScheduler', { scheduler, steps, denoise: 1, model: modelLink }), 0],
      latent_image: [latent, 0],
    });
    fields['Distilled CFG Scale'] = '3.5';
    fields['CFG scale'] = '1';
  } else {
    const against = add('CLIPTextEncode', { text: negative, clip: clipLink });
    const seedInput = random() < 0.3 ? [add('PrimitiveInt', { value: seed }), 0] : seed;
    const shared = {
      model: modelLink,
      positive: [positive, 0],
      negative: [against, 0],
      cfg,
      sampler_name: sampler,
      scheduler,
    };
    last = add('KSampler', { ...shared, seed: seedInput, steps, denoise: 1, latent_image: [latent, 0] });
    fields['CFG scale'] = `${cfg}`;
    if (hasSecondPass) {
      const larger = add('LatentUpscale', {
        samples: [last, 0],
        width: width * 2,
        height: height * 2,
        crop: 'disabled',
      });
      last = add('KSampler', { ...shared, seed: 7, steps: 12, denoise: 0.5, latent_image: [larger, 0] });
      fields['Second pass'] = 'KSampler, 12 steps, 0.5 denoise';
    }
  }
  const pixels = add('VAEDecode', { samples: [last, 0], vae: [loader, 2] });
  add('SaveImage', { filename_prefix: 'ComfyUI', images: [pixels, 0] });
  const order = random() < 0.5 ? nodes : nodes.toReversed();
  const graph = Object.fromEntries(
    order.map(([id, type, inputs]) => [
      `n${id}`,
      { inputs: renamed(inputs), class_type: type, _meta: { title: type } },
    ]),
  );
  return {
    entries: [
      {
        keyword: 'prompt',
        text: JSON.stringify(graph).replace('"batch_size":1', '"batch_size":1,"is_changed":[NaN]'),
      },
      { keyword: 'workflow', text: '{"nodes":[],"links":[]}' },
    ],
    expected: {
      tool: 'comfyui',
      prompt: prompt.trim(),
      negativePrompt: isFlow ? '' : negative.trim(),
      fields,
      loras: loras.map((lora) => ({
        name: lora.name,
        textWeight: isStacked ? lora.unet : lora.text,
        denoiserWeight: lora.unet,
        hash: null,
      })),
      words,
    },
  };
}

/** Ids with a letter keep the order in which they were written: numbers would sort themselves. */
function renamed(inputs: Inputs): Inputs {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const isLink = Array.isArray(value) && value.length === 2 && typeof value[1] === 'number';
      return [name, isLink ? [`n${value[0]}`, value[1]] : value];
    }),
  );
}
