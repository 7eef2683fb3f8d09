import { describe, expect, it } from 'vitest';
import { parseInfotext } from './infotext.ts';
import { upscaledInfotext, upscaledTexts } from './upscale-text.ts';
import { trainedMediaXmp } from './xmp.ts';

const UPSCALE = { factor: 2, upscaler: 'Kiln 2x' };
const TEXT =
  'a red fox\nNegative prompt: blurry\nSteps: 4, Sampler: Euler, CFG scale: 2, Seed: 7, Size: 256x256, Version: kiln 0.1.0';

describe('the text of an upscaled picture', () => {
  it('says so in the words of the field, and keeps everything else', () => {
    const text = upscaledInfotext(TEXT, UPSCALE);
    expect(text).toBe(
      'a red fox\nNegative prompt: blurry\nSteps: 4, Sampler: Euler, CFG scale: 2, Seed: 7, Size: 256x256, ' +
        'Hires upscale: 2, Hires upscaler: Kiln 2x, Version: kiln 0.1.0',
    );
  });

  it('multiplies the factor of a picture that was upscaled before', () => {
    const parsed = parseInfotext(upscaledInfotext(upscaledInfotext(TEXT, UPSCALE), UPSCALE));
    expect(parsed.ok && parsed.infotext.fields.get('Hires upscale')).toBe('4');
  });

  it.each(['a red fox', '', 'x'.repeat(70_000)])('stays as it is where nothing could be added', (text) => {
    expect(upscaledInfotext(text, UPSCALE)).toBe(text);
  });

  it('goes with all the other texts of the file, the mark of a machine where readers look for it', () => {
    const { keyword, text } = trainedMediaXmp();
    const entries = [
      { keyword: 'parameters', text: TEXT },
      { keyword: 'kiln', text: '{}' },
      { keyword, text },
    ];
    expect(upscaledTexts(entries, UPSCALE)).toEqual([
      { keyword: 'parameters', text: upscaledInfotext(TEXT, UPSCALE) },
      { keyword: 'kiln', text: '{}' },
      trainedMediaXmp(),
    ]);
  });
});
