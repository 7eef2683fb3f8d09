/**
 * Every command of the studio, in one table: the palette, the list of shortcuts and the key listener read it.
 * A new command is a row here.
 */
import { cancel } from '#state/actions/cancel.ts';
import { chooseTheme } from '#state/actions/choose-theme.ts';
import { copyPicture } from '#state/actions/copy-picture.ts';
import { describePicture } from '#state/actions/describe-picture.ts';
import { downloadPicture } from '#state/actions/download-picture.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { exportPictures } from '#state/actions/export-pictures.ts';
import { foldPanel } from '#state/actions/fold-panel.ts';
import { generate } from '#state/actions/generate.ts';
import { closeLibrary, openLibrary } from '#state/actions/open-library.ts';
import { removePicture } from '#state/actions/remove-picture.ts';
import { reuseSettings } from '#state/actions/reuse-settings.ts';
import { rollSeed } from '#state/actions/roll-seed.ts';
import { showOverlay } from '#state/actions/show-overlay.ts';
import { showPage } from '#state/actions/show-page.ts';
import { stepPicture } from '#state/actions/step-picture.ts';
import { cancelUpscale, upscaleShown } from '#state/actions/upscale-picture.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { useModels } from '#state/models.ts';
import { type Page, usePage } from '#state/page.ts';
import { usePreferences } from '#state/preferences.ts';
import { isRunning, useRun } from '#state/run.ts';
import { isUpscaling, useUpscale } from '#state/upscale.ts';
import { clearPrompt, focusedPrompt, focusPrompt, nudgeFocused } from '#ui/prompt/edit-text.ts';

export const COMMAND_GROUPS = ['Create', 'Picture', 'Go to', 'Studio'] as const;

export interface Command {
  /** Stays the same for ever: changed keys are kept by it. */
  id: string;
  title: string;
  group: (typeof COMMAND_GROUPS)[number];
  /** As `core/keys/combo.ts` writes them. Keys without Ctrl, Alt or ⌘ rest while a text field has the focus. */
  keys: string | null;
  run: () => void;
  /** Whether it would do something now. Keys of a command that would not are left to the browser. */
  isAvailable: () => boolean;
}

const always = () => true;
const onPage = (page: Page) => usePage.getState().page === page;
/** What one does not see, one does not start. */
const onStage = () => onPage('stage');

function shownPicture(): string | null {
  const { view } = useGallery.getState();
  return onStage() && view?.kind === 'picture' ? view.id : null;
}

/** A command of the picture on the stage. */
function ofPicture(
  id: string,
  title: string,
  keys: string | null,
  act: (pictureId: string) => unknown,
): Command {
  const run = () => {
    const pictureId = shownPicture();
    if (pictureId !== null) void act(pictureId);
  };
  return { id, title, group: 'Picture', keys, run, isAvailable: () => shownPicture() !== null };
}

function theme(id: 'light' | 'dark' | 'system', title: string): Command {
  const isAvailable = () => usePreferences.getState().theme !== id;
  return { id: `theme-${id}`, title, group: 'Studio', keys: null, run: () => chooseTheme(id), isAvailable };
}

function overlay(kind: 'styles' | 'lists' | 'earlier', title: string, keys: string | null): Command {
  return { id: kind, title, group: 'Create', keys, run: () => showOverlay({ kind }), isAvailable: onStage };
}

function go(page: Page, title: string, keys: string | null = null, run = () => showPage(page)): Command {
  return { id: `go-${page}`, title, group: 'Go to', keys, run, isAvailable: () => !onPage(page) };
}

export const COMMANDS: readonly Command[] = [
  {
    id: 'generate',
    title: 'Generate, or add to the queue',
    group: 'Create',
    keys: 'Mod+Enter',
    run: () => void generate(),
    isAvailable: () => onStage() && useModels.getState().status === 'ready',
  },
  {
    id: 'cancel',
    title: 'Cancel what runs',
    group: 'Create',
    keys: 'Escape',
    run: () => void (cancelUpscale() || cancel()),
    isAvailable: () => onStage() && (isRunning(useRun.getState()) || isUpscaling(useUpscale.getState())),
  },
  {
    id: 'random-seed',
    title: 'Random seed',
    group: 'Create',
    keys: null,
    run: rollSeed,
    isAvailable: onStage,
  },
  {
    id: 'lock-seed',
    title: 'Lock or free the seed',
    group: 'Create',
    keys: null,
    run: () => editDraft({ isSeedLocked: !useDraft.getState().isSeedLocked }),
    isAvailable: onStage,
  },
  {
    id: 'focus-prompt',
    title: 'Write the prompt',
    group: 'Create',
    keys: '/',
    run: focusPrompt,
    isAvailable: onStage,
  },
  {
    id: 'more-weight',
    title: 'More weight for the word',
    group: 'Create',
    keys: 'Mod+ArrowUp',
    run: () => nudgeFocused(1),
    isAvailable: () => focusedPrompt() !== null,
  },
  {
    id: 'less-weight',
    title: 'Less weight for the word',
    group: 'Create',
    keys: 'Mod+ArrowDown',
    run: () => nudgeFocused(-1),
    isAvailable: () => focusedPrompt() !== null,
  },
  {
    id: 'clear-prompt',
    title: 'Clear the prompt',
    group: 'Create',
    keys: null,
    run: clearPrompt,
    isAvailable: () => onStage() && useDraft.getState().prompt !== '',
  },
  overlay('styles', 'Styles', null),
  overlay('lists', 'Lists of words', null),
  overlay('earlier', 'Earlier prompts', 'Alt+H'),
  ofPicture('upscale', 'Upscale 2×', 'Mod+Shift+Enter', () => upscaleShown()),
  ofPicture('previous-picture', 'Newer picture', 'ArrowLeft', () => stepPicture(-1)),
  ofPicture('next-picture', 'Older picture', 'ArrowRight', () => stepPicture(1)),
  ofPicture('download', 'Download', 'Mod+S', downloadPicture),
  ofPicture('export', 'Export as …', 'Mod+Shift+S', (pictureId) => exportPictures([pictureId])),
  ofPicture('copy', 'Copy picture', null, copyPicture),
  ofPicture('describe', 'Describe and ask', null, describePicture),
  ofPicture('use-settings', 'Use its settings', null, reuseSettings),
  ofPicture('delete', 'Delete picture', null, removePicture),
  go('stage', 'Stage', null, closeLibrary),
  go('paint', 'Live paint', 'Alt+P'),
  go('gallery', 'Gallery'),
  go('library', 'Models', null, openLibrary),
  go('kits', 'Kits'),
  go('captions', 'Captions of a folder'),
  go('compare', 'Compare pictures'),
  go('grid', 'X/Y/Z grid'),
  go('blind', 'Blind A/B test'),
  {
    id: 'palette',
    title: 'Find a command',
    group: 'Studio',
    keys: 'Mod+K',
    run: () => showOverlay({ kind: 'palette' }),
    isAvailable: always,
  },
  {
    id: 'shortcuts',
    title: 'Keyboard shortcuts',
    group: 'Studio',
    keys: '?',
    run: () => showOverlay({ kind: 'shortcuts' }),
    isAvailable: always,
  },
  {
    id: 'fold-panel',
    title: 'Show or hide the settings panel',
    group: 'Studio',
    keys: null,
    run: () => foldPanel(!usePreferences.getState().isPanelFolded),
    isAvailable: onStage,
  },
  theme('light', 'Light theme'),
  theme('dark', 'Dark theme'),
  theme('system', 'Theme of the system'),
];
