/** What the empty stage offers: what the starter model draws well, alone, together, recoloured and in a place. */
export const EXAMPLE_PROMPTS: readonly string[] = [
  'a red apple on a blue background',
  'a blue cat',
  'a rocket in the night sky',
  'a house above a cloud on a pink background',
  'a mushroom on a green background',
  'a pizza above a star on a purple background',
];
