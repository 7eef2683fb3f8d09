import { useAdapters, wordOf } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { services } from '#state/services.ts';
import { useTokens } from '#state/tokens.ts';
import { composeDraft, useWords } from '#state/words.ts';

let isCounting = false;
let isStale = false;

/** Counts now and after every change of the form, until the answer is called. */
export function watchTokens(): () => void {
  void countTokens();
  const ends = [useDraft, useWords, useAdapters].map((store) => store.subscribe(() => void countTokens()));
  return () => ends.forEach((end) => end());
}

/** Counts the words that the form would draw now. Asked again while it counts, it counts once more at the end. */
async function countTokens(): Promise<void> {
  isStale = true;
  if (isCounting) return;
  isCounting = true;
  try {
    while (isStale) {
      isStale = false;
      const draft = useDraft.getState();
      if (draft.modelId === '' || draft.prompt.trim() === '') {
        useTokens.setState({ count: null });
        continue;
      }
      const { prompt } = composeDraft({ ...draft, count: 1 });
      const { modelId, steps } = draft;
      const words = useAdapters.getState().words.map((card) => ({
        text: wordOf(card),
        vectors: card.summary.vectors ?? 1,
      }));
      useTokens.setState({ count: await services().tokens.count({ modelId, prompt, steps, words }) });
    }
  } finally {
    isCounting = false;
  }
}
