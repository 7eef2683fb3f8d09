/** Where the palette's entries come from. A new kind of thing to find is a function in `SOURCES`. */
import { WHOLE_GALLERY } from '#core/gallery/search.ts';
import { searchGallery } from '#state/actions/browse-gallery.ts';
import { chooseKit } from '#state/actions/choose-kit.ts';
import { chooseModel } from '#state/actions/choose-model.ts';
import { choosePreview } from '#state/actions/choose-preview.ts';
import { chooseDevice } from '#state/actions/choose-device.ts';
import { chooseUpscaling } from '#state/actions/choose-upscaling.ts';
import { takeEarlier } from '#state/actions/change-words.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { showPage } from '#state/actions/show-page.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { shownKits, useKits } from '#state/kits.ts';
import { usePage } from '#state/page.ts';
import { usePictures } from '#state/pictures.ts';
import { usePreferences } from '#state/preferences.ts';
import { keysOf, useShortcuts } from '#state/shortcuts.ts';
import { useWords } from '#state/words.ts';
import { COMMANDS } from '#ui/commands.ts';

const MAX_PROMPTS = 100;

export interface PaletteEntry {
  id: string;
  /** What is searched and shown. */
  title: string;
  group: string;
  keys?: string | null;
  run: () => void;
}

/** Each is asked anew when the palette opens. */
export const SOURCES: readonly (() => PaletteEntry[])[] = [commands, kits, boards, settings, earlierPrompts];

function commands(): PaletteEntry[] {
  const shortcuts = useShortcuts.getState();
  return COMMANDS.filter((command) => command.id !== 'palette' && command.isAvailable()).map((command) => ({
    ...command,
    keys: keysOf(shortcuts, command),
  }));
}

/** What the next picture wears. */
function kits(): PaletteEntry[] {
  const { kitId } = useDraft.getState();
  return [
    ...shownKits(useKits.getState())
      .filter(({ id }) => id !== kitId)
      .map(({ id, name }) => wear(id, `Wear ${name}`)),
    ...(kitId === '' ? [] : [wear('', 'Wear no kit')]),
  ];
}

function wear(id: string, title: string): PaletteEntry {
  const run = () => {
    chooseKit(id);
    showPage('stage');
  };
  return { id: `kit:${id}`, title, group: 'Kit', run };
}

function boards(): PaletteEntry[] {
  return usePictures.getState().boards.map(({ id, name }) => ({
    id: `board:${id}`,
    title: name,
    group: 'Board',
    run: () => {
      searchGallery({ ...WHOLE_GALLERY, board: id });
      showPage('gallery');
    },
  }));
}

/** Choosing one puts it back into the form. */
function earlierPrompts(): PaletteEntry[] {
  return useWords
    .getState()
    .earlier.slice(0, MAX_PROMPTS)
    .map((entry) => ({
      id: `prompt:${entry.usedAt}:${entry.prompt}`,
      title: entry.prompt,
      group: 'Earlier prompt',
      run: () => {
        takeEarlier(entry);
        showPage('stage');
      },
    }));
}

/** Every choice that is not the one that stands, and every field that is on the screen. */
function settings(): PaletteEntry[] {
  if (usePage.getState().page !== 'stage') return [];
  const draft = useDraft.getState();
  const { models } = useModels.getState();
  const manifest = findModel(models, draft.modelId);
  const { preview, isUpscaling } = usePreferences.getState();
  const controls = manifest === null ? null : controlsOf(manifest);
  const choices = [
    ...models
      .filter(({ id }) => id !== manifest?.id)
      .map(({ id, name }) => choice('Model', name, () => chooseModel(id))),
    ...options(controls?.sampler, draft.sampler, 'Sampler', (sampler) => editDraft({ sampler })),
    ...options(controls?.schedule, draft.schedule, 'Schedule', (schedule) => editDraft({ schedule })),
    ...(['off', 'linear', 'decoder'] as const)
      .filter((id) => id !== preview)
      .map((id) => choice('Preview', id, () => choosePreview(id))),
    ...(
      [
        ['auto', 'automatic'],
        ['webgpu', 'GPU'],
        ['cpu', 'CPU'],
      ] as const
    ).map(([id, name]) => choice('Device', name, () => void chooseDevice(id))),
    choice('Upscale every picture', isUpscaling ? 'off' : 'on', () => chooseUpscaling(!isUpscaling)),
  ];
  return [...choices, ...fieldsOnScreen()];
}

function choice(label: string, value: string, run: () => void): PaletteEntry {
  return { id: `${label}:${value}`, title: `${label}: ${value}`, group: 'Settings', run };
}

function options(
  control: { enabled: boolean; options?: readonly { id: string; label: string }[] } | undefined,
  current: string,
  label: string,
  choose: (id: string) => void,
): PaletteEntry[] {
  if (control?.enabled !== true || control.options === undefined) return [];
  return control.options
    .filter(({ id }) => id !== current)
    .map((option) => choice(label, option.label, () => choose(option.id)));
}

/** Fields by their labels: choosing one puts the focus into it. */
function fieldsOnScreen(): PaletteEntry[] {
  return [...document.querySelectorAll<HTMLLabelElement>('section label[for]')].flatMap((label) => {
    const { control, textContent } = label;
    if (control === null || control.matches(':disabled') || !label.checkVisibility()) return [];
    const run = () => {
      control.scrollIntoView({ block: 'nearest' });
      control.focus();
    };
    return [{ id: `field:${label.htmlFor}`, title: textContent, group: 'Settings', run }];
  });
}
