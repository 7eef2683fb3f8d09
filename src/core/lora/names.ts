/**
 * What the keys of an adapter's file mean: which layer of which network, and which of its matrices. Four families
 * of names are in use: kohya's (`lora_unet_down_blocks_0_…lora_down.weight`, also with the layers of the original
 * SDXL code), diffusers' older two, and PEFT's (`….lora_A.weight`).
 */

/** `text1` to `text3` are the model's text encoders in the manifest's order. */
export type Component = 'denoiser' | 'text1' | 'text2' | 'text3';

export type Role = 'down' | 'up' | 'mid' | 'alpha';

/** Ways of adapting a layer other than two low-rank matrices: recognised, so that they can be refused by name. */
export type OtherMethod =
  | 'DoRA'
  | 'LoHa'
  | 'LoKr'
  | 'GLoRA'
  | 'OFT'
  | 'full weights'
  | 'biases'
  | 'norms'
  | 'token embeddings';

export type KeyMeaning =
  | { kind: 'matrix'; component: Component; layer: string; role: Role }
  | { kind: 'other'; method: OtherMethod }
  | { kind: 'unknown' };

const ROLES: readonly (readonly [RegExp, Role])[] = [
  [/\.lora_down\.weight$/, 'down'],
  [/\.lora_up\.weight$/, 'up'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.lora_A(\.default)?\.weight$/, 'down'],
  [/\.lora_B(\.default)?\.weight$/, 'up'],
  [/\.lora(_linear_layer)?\.down\.weight$/, 'down'],
  [/\.lora(_linear_layer)?\.up\.weight$/, 'up'],
  [/_lora\.down\.weight$/, 'down'],
  [/_lora\.up\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
];

const OTHERS: readonly (readonly [RegExp, OtherMethod])[] = [
  [/\.(dora_scale|lora_magnitude_vector(\.\w+)*)$/, 'DoRA'],
  [/\.hada_(w[12]_[ab]|t[12])$/, 'LoHa'],
  [/\.lokr_(w[12](_[ab])?|t2)$/, 'LoKr'],
  [/\.(a[12]|b[12])\.weight$/, 'GLoRA'],
  [/\.oft_(diag|blocks|[RS])(\.\w+)*$/, 'OFT'],
  [/\.(diff|set_weight)$/, 'full weights'],
  [/\.(diff_b|bias|lora_\w+\.bias)$/, 'biases'],
  [/\.(w_norm|b_norm)$/, 'norms'],
  [/\.lora_embedding_[AB](\.\w+)*$/, 'token embeddings'],
];

const PREFIXES: readonly (readonly [RegExp, Component])[] = [
  [/^lora_te1?_/, 'text1'],
  [/^lora_te2_/, 'text2'],
  [/^lora_te3_/, 'text3'],
  [/^(lora_unet|lora_transformer|lycoris)_/, 'denoiser'],
  [/^text_encoder\./, 'text1'],
  [/^text_encoder_2\./, 'text2'],
  [/^text_encoder_3\./, 'text3'],
  [/^(unet|transformer|diffusion_model)\./, 'denoiser'],
];

/** @returns the layer with underscores for dots, as kohya writes it, so that one name serves all schemes */
export function readKey(key: string): KeyMeaning {
  for (const [pattern, method] of OTHERS) if (pattern.test(key)) return { kind: 'other', method };
  for (const [pattern, role] of ROLES) {
    const found = pattern.exec(key);
    if (found === null) continue;
    const named = readComponent(key.slice(0, found.index));
    return named === null ? { kind: 'unknown' } : { kind: 'matrix', role, ...named };
  }
  return { kind: 'unknown' };
}

function readComponent(module: string): { component: Component; layer: string } | null {
  const bare = module.replace(/^base_model\.model\./, '');
  for (const [pattern, component] of PREFIXES) {
    const rest = bare.replace(pattern, '');
    if (rest !== bare) return rest === '' ? null : { component, layer: layerName(rest) };
  }
  if (bare === '') return null;
  // PEFT saves one network by itself and does not say which.
  return { component: bare.startsWith('text_model.') ? 'text1' : 'denoiser', layer: layerName(bare) };
}

/** One spelling of a module's path, for layers of files and of graphs alike. */
export function layerName(path: string): string {
  return path
    .replace(/\.processor\./g, '.')
    .replace(/self_attn\.to_([qkv])$/, 'self_attn.$1_proj')
    .replace(/self_attn\.to_out$/, 'self_attn.out_proj')
    .replace(/(^|\.)to_out$/, '$1to_out.0')
    .replace(/^(unet|transformer|model|diffusion_model)\./, '')
    .replaceAll('.', '_')
    .replace(/^text_model_/, '');
}

const LEVEL = /^(input_blocks|output_blocks)_(\d{1,2})_(\d)_(.+)$/;
const MIDDLE = /^middle_block_([012])_(.+)$/;
const ALONE: Readonly<Record<string, string>> = {
  time_embed_0: 'time_embedding_linear_1',
  time_embed_2: 'time_embedding_linear_2',
  label_emb_0_0: 'add_embedding_linear_1',
  label_emb_0_2: 'add_embedding_linear_2',
  input_blocks_0_0: 'conv_in',
  out_2: 'conv_out',
};
const RESNET: Readonly<Record<string, string>> = {
  in_layers_2: 'conv1',
  out_layers_3: 'conv2',
  emb_layers_1: 'time_emb_proj',
  skip_connection: 'conv_shortcut',
};

/**
 * A layer by its name in the original latent-diffusion code → its name in diffusers (the mapping of diffusers'
 * `_maybe_map_sgm_blocks_to_diffusers`, with the residual blocks as LoCon files name them).
 * @param layersPerBlock residual blocks a level of the encoder; 2 in SD and SDXL
 * @returns null for a name that is none of them
 */
export function fromOriginalNames(layer: string, layersPerBlock: number): string | null {
  const alone = ALONE[layer];
  if (alone !== undefined) return alone;
  const middle = MIDDLE.exec(layer);
  if (middle !== null) {
    const rest = middle[2]!;
    if (middle[1] === '1') return `mid_block_attentions_0_${rest}`;
    const part = RESNET[rest];
    return part === undefined ? null : `mid_block_resnets_${middle[1] === '0' ? 0 : 1}_${part}`;
  }
  const level = LEVEL.exec(layer);
  if (level === null) return null;
  const [, side, number, slot, rest] = level as unknown as [string, string, string, string, string];
  const period = layersPerBlock + 1;
  const isInput = side === 'input_blocks';
  const at = Number(number) - (isInput ? 1 : 0);
  const block = `${isInput ? 'down' : 'up'}_blocks_${Math.floor(at / period)}`;
  if (rest === 'op') return `${block}_downsamplers_0_conv`;
  // After the attention, or in its place where a level has none.
  if (rest === 'conv') return `${block}_upsamplers_0_conv`;
  if (slot === '1') return `${block}_attentions_${at % period}_${rest}`;
  const part = RESNET[rest];
  return part === undefined ? null : `${block}_resnets_${at % period}_${part}`;
}
