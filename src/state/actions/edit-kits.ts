/** The person's own kits: each change is kept at once. */
import { KIT_COLOURS } from '#core/kits/colour.ts';
import { type Kit, type KitDefaults, MAX_KIT_NAME } from '#core/kits/kit.ts';
import { resolveUses } from '#core/lora/uses.ts';
import { chooseKit } from '#state/actions/choose-kit.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { readAdapters } from '#state/actions/read-adapters.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { useAdapters } from '#state/adapters.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { findKit, useKits } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';
import { services } from '#state/services.ts';
import { useToast } from '#state/toast.ts';
import type { ArrivingAdapter } from '#storage/kits.ts';

/** Kept for the undo; one is enough, since one toast offers it. */
let last: { kit: Kit; at: number; wasWorn: boolean } | null = null;

/**
 * Makes a kit of what the form says: its adapters, its negative prompt and settings that are not the model's own. The
 * form then wears it in their place, so that the next picture is the same.
 */
export function createKit(): Kit {
  const draft = useDraft.getState();
  const { own, starters } = useKits.getState();
  const worn = findKit({ own, starters }, draft.kitId);
  const { uses } = resolveUses(draft.prompt, draft.adapters, useAdapters.getState().cards);
  const on = uses.map(({ adapter: { sha256, loraHash, name }, use: { textWeight, denoiserWeight } }) => ({
    sha256,
    loraHash,
    name,
    textWeight,
    denoiserWeight,
  }));
  const ownFiles = new Set(on.map(({ sha256 }) => sha256));
  const kit: Kit = {
    id: newId(),
    name: freeKitName(worn === null ? 'New kit' : worn.name),
    colour: nextColour(),
    adapters: [...on, ...(worn?.adapters ?? []).filter(({ sha256 }) => !ownFiles.has(sha256))],
    frame: worn?.frame ?? '',
    negativePrompt: [draft.negativePrompt.trim(), worn?.negativePrompt ?? '']
      .filter((text) => text !== '')
      .join(', '),
    defaults: settingsNow(),
  };
  setOwn([...own, kit]);
  chooseKit(kit.id);
  const notes = draft.adapters.filter(({ inPrompt }) => inPrompt);
  editDraft({ adapters: notes, negativePrompt: '' });
  return kit;
}

export function changeKit(id: string, change: Partial<Omit<Kit, 'id'>>): void {
  setOwn(useKits.getState().own.map((kit) => (kit.id === id ? { ...kit, ...change } : kit)));
}

/** A copy right behind it; of a brand that ships, a kit of the person's own that can be changed. */
export function duplicateKit(id: string): Kit | null {
  const { own, starters } = useKits.getState();
  const kit = findKit({ own, starters }, id);
  if (kit === null) return null;
  const copy = { ...kit, id: newId(), name: freeKitName(kit.name) };
  const at = own.indexOf(kit);
  setOwn(own.toSpliced(at === -1 ? own.length : at + 1, 0, copy));
  return copy;
}

export function moveKit(id: string, by: -1 | 1): void {
  const { own } = useKits.getState();
  const at = own.findIndex((kit) => kit.id === id);
  const kit = own[at];
  if (kit === undefined || at + by < 0 || at + by >= own.length) return;
  setOwn(own.toSpliced(at, 1).toSpliced(at + by, 0, kit));
}

/** Takes a kit away; its adapters stay. */
export async function removeKit(id: string): Promise<void> {
  const { own } = useKits.getState();
  const at = own.findIndex((kit) => kit.id === id);
  const kit = own[at];
  if (kit === undefined) return;
  const wasWorn = useDraft.getState().kitId === id;
  if (wasWorn) chooseKit('');
  last = { kit, at, wasWorn };
  useKits.setState({ own: own.toSpliced(at, 1) });
  await services().kits.remove(id);
  showToast({ text: `${kit.name} is removed.`, tone: 'plain', action: 'undo-remove-kit' });
}

export function undoRemoveKit(): void {
  const removed = last;
  last = null;
  if (removed === null) return;
  useToast.setState({ toast: null });
  const { own } = useKits.getState();
  setOwn(own.toSpliced(Math.min(removed.at, own.length), 0, removed.kit));
  if (removed.wasWorn && useDraft.getState().kitId === '') chooseKit(removed.kit.id);
}

/** Adds kits with the adapters that came along, all or none. @returns whether they were kept */
export async function addKits(kits: readonly Kit[], adapters: readonly ArrivingAdapter[]): Promise<boolean> {
  const { own } = useKits.getState();
  const entries = kits.map((kit, index) => ({ kit, position: own.length + index }));
  const kept = await services().kits.keep(entries, adapters);
  if (!kept.ok) {
    const kit = kits.length === 1 ? kits[0]!.name : `${kits.length} kits`;
    useKits.setState({ failure: { code: 'kit-not-kept', kit, reason: kept.reason } });
    return false;
  }
  await readAdapters();
  useKits.setState({ own: await services().kits.list() });
  return true;
}

/** Shows kits at once and writes those that are new, changed or moved. */
function setOwn(next: readonly Kit[]): void {
  const before = useKits.getState().own;
  useKits.setState({ own: next, failure: null });
  const changed = next
    .map((kit, position) => ({ kit, position }))
    .filter(({ kit, position }) => before[position] !== kit);
  if (changed.length > 0) void write(changed);
}

async function write(changed: { kit: Kit; position: number }[]): Promise<void> {
  const kept = await services().kits.keep(changed);
  if (!kept.ok)
    useKits.setState({ failure: { code: 'kit-not-kept', kit: changed[0]!.kit.name, reason: kept.reason } });
}

function newId(): string {
  return `kit-${crypto.randomUUID()}`;
}

/** A name that no kit here has. */
export function freeKitName(wish: string): string {
  const { own, starters } = useKits.getState();
  const taken = new Set([...own, ...starters.map(({ kit }) => kit)].map(({ name }) => name.toLowerCase()));
  const stem = wish.replace(/ \d+$/, '').slice(0, MAX_KIT_NAME - 5);
  let name = wish.slice(0, MAX_KIT_NAME);
  for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem} ${n}`;
  return name;
}

function nextColour(): string {
  const { own } = useKits.getState();
  const used = new Set(own.map(({ colour }) => colour));
  return KIT_COLOURS.find((colour) => !used.has(colour)) ?? KIT_COLOURS[own.length % KIT_COLOURS.length]!;
}

/** Settings of the form that are not what the model starts with. */
function settingsNow(): KitDefaults {
  const draft = useDraft.getState();
  const manifest = findModel(useModels.getState().models, draft.modelId);
  if (manifest === null) return {};
  const { steps, guidanceScale, sampler, schedule, size } = controlsOf(manifest);
  const { widthPx, heightPx } = draft;
  const hasOwnSize = size.enabled && (size.default.widthPx !== widthPx || size.default.heightPx !== heightPx);
  return {
    ...(steps.enabled && steps.default !== draft.steps ? { steps: draft.steps } : {}),
    ...(guidanceScale.enabled && guidanceScale.default !== draft.guidanceScale
      ? { guidanceScale: draft.guidanceScale }
      : {}),
    ...(sampler.enabled && sampler.default !== draft.sampler ? { sampler: draft.sampler } : {}),
    ...(schedule.enabled && schedule.default !== draft.schedule ? { schedule: draft.schedule } : {}),
    ...(hasOwnSize ? { size: { widthPx, heightPx } } : {}),
  };
}
