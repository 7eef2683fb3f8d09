/**
 * Which family of models an adapter was trained for, as far as its file tells: by what trainers note in the metadata,
 * else by the names and widths of its layers: the text that cross-attention reads is 768 wide in SD 1, 1024 in SD 2, 2048
 * in SDXL. Which models it is surely not for is told from that and from the model's manifest.
 */
import type { Manifest } from '../models/manifest.ts';
import type { AdapterLayer } from './adapter.ts';
import type { EmbeddingTable } from './embedding.ts';
import type { Component } from './names.ts';

export type AdapterFamily = 'sd1' | 'sd2' | 'sdxl' | 'sd3' | 'flux1' | 'other';

type KnownFamily = Exclude<AdapterFamily, 'other'>;

export interface FamilyGuess {
  family: AdapterFamily;
  /** In the field's words; of a model of one's own its name. */
  label: string;
}

const LABELS: Readonly<Record<KnownFamily, string>> = {
  sd1: 'SD 1.5',
  sd2: 'SD 2',
  sdxl: 'SDXL',
  sd3: 'SD 3',
  flux1: 'FLUX.1',
};

/** How manifests, trainers and hubs write the names. */
const SPELLINGS: readonly (readonly [RegExp, KnownFamily])[] = [
  [/^(sdxl|stable-diffusion-xl)/, 'sdxl'],
  [/^(sd3|sd-3|stable-diffusion-3|stable-diffusion-v3)/, 'sd3'],
  [/^(sd[-_]?2|sd[-_]?v2|stable-diffusion-(v)?2)/, 'sd2'],
  [/^(sd[-_]?1|sd[-_]?v1|stable-diffusion-(v)?1)/, 'sd1'],
  [/^flux[-_.]?1?/, 'flux1'],
];

/** Of the text that cross-attention reads. */
const TEXT_WIDTHS: ReadonlyMap<number, KnownFamily> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [2048, 'sdxl'],
]);
/** Of the tokens of a transformer that reads pictures and words together; FLUX.1's width is that of others too. */
const JOINT_WIDTHS: ReadonlyMap<number, KnownFamily> = new Map([
  [1536, 'sd3'],
  [2432, 'sd3'],
]);

/** @param name of a manifest's `family`, or a trainer's word for one */
export function familyNamed(name: string): FamilyGuess {
  const plain = name.trim().toLowerCase();
  const known = SPELLINGS.find(([pattern]) => pattern.test(plain))?.[1];
  return known === undefined ? { family: 'other', label: name } : { family: known, label: LABELS[known] };
}

/** @returns null where the file does not tell */
export function guessFamily(
  metadata: ReadonlyMap<string, string>,
  layers: readonly AdapterLayer[],
): FamilyGuess | null {
  if (metadata.get('ss_v2') === 'True') return { family: 'sd2', label: LABELS.sd2 };
  for (const key of ['kiln.family', 'modelspec.architecture', 'ss_base_model_version']) {
    const told = metadata.get(key);
    if (told !== undefined && told.length <= 80) {
      const guess = familyNamed(told);
      // A stranger's word that is no family's is no hint; our own trainer's is one by itself.
      if (guess.family !== 'other' || key === 'kiln.family') return guess;
    }
  }
  const family = byDenoiser(layers) ?? byTextEncoders(layers);
  return family === null ? null : guessOf(family);
}

function byDenoiser(layers: readonly AdapterLayer[]): KnownFamily | null {
  const denoiser = layers.filter(({ component }) => component === 'denoiser');
  const find = (pattern: RegExp) => denoiser.find(({ layer }) => pattern.test(layer));
  if (find(/^(double_blocks|single_blocks|single_transformer_blocks)_/)) return 'flux1';
  if (find(/^joint_blocks_/)) return 'sd3';
  const joint = find(/^transformer_blocks_\d+_attn_(to_[qkv]|add_[qkv]_proj)$/);
  if (joint) return JOINT_WIDTHS.get(joint.inFeatures) ?? null;
  const cross = find(/attn2_to_[kv]$/);
  if (cross) return TEXT_WIDTHS.get(cross.inFeatures) ?? null;
  // Of UNets only SDXL's has several blocks in one place.
  if (find(/(^|_)(attentions_\d+|(input|output)_blocks_\d+_1|middle_block_1)_transformer_blocks_[1-9]/))
    return 'sdxl';
  return null;
}

function byTextEncoders(layers: readonly AdapterLayer[]): KnownFamily | null {
  if (layers.some(({ component }) => component === 'denoiser' || component === 'text3')) return null;
  const first = layers.find(({ component, layer }) => component === 'text1' && layer.endsWith('_q_proj'));
  if (layers.some(({ component }) => component === 'text2')) return first ? 'sdxl' : null;
  return first?.inFeatures === 1024 ? 'sd2' : null;
}

/** Which family the word of a textual inversion was trained for, by the encoders it is for and their widths. */
export function guessWordFamily(
  metadata: ReadonlyMap<string, string>,
  tables: readonly EmbeddingTable[],
): FamilyGuess | null {
  const told = guessFamily(metadata, []);
  if (told !== null) return told;
  const widthOf = (name: Component) => tables.find(({ component }) => component === name)?.width;
  const [first, second] = [widthOf('text1'), widthOf('text2')];
  if (widthOf('text3') !== undefined) return null;
  if (second !== undefined) return first === 768 && second === 1280 ? guessOf('sdxl') : null;
  // SDXL's first encoder is as wide as SD 1's; files for it alone name it.
  const family = tables[0]?.tensor === 'clip_l' ? undefined : TEXT_WIDTHS.get(first ?? 0);
  return family === undefined || family === 'sdxl' ? null : guessOf(family);
}

function guessOf(family: KnownFamily): FamilyGuess {
  return { family, label: LABELS[family] };
}

/** What a model is called where it is told which one is loaded: its family's name, or of a family of its own its own. */
export function modelWords({ family, name }: Pick<Manifest, 'family' | 'name'>): string {
  const named = familyNamed(family);
  return named.family === 'other' ? name : named.label;
}

/**
 * Whether an adapter is surely for other models than this: by name where both tell one, and by what every model of the
 * adapter's family has where the model is of a family of its own.
 */
export function isForOthers(adapter: FamilyGuess | null, manifest: FamilyShape): boolean {
  if (adapter === null) return false;
  const model = familyNamed(manifest.family);
  if (adapter.family === 'other') return adapter.label !== model.label;
  return model.family === 'other' ? !couldBe(adapter.family, manifest) : adapter.family !== model.family;
}

/** What of a model tells that it cannot be of a family. */
export type FamilyShape = Pick<Manifest, 'family'> & {
  readonly noise: Pick<Manifest['noise'], 'path'>;
  readonly latent: Pick<Manifest['latent'], 'channels' | 'downscale'>;
  readonly textEncoders: { readonly length: number };
};

/** How a model of the hub is called whose text is as wide as that of no family (`hub/pipeline.ts`). */
const OF_NO_FAMILY = /^unet-/;

function couldBe(known: KnownFamily, { family, noise, latent, textEncoders }: FamilyShape): boolean {
  if (OF_NO_FAMILY.test(family) || latent.downscale !== 8) return false;
  const isUnet = noise.path === 'diffusion' && latent.channels === 4;
  const isTransformer = noise.path === 'flow' && latent.channels === 16 && textEncoders.length > 1;
  if (known === 'sd1' || known === 'sd2') return isUnet && textEncoders.length === 1;
  return known === 'sdxl' ? isUnet && textEncoders.length === 2 : isTransformer;
}
