import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEMO_PROMPTS, promptSet, SET_SIZE } from '../src/ui/demo/demo-prompts.ts';

/** Names that the starter model was trained on: `id: everyday name` a line, the id itself where there is no other. */
const concepts = new Set(
  readFileSync('forge/starter_concepts.txt', 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => (line.split(':')[1]?.trim() || line.split(':')[0]?.trim()) ?? ''),
);
const GROUNDS = ['white', 'black', 'grey', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink'];

describe('the prompts of the stand', () => {
  it('are things and grounds that the starter model was trained on', () => {
    for (const prompt of DEMO_PROMPTS) {
      const [, thing, ground] = /^an? (?:red )?(.+) on an? (\w+) background$/.exec(prompt) ?? [];
      expect([prompt, concepts.has(thing ?? '')]).toEqual([prompt, true]);
      expect(GROUNDS).toContain(ground);
    }
  });

  it('are all offered, in full sets, over and over', () => {
    const sets = DEMO_PROMPTS.length / SET_SIZE;
    const offered = Array.from({ length: sets }, (_, index) => promptSet(index));
    expect(new Set(offered.flat()).size).toBe(DEMO_PROMPTS.length);
    for (const set of offered) expect(set).toHaveLength(SET_SIZE);
    expect(promptSet(sets)).toEqual(promptSet(0));
  });
});
