/** Where two pictures differ, as a picture: the distance of each channel, brightened so that little shows too. */

export interface Difference {
  /** RGBA; what is alike is black. */
  rgba: Uint8ClampedArray<ArrayBuffer>;
  /** Mean over all colour values, 0 to 255, before it was brightened. */
  mean: number;
  /** Share of the pixels of which a colour differs by more than `NOTICED`. */
  changed: number;
}

/** Steps of 255 that an eye may notice on a flat ground. */
const NOTICED = 8;

/**
 * @param a RGBA, as long as `b`
 * @param gain 1 shows distances as they are
 * @throws RangeError when the two are not of one size
 */
export function differenceOf(a: Uint8ClampedArray, b: Uint8ClampedArray, gain: number): Difference {
  if (a.length !== b.length) throw new RangeError('The pictures are not of one size');
  const rgba = new Uint8ClampedArray(a.length);
  let sum = 0;
  let changed = 0;
  for (let at = 0; at < a.length; at += 4) {
    let most = 0;
    for (let channel = 0; channel < 3; channel++) {
      const distance = Math.abs(a[at + channel]! - b[at + channel]!);
      rgba[at + channel] = distance * gain;
      sum += distance;
      if (distance > most) most = distance;
    }
    rgba[at + 3] = 255;
    if (most > NOTICED) changed++;
  }
  const pixels = a.length / 4;
  return { rgba, mean: pixels === 0 ? 0 : sum / (pixels * 3), changed: pixels === 0 ? 0 : changed / pixels };
}
