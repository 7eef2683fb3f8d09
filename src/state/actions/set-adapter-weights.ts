import { adapterOfTag, type AdapterWeights, resolveUses, rewriteTags, useOf } from '#core/lora/uses.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';

/**
 * Gives an adapter its weights: in its tag where the prompt has one, else in the form's list.
 * @param weights null switches it off and remembers what it had
 */
export function setAdapterWeights(sha256: string, weights: AdapterWeights | null): void {
  const { cards, restingWeights } = useAdapters.getState();
  const card = cards.find((known) => known.sha256 === sha256);
  if (card === undefined) return;
  const { prompt, adapters } = useDraft.getState();
  const use = resolveUses(prompt, adapters, cards).uses.find(({ adapter }) => adapter === card)?.use;
  const isMeant = (name: string) => adapterOfTag(name, adapters, cards).adapter === card;
  const others = adapters.filter((other) => other.sha256 !== sha256 && other.loraHash !== card.loraHash);
  if (weights === null) {
    if (use === undefined) return;
    const { textWeight, denoiserWeight } = use;
    useAdapters.setState({ restingWeights: { ...restingWeights, [sha256]: { textWeight, denoiserWeight } } });
    editDraft({ prompt: rewriteTags(prompt, isMeant, null), adapters: others });
  } else if (use?.inPrompt) {
    // The note stays: it says which file the tag means.
    const notes = adapters.filter((other) => other.inPrompt || others.includes(other));
    const { textWeight, denoiserWeight } = useOf(card, weights, true);
    editDraft({ prompt: rewriteTags(prompt, isMeant, { textWeight, denoiserWeight }), adapters: notes });
  } else {
    const entry = useOf(card, weights, false);
    const at = adapters.findIndex((other) => !other.inPrompt && !others.includes(other));
    editDraft({ adapters: at === -1 ? [...adapters, entry] : adapters.with(at, entry) });
  }
}

/** On with what it had last, or off. */
export function switchAdapter(sha256: string, isOn: boolean): void {
  const resting = useAdapters.getState().restingWeights[sha256];
  setAdapterWeights(sha256, isOn ? (resting ?? { textWeight: 1, denoiserWeight: 1 }) : null);
}

/** Takes a name off that the form asks for and that is not here. */
export function dropMissingAdapter(name: string): void {
  const { prompt, adapters } = useDraft.getState();
  editDraft({
    prompt: rewriteTags(prompt, (tag) => tag === name, null),
    adapters: adapters.filter((use) => use.name !== name),
  });
}
