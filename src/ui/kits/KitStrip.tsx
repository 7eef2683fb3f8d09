import { Ban } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useId, useMemo, useRef, useState } from 'react';
import type { Kit } from '#core/kits/kit.ts';
import { starterMismatch } from '#core/kits/starters.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { chooseKit } from '#state/actions/choose-kit.ts';
import { redrawInKit } from '#state/actions/redraw-in-kit.ts';
import { useAdapters } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { useGallery } from '#state/gallery.ts';
import { findStarter, kitProblem, shownKits, useKits } from '#state/kits.ts';
import { failureText } from '#ui/failure-text.ts';
import { SearchField } from '#ui/kit/SearchField.tsx';
import { Swatch } from './Swatch.tsx';

/** From here on one types faster than one scrolls. */
const SEARCH_FROM = 13;

/** The kits side by side, none first: one choice, by arrow keys or by a click; Enter redraws the picture in it. */
export function KitStrip({ manifest }: { manifest: Manifest }) {
  const { own, starters, hidden } = useKits();
  const kitId = useDraft((draft) => draft.kitId);
  const cards = useAdapters((state) => state.cards);
  const [query, setQuery] = useState('');
  const name = useId();
  const list = useRef<HTMLDivElement>(null);
  const kits = useMemo(() => shownKits({ own, starters, hidden }), [own, starters, hidden]);
  const previews = usePreviews();
  const wanted = query.trim().toLowerCase();
  const found = kits.filter((kit) => kit.id === kitId || kit.name.toLowerCase().includes(wanted));
  // What Enter in the search takes; what is worn stays listed, found or not.
  const first = wanted === '' ? undefined : found.find((kit) => kit.name.toLowerCase().includes(wanted));
  const isSearching = wanted !== '';
  // Also as a search ends, where what it chose stands among all the others again.
  useEffect(() => {
    if (isSearching) return;
    const chosen = list.current?.querySelector(`input[value="${CSS.escape(kitId)}"]`);
    chosen?.closest('label')?.scrollIntoView({
      block: 'nearest',
      inline: 'nearest',
    });
  }, [kitId, isSearching]);
  return (
    <>
      {kits.length >= SEARCH_FROM && (
        <SearchField
          label="Search kits"
          placeholder={`Search ${kits.length} kits`}
          className="mb-2"
          value={query}
          onChange={setQuery}
          onEnter={() => first !== undefined && chooseKit(first.id)}
        />
      )}
      <div
        ref={list}
        role="radiogroup"
        aria-label="Kit"
        className="-mx-4 flex snap-x scroll-px-4 gap-1 overflow-x-auto px-4 py-1 [scrollbar-width:thin]"
      >
        <Choice
          name={name}
          id=""
          label="None"
          isChosen={kitId === '' || found.every(({ id }) => id !== kitId)}
        />
        {found.map((kit) => {
          const starter = findStarter({ starters }, kit.id);
          const mismatch = starter === null ? null : starterMismatch(starter, manifest);
          const problem = mismatch ?? kitProblem(kit, starters, cards, manifest);
          return (
            <Choice
              key={kit.id}
              name={name}
              id={kit.id}
              label={kit.name}
              kit={kit}
              previewUrl={previews.get(kit.id) ?? null}
              isChosen={kit.id === kitId}
              isDisabled={mismatch !== null}
              problem={problem === null ? null : failureText(problem).happened}
            />
          );
        })}
      </div>
      {wanted !== '' && (
        <output className="block text-2xs text-faint">
          {foundSentence(
            first?.name ?? null,
            found.filter((kit) => kit.name.toLowerCase().includes(wanted)).length,
          )}
        </output>
      )}
    </>
  );
}

function foundSentence(first: string | null, count: number): string {
  if (first === null) return 'No kit has this in its name.';
  return count === 1 ? `1 kit. Enter takes ${first}.` : `${count} kits. Enter takes the first, ${first}.`;
}

/** Of each kit the latest picture of the strip that wears it. */
function usePreviews(): ReadonlyMap<string, string> {
  const pictures = useGallery((state) => state.pictures);
  return useMemo(() => {
    const urls = new Map<string, string>();
    for (const { request, thumbnailUrl } of pictures)
      if (request.kit !== undefined && !urls.has(request.kit.id)) urls.set(request.kit.id, thumbnailUrl);
    return urls;
  }, [pictures]);
}

function redrawOnEnter(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  void redrawInKit();
}

interface ChoiceProps {
  name: string;
  id: string;
  label: string;
  kit?: Kit;
  previewUrl?: string | null;
  isChosen: boolean;
  isDisabled?: boolean;
  problem?: string | null;
}

const Choice = memo(function Choice({
  name,
  id,
  label,
  kit,
  previewUrl = null,
  isChosen,
  isDisabled = false,
  problem = null,
}: ChoiceProps) {
  const noteId = useId();
  return (
    <label
      title={problem ?? label}
      className="group relative flex w-15 shrink-0 cursor-pointer snap-start flex-col items-center gap-1 rounded-xl px-0.5 pt-1 pb-0.5 has-focus-visible:outline-2 has-focus-visible:outline-ember has-disabled:cursor-not-allowed"
    >
      <input
        type="radio"
        name={name}
        aria-label={label}
        value={id}
        className="absolute inset-0 z-10 m-0 cursor-pointer appearance-none rounded-xl outline-none disabled:cursor-not-allowed"
        checked={isChosen}
        disabled={isDisabled}
        aria-describedby={problem === null ? undefined : noteId}
        onChange={() => chooseKit(id)}
        onKeyDown={redrawOnEnter}
        onDoubleClick={() => void redrawInKit()}
      />
      <span
        className={`rounded-[0.875rem] p-0.5 ring-2 transition-shadow group-has-disabled:opacity-45 ${isChosen ? 'ring-ember' : 'ring-transparent group-hover:ring-line'} forced-colors:group-has-checked:ring-[Highlight]`}
      >
        {kit === undefined ? (
          <span className="grid size-11 place-items-center rounded-xl bg-well text-faint ring-1 ring-line ring-inset">
            <Ban size={16} aria-hidden="true" />
          </span>
        ) : (
          <Swatch name={kit.name} colour={kit.colour} previewUrl={previewUrl} />
        )}
      </span>
      <span
        className={`w-full truncate text-center text-2xs ${isDisabled ? 'text-faint' : isChosen ? 'font-medium text-ink' : 'text-soft'}`}
      >
        {label}
      </span>
      {problem !== null && (
        <>
          <span id={noteId} className="sr-only">
            {problem}
          </span>
          <span
            aria-hidden="true"
            className="absolute top-0.5 right-1.5 size-2.5 rounded-full bg-danger ring-2 ring-panel"
          />
        </>
      )}
    </label>
  );
});
