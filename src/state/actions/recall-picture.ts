import { closePicture } from '#state/actions/look-at-picture.ts';
import { showPage } from '#state/actions/show-page.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { missingSentence, useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { recallItems, recallRest, takeItems } from '#state/recall-items.ts';
import { useRecall } from '#state/recall.ts';

/** Puts what is taken of the open picture's settings into the form, and says what was not. */
export function recallPicture(): void {
  const { picture } = useRecall.getState();
  const { models } = useModels.getState();
  const current = findModel(models, useDraft.getState().modelId);
  if (picture?.recalled == null || current === null) return;
  const { recalled, left, absent } = picture;
  const { cards, words } = useAdapters.getState();
  const place = { models, current, cards, words, absent };
  const taken = takeItems(useDraft.getState(), recalled, place, left);
  const items = recallItems(recalled, place, left);
  const impossible = items.filter(({ problem }) => problem !== null).map(({ label }) => label);
  useDraft.setState(fitDraft(taken.draft, taken.manifest));
  closePicture();
  showPage('stage');
  const names = [...new Set([...impossible, ...recallRest(recalled).map(({ key }) => key.slice(0, 40))])];
  const sentences = [
    names.length === 0 ? 'Settings loaded.' : `Settings loaded, except ${list(names)}.`,
    missingSentence(taken.draft),
  ];
  showToast({ text: sentences.filter((one) => one !== null).join(' '), tone: 'plain', action: null });
}

function list(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
