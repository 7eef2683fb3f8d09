/** Frames around a prompt: styles, and the prompt frame of a kit. */

/** Where a frame takes the prompt in. */
export const PROMPT_PLACE = '{prompt}';

/**
 * Puts a prompt into frames, each around what the ones before it made. A frame without `{prompt}` follows it after a
 * comma, as in the field's styles; every `{prompt}` of a frame is filled. Empty frames change nothing.
 */
export function frame(prompt: string, frames: readonly string[]): string {
  return frames.reduce((framed, next) => {
    if (next.includes(PROMPT_PLACE)) return next.replaceAll(PROMPT_PLACE, () => framed);
    return [framed.trim(), next.trim()].filter((part) => part !== '').join(', ');
  }, prompt);
}
