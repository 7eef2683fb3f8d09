/** Longest part of a file name that comes from the prompt, in characters. */
const WORDS_MAX = 60;

/** `kiln-965400086-a_red_apple.png`: safe on every system, and the seed says which one it is. */
export function pictureFileName(picture: { seed: number; prompt: string }): string {
  const words = picture.prompt
    .normalize('NFKC')
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '_')
    .slice(0, WORDS_MAX)
    .replaceAll(/^_+|_+$/g, '');
  return `kiln-${picture.seed}${words === '' ? '' : `-${words}`}.png`;
}
