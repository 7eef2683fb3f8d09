/** What stands between a network's answer and the data estimate that a sampler asked for. */
import { combine, deviation } from '../math/vector.ts';
import type { Noise } from '../models/manifest.ts';
import type { Ask } from './schedule.ts';

type Prediction = Noise['prediction'];

/** The smallest share of data that a noise prediction is divided by on the flow path, where alpha reaches 0. */
const LEAST_ALPHA = 1e-3;

/**
 * The denoised latent (the data estimate) that a prediction stands for.
 * @param prediction what the network predicts: noise, v (Salimans and Ho 2022: alpha·noise − sigma·data; on the
 *   flow path the velocity noise − data), or the data itself
 * @param output the network's answer, guided or not, of the length of `ask.x`
 */
export function toDenoised(
  prediction: Prediction,
  output: Float32Array,
  ask: Pick<Ask, 'x' | 'alpha' | 'sigma'>,
  path: Noise['path'],
): Float32Array {
  const { x, alpha, sigma } = ask;
  switch (prediction) {
    case 'sample':
      // A copy: samplers remember data for some steps, and the caller may use its buffer again.
      return output.slice();
    case 'v_prediction':
      return combine([path === 'flow' ? 1 : alpha, x], [-sigma, output]);
    case 'epsilon': {
      const share = path === 'flow' ? Math.max(alpha, LEAST_ALPHA) : alpha;
      return combine([1 / share, x], [-sigma / share, output]);
    }
  }
}

/**
 * Classifier-free guidance on the network's outputs, before they are converted (Ho and Salimans 2022, eq. 6, as
 * diffusers counts the scale: 1 is no guidance).
 * @param rescale 0 to 1: how far the deviation is brought back to the conditional one's (Lin et al. 2023, eq. 15-16)
 */
export function guide(
  conditional: Float32Array,
  unconditional: Float32Array,
  scale: number,
  rescale = 0,
): Float32Array {
  const guided = combine([1 - scale, unconditional], [scale, conditional]);
  if (rescale === 0) return guided;
  const factor = deviation(conditional) / deviation(guided);
  return combine([rescale * factor + (1 - rescale), guided]);
}

/**
 * The guidance scale as a sinusoidal embedding, LCM's `timestep_cond` (`get_guidance_scale_embedding` of scale − 1).
 * @param width of the embedding; an odd width ends in a zero
 */
export function guidanceEmbedding(scale: number, width: number): Float32Array {
  const { fround } = Math;
  const half = Math.floor(width / 2);
  const position = fround(fround(scale - 1) * 1000);
  const decay = fround(fround(Math.log(10_000)) / (half - 1));
  const embedding = new Float32Array(width);
  for (let i = 0; i < half; i++) {
    // float32 as in the reference: the angles reach thousands, where a double would turn out otherwise.
    const angle = fround(position * fround(Math.exp(fround(i * -decay))));
    embedding[i] = Math.sin(angle);
    embedding[half + i] = Math.cos(angle);
  }
  return embedding;
}
