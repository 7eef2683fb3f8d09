/** What the empty stage offers: what the starter model draws well, alone, together, recoloured and in a place. */
import examples from './examples.json';

export const EXAMPLE_PROMPTS: readonly string[] = examples.pictures.map(({ prompt }) => prompt);
