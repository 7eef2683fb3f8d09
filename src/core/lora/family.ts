/**
 * Which family of models an adapter was trained for, as far as its file tells: by what trainers note in the metadata,
 * else by the width of the text that its cross-attention reads (768 in SD 1, 1024 in SD 2, 2048 in SDXL).
 */
import type { AdapterLayer } from './adapter.ts';

export type AdapterFamily = 'sd1' | 'sd2' | 'sdxl' | 'sd3' | 'flux1' | 'other';

export interface FamilyGuess {
  family: AdapterFamily;
  /** In the field's words; of a model of one's own its name. */
  label: string;
}

const LABELS: Readonly<Record<Exclude<AdapterFamily, 'other'>, string>> = {
  sd1: 'SD 1.5',
  sd2: 'SD 2',
  sdxl: 'SDXL',
  sd3: 'SD 3',
  flux1: 'FLUX.1',
};

/** How manifests, trainers and hubs write the names. */
const SPELLINGS: readonly (readonly [RegExp, Exclude<AdapterFamily, 'other'>])[] = [
  [/^(sdxl|stable-diffusion-xl)/, 'sdxl'],
  [/^(sd3|sd-3|stable-diffusion-3|stable-diffusion-v3)/, 'sd3'],
  [/^(sd[-_]?2|sd[-_]?v2|stable-diffusion-(v)?2)/, 'sd2'],
  [/^(sd[-_]?1|sd[-_]?v1|stable-diffusion-(v)?1)/, 'sd1'],
  [/^flux[-_.]?1?/, 'flux1'],
];

const WIDTHS: ReadonlyMap<number, Exclude<AdapterFamily, 'other'>> = new Map([
  [768, 'sd1'],
  [1024, 'sd2'],
  [2048, 'sdxl'],
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
  const denoiser = layers.filter(({ component }) => component === 'denoiser');
  const has = (pattern: RegExp) => denoiser.some(({ layer }) => pattern.test(layer));
  if (has(/^(double_blocks|single_blocks|single_transformer_blocks)_/)) return guessOf('flux1');
  if (has(/^joint_blocks_/)) return guessOf('sd3');
  const cross = denoiser.find(({ layer }) => /attn2_to_[kv]$/.test(layer));
  const family = cross && WIDTHS.get(cross.inFeatures);
  return family === undefined ? null : guessOf(family);
}

function guessOf(family: Exclude<AdapterFamily, 'other'>): FamilyGuess {
  return { family, label: LABELS[family] };
}

/** Whether both are known and differ. */
export function isMismatch(adapter: FamilyGuess | null, model: FamilyGuess): boolean {
  if (adapter === null) return false;
  if (adapter.family === 'other' || model.family === 'other')
    return adapter.family === 'other' && adapter.label !== model.label;
  return adapter.family !== model.family;
}
