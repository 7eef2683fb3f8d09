/** What the empty stage offers: prompts inside the starter model's world of objects on coloured grounds. */
export const EXAMPLE_PROMPTS: readonly string[] = [
  'a red apple on a blue background',
  'a cat',
  'a rocket on a yellow background',
  'a mushroom on a green background',
  'a cactus on a pink background',
  'a sailboat on an orange background',
];
