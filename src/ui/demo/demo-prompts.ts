/** What a stand offers: things the starter model draws well, in the grounds it knows. Shown six at a time. */
export const DEMO_PROMPTS: readonly string[] = [
  'a red apple on a blue background',
  'a cat on a yellow background',
  'a rocket on a purple background',
  'a mushroom on a green background',
  'a cactus on a pink background',
  'a sailboat on an orange background',
  'a fox on a blue background',
  'a teapot on a green background',
  'a castle on a purple background',
  'an owl on an orange background',
  'a guitar on a yellow background',
  'a pineapple on a pink background',
  'a dog on a purple background',
  'a crown on a red background',
  'a butterfly on a white background',
  'a strawberry on a green background',
  'a camera on a yellow background',
  'a penguin on a blue background',
];

/** How many are offered at a time. */
export const SET_SIZE = 6;

/** The prompts of one set; sets follow each other and begin again after the last. */
export function promptSet(index: number): readonly string[] {
  const start = (index * SET_SIZE) % DEMO_PROMPTS.length;
  return DEMO_PROMPTS.slice(start, start + SET_SIZE);
}
