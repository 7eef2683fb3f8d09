import { Autocomplete } from '@base-ui/react/autocomplete';
import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { rank } from '#core/search/fuzzy.ts';
import { readBoards } from '#state/actions/edit-boards.ts';
import { Keys } from '#ui/kit/Keys.tsx';
import { type PaletteEntry, SOURCES } from './sources.ts';

const MAX_SHOWN = 60;

/** Finds any command, page, setting or earlier prompt by a few letters of it. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState('');
  // What the sources say when it opens; boards are read first.
  const [entries, setEntries] = useState(() => SOURCES.flatMap((source) => source()));
  useEffect(() => {
    void readBoards().then(() => setEntries(SOURCES.flatMap((source) => source())));
  }, []);
  const chosen = useRef<PaletteEntry | null>(null);
  const shown = rank(query, entries, ({ title, group }) => `${title} ${group}`, MAX_SHOWN);
  const choose = (entry: PaletteEntry) => {
    chosen.current = entry;
    onClose();
    // After the dialog has given the focus back, so that an entry may take it.
    requestAnimationFrame(() => entry.run());
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup
          finalFocus={() => chosen.current === null}
          className="fixed inset-x-3 top-[max(0.75rem,12dvh)] z-50 mx-auto flex max-h-[min(32rem,76dvh)] max-w-xl flex-col overflow-hidden rounded-2xl bg-panel shadow-pop ring-1 ring-line outline-none forced-colors:border"
        >
          <Dialog.Title className="sr-only">Find a command</Dialog.Title>
          <Autocomplete.Root
            inline
            open
            mode="none"
            autoHighlight="always"
            keepHighlight
            items={shown}
            itemToStringValue={({ title }: PaletteEntry) => title}
            value={query}
            onValueChange={(value, { reason }) => {
              // Choosing an entry would write its title into the field.
              if (reason !== 'item-press') setQuery(value);
            }}
          >
            <div className="flex items-center gap-3 border-b border-line px-4">
              <Search size={16} aria-hidden="true" className="shrink-0 text-faint" />
              <Autocomplete.Input
                aria-label="Find a command"
                placeholder="Command, page, setting or earlier prompt"
                className="h-13 min-w-0 flex-1 bg-transparent text-base outline-none"
              />
              <Keys combo="Escape" className="pointer-coarse:hidden" />
            </div>
            <Autocomplete.Empty className="px-4 py-8 text-center text-soft empty:hidden">
              Nothing is called so.
            </Autocomplete.Empty>
            <Autocomplete.List className="min-h-0 overflow-y-auto p-1.5 empty:hidden">
              {(entry: PaletteEntry) => (
                <Autocomplete.Item
                  key={entry.id}
                  value={entry}
                  onClick={() => choose(entry)}
                  className="flex min-h-9 cursor-default items-center gap-3 rounded-lg px-2.5 outline-none select-none data-highlighted:bg-hover forced-colors:data-highlighted:bg-[Highlight] pointer-coarse:min-h-11"
                >
                  <span className="min-w-0 flex-1 truncate">{entry.title}</span>
                  <span className="shrink-0 text-2xs text-faint max-sm:sr-only">{entry.group}</span>
                  {entry.keys != null && <Keys combo={entry.keys} className="pointer-coarse:hidden" />}
                </Autocomplete.Item>
              )}
            </Autocomplete.List>
          </Autocomplete.Root>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
