import { beforeEach, describe, expect, it } from 'vitest';
import { keepList, keepStyle, noteEarlier, switchStyle } from '#state/actions/change-words.ts';
import { generate } from '#state/actions/generate.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useRun } from '#state/run.ts';
import { openTestStudio } from '#state/test-studio.test-data.ts';
import { useWords } from '#state/words.ts';

const made = () => useGallery.getState().pictures.toSorted((a, b) => a.seed - b.seed);

describe('words of a person', () => {
  beforeEach(async () => {
    await openTestStudio();
    await keepStyle({ name: 'Ink', prompt: 'ink of {prompt}', negativePrompt: '' }, null);
    await keepList({ name: 'animal', text: 'fox\nowl\ncat\ndog' }, null);
  });

  it('dress each picture by its own seed, and the picture says both', async () => {
    editDraft({ prompt: 'a __animal__ {red|blue}', styles: ['Ink'], seed: 5, isSeedLocked: true, count: 8 });
    await generate();
    const pictures = made();
    expect(pictures.length).toBe(8);
    expect(new Set(pictures.map(({ request }) => request.prompt)).size).toBeGreaterThan(2);
    for (const { request } of pictures) {
      expect(request.prompt).toMatch(/^ink of a (fox|owl|cat|dog) (red|blue)$/);
      expect(request.prompts).toBeUndefined();
      expect(request.template).toMatchObject({ prompt: 'a __animal__ {red|blue}', styles: ['Ink'] });
    }
    // A picture alone is the same picture, and its settings make it again without the style twice.
    const third = pictures[2]!;
    reuseSettings(third.id);
    expect(useDraft.getState()).toMatchObject({ prompt: third.request.prompt, styles: [], seed: third.seed });
    await generate();
    expect(
      made()
        .filter(({ seed }) => seed === third.seed)
        .map(({ request }) => request.prompt),
    ).toEqual([third.request.prompt, third.request.prompt]);
    // As it was written it comes to the same words, and other seeds to others again.
    reuseSettings(third.id, { asWritten: true });
    expect(useDraft.getState()).toMatchObject({
      prompt: 'a __animal__ {red|blue}',
      styles: ['Ink'],
      seed: third.seed,
    });
    await generate();
    const again = made().filter(({ seed }) => seed === third.seed);
    expect(again.map(({ request }) => request.prompt)).toEqual(Array(3).fill(third.request.prompt));
  });

  it('are missed by name, and nothing is drawn', async () => {
    editDraft({ prompt: 'a __beast__', styles: ['Oil'] });
    await generate();
    expect(useRun.getState().formFailure).toEqual({ code: 'styles-unknown', names: ['Oil'] });
    switchStyle('Oil', false);
    await generate();
    expect(useRun.getState().formFailure).toEqual({ code: 'lists-unknown', names: ['beast'] });
    expect(made()).toEqual([]);
  });

  it('are noted once each, the last first', async () => {
    for (const prompt of ['a', 'b', 'a']) await noteEarlier({ prompt, negativePrompt: '', styles: [] });
    expect(useWords.getState().earlier.map(({ prompt }) => prompt)).toEqual(['a', 'b']);
  });

  it('follow a style that gets another name', async () => {
    editDraft({ styles: ['Ink'] });
    await keepStyle({ name: 'Pen', prompt: 'pen', negativePrompt: '' }, 'Ink');
    expect(useDraft.getState().styles).toEqual(['Pen']);
    expect(useWords.getState().styles.map(({ name }) => name)).toEqual(['Pen']);
  });
});
