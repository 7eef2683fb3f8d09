/** Whether a model can do what a request asks about pictures: start from one, vary one, enlarge one as it is drawn. */
import type { Failure } from '#core/failure.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { leastStrength, stepsSkipped } from '#core/sampling/strength.ts';
import { type GenerateRequest, type HiresUse, hiresSize, type InitUse, MAX_HIRES_SCALE } from './request.ts';

/** Beyond any canvas that browsers agree on. */
export const MAX_RESULT_PX = 4096;

/** @returns the first failure, or `null` */
export function checkInputs(request: GenerateRequest, manifest: Manifest): Failure | null {
  const { init, variation, hires } = request;
  if (variation !== undefined && !isShare(variation.strength)) return bug('variation.strength');
  if (init === undefined && hires === undefined) return null;
  if (manifest.encoder === undefined) return { code: 'encoder-missing', model: manifest.name };
  if (init !== undefined && hires !== undefined) return { code: 'hires-with-source' };
  return init === undefined
    ? checkHires(hires!, request, manifest)
    : checkInit(init, request.steps, manifest.noise.path);
}

function checkInit(init: InitUse, steps: number, path: Manifest['noise']['path']): Failure | null {
  const { extend, mask } = init;
  if (extend !== undefined && mask === undefined) return bug('init.extend without a mask');
  if (mask?.sha256 === null && extend === undefined) return { code: 'mask-empty' };
  return checkStrength(init.strength, steps, path);
}

function checkHires(hires: HiresUse, request: GenerateRequest, manifest: Manifest): Failure | null {
  const { min, max } = manifest.steps;
  if (!(hires.scale > 1 && hires.scale <= MAX_HIRES_SCALE)) return bug('hires.scale');
  if (!Number.isSafeInteger(hires.steps) || hires.steps < min || hires.steps > max) {
    return { code: 'steps-unsupported', steps: hires.steps, min, max };
  }
  const size = hiresSize(request, hires, manifest.latent.downscale);
  if (Math.max(size.widthPx, size.heightPx) > MAX_RESULT_PX) {
    return { code: 'picture-too-large', ...size, maxPx: MAX_RESULT_PX };
  }
  return checkStrength(hires.strength, hires.steps, manifest.noise.path);
}

function checkStrength(strength: number, steps: number, path: Manifest['noise']['path']): Failure | null {
  if (!isShare(strength) || strength === 0) return { code: 'strength-invalid', strength };
  if (stepsSkipped(path, steps, strength) >= steps) {
    return { code: 'strength-too-low', strength, steps, least: leastStrength(path, steps) };
  }
  return null;
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** Form and recall keep to what is possible here, so this is a bug and no choice of a person. */
function bug(what: string): Failure {
  return { code: 'unexpected', message: `${what} is not possible`, stack: null };
}
