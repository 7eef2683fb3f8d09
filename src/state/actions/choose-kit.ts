import type { Kit } from '#core/kits/kit.ts';
import { bringKit } from '#state/actions/bring-kit.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { type Draft, useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { findKit, kitSettings, useKits } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';

/**
 * Gives the form another kit, or none. The kit's settings come into the form, and those it replaced come back with
 * the next choice; what the person changed since stays.
 * @param id empty for none
 */
export function chooseKit(id: string): void {
  const draft = useDraft.getState();
  const before = findKit(useKits.getState(), draft.kitId);
  const kit = findKit(useKits.getState(), id);
  const { replaced } = useKits.getState();
  const plain = { ...draft, ...stillThere(draft, before, replaced) };
  const worn = { ...plain, ...kitSettings(kit), kitId: kit?.id ?? '' };
  const manifest = findModel(useModels.getState().models, draft.modelId);
  editDraft(manifest === null ? worn : fitDraft(worn, manifest));
  useKits.setState({ replaced: pick(plain, kitSettings(kit)) });
  if (kit !== null) void bringKit(kit);
}

/** What to put back: fields that still say what the kit had put there. */
function stillThere(draft: Draft, kit: Kit | null, replaced: Partial<Draft>): Partial<Draft> {
  const put = kitSettings(kit);
  const names = Object.keys(replaced) as (keyof Draft)[];
  return Object.fromEntries(
    names.filter((name) => draft[name] === put[name]).map((name) => [name, replaced[name]]),
  );
}

function pick(draft: Draft, of: Partial<Draft>): Partial<Draft> {
  return Object.fromEntries((Object.keys(of) as (keyof Draft)[]).map((name) => [name, draft[name]]));
}
