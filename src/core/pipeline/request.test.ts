import { describe, expect, it } from 'vitest';
import { type GenerateRequest, MAX_SEED, pictureRequest, remainingRequest } from './request.ts';

const REQUEST: GenerateRequest = {
  modelId: 'm',
  prompt: 'a',
  negativePrompt: '',
  seed: MAX_SEED,
  steps: 4,
  sampler: 's',
  schedule: 'x',
  guidanceScale: 1,
  guidanceRescale: 0,
  widthPx: 64,
  heightPx: 64,
  count: 3,
};
const TEXTS = ['a', 'b', 'c'].map((prompt) => ({ prompt, negativePrompt: `no ${prompt}` }));

describe('a picture of a request', () => {
  it('has its own seed and text, and no list of texts', () => {
    const own = pictureRequest({ ...REQUEST, prompts: TEXTS }, 1);
    expect(own).toEqual({ ...REQUEST, prompt: 'b', negativePrompt: 'no b', seed: 0, count: 1 });
  });

  it('is the same picture when the rest is run later', () => {
    for (const request of [
      REQUEST,
      { ...REQUEST, prompts: TEXTS },
      { ...REQUEST, variation: { seed: 7, strength: 0.2 } },
    ]) {
      const rest = remainingRequest(request, 1);
      expect(rest.count).toBe(2);
      expect(pictureRequest(rest, 1)).toEqual(pictureRequest(request, 2));
    }
  });
});
