import { Download, Plus, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Kit } from '#core/kits/kit.ts';
import type { Manifest } from '#core/models/manifest.ts';
import { cancelCarrying, dismissKitFailure, exportKits, importKits } from '#state/actions/carry-kits.ts';
import { createKit, duplicateKit } from '#state/actions/edit-kits.ts';
import { hideKit } from '#state/actions/read-kits.ts';
import { useAdapters } from '#state/adapters.ts';
import { findKit, findStarter, kitProblem, useKits } from '#state/kits.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { SearchField } from '#ui/kit/SearchField.tsx';
import { useMedia, WIDE } from '#ui/kit/use-media.ts';
import { Meter } from '#ui/library/Meter.tsx';
import { Trouble } from '#ui/library/Trouble.tsx';
import { KitEditor } from './KitEditor.tsx';
import { KitList, moveAmongKits } from './KitList.tsx';
import { StarterFacts } from './StarterFacts.tsx';

/** From here on one types faster than one scrolls. */
const SEARCH_FROM = 9;

/** The list of kits beside the one that is being changed. */
export function KitDesk({ manifest, firstId }: { manifest: Manifest; firstId: string }) {
  const state = useKits();
  const { own, starters, hidden, failure } = state;
  const cards = useAdapters((adapters) => adapters.cards);
  const [openId, setOpenId] = useState(firstId);
  const [query, setQuery] = useState('');
  const isBeside = useMedia(WIDE);
  const editor = useRef<HTMLDivElement>(null);
  const kit = findKit(state, openId) ?? own[0] ?? starters[0]?.kit ?? null;
  const starter = kit === null ? null : findStarter(state, kit.id);
  const wanted = query.trim().toLowerCase();
  const isFound = ({ name }: Kit) => name.toLowerCase().includes(wanted);
  const brands = starters.map((each) => each.kit);
  const [foundOwn, foundBrands] = [own.filter(isFound), brands.filter(isFound)];
  const found = [...foundOwn, ...foundBrands];
  const problemOf = (each: Kit) => {
    const problem = kitProblem(each, starters, cards, manifest);
    return problem === null ? null : failureText(problem).happened;
  };
  const open = (id: string) => {
    setOpenId(id);
    // Where it lies below the list, nothing would seem to happen.
    if (!isBeside) requestAnimationFrame(() => editor.current?.scrollIntoView({ block: 'start' }));
  };
  const list = { openId: kit?.id ?? null, problemOf, onOpen: open };
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={() => open(createKit().id)}>
          New kit
        </Button>
        <CarryButtons />
      </div>
      <Carrying />
      {failure !== null && (
        <div className="mt-4">
          <Trouble failure={failure}>
            <Button onClick={dismissKitFailure}>Dismiss</Button>
          </Trouble>
        </div>
      )}
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[17rem_minmax(0,1fr)]">
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the arrow keys of the buttons inside */}
        <div className="flex min-w-0 flex-col gap-6" onKeyDown={moveAmongKits}>
          {own.length + brands.length >= SEARCH_FROM && (
            <SearchField
              label="Search kits"
              placeholder={`Search ${own.length + brands.length} kits`}
              className="-mb-2"
              value={query}
              onChange={setQuery}
              onEnter={() => found[0] !== undefined && open(found[0].id)}
            />
          )}
          {(foundOwn.length > 0 || wanted === '') && (
            <KitList
              title="Your kits"
              empty="None yet. A kit is adapters, words around a prompt and settings, kept under one name."
              kits={foundOwn}
              {...list}
            />
          )}
          {foundBrands.length > 0 && (
            <KitList
              title="Brands that come with Kiln"
              empty=""
              kits={foundBrands}
              dimmed={hidden}
              {...list}
            />
          )}
          <output className={wanted === '' ? 'sr-only' : '-mt-3 text-xs text-soft'}>
            {wanted === '' ? '' : foundSentence(found.length, query.trim())}
          </output>
        </div>
        <div ref={editor} className="min-w-0 scroll-mt-3">
          {kit !== null && starter === null && (
            <KitEditor key={kit.id} kit={kit} manifest={manifest} onOpen={open} />
          )}
          {starter !== null && (
            <StarterFacts
              starter={starter}
              manifest={manifest}
              isHidden={hidden.includes(starter.kit.id)}
              onHide={(isHidden) => hideKit(starter.kit.id, isHidden)}
              onDuplicate={() => {
                const copy = duplicateKit(starter.kit.id);
                if (copy !== null) open(copy.id);
              }}
            />
          )}
        </div>
      </div>
    </>
  );
}

function foundSentence(count: number, query: string): string {
  if (count === 0) return `No kit has “${query}” in its name.`;
  return count === 1 ? '1 kit' : `${count} kits`;
}

/** Kits in from a file and out into one. */
function CarryButtons() {
  const { own, carrying } = useKits();
  return (
    <>
      <FileButton
        icon={<Upload size={14} aria-hidden="true" />}
        filesLabel="File of kits"
        accept=".kilnkit"
        disabled={carrying !== null}
        onFiles={([file]) => file && void importKits(file)}
      >
        Import
      </FileButton>
      <Button
        icon={<Download size={14} aria-hidden="true" />}
        disabled={carrying !== null || own.length === 0}
        onClick={() => void exportKits(own)}
      >
        Export all
      </Button>
    </>
  );
}

/** How far an import or an export is; it can be ended before anything of it is kept. */
function Carrying() {
  const carrying = useKits((state) => state.carrying);
  if (carrying === null) return null;
  const isImport = carrying.what === 'import';
  const text = `${isImport ? 'Reading' : 'Packing'}, ${Math.round(carrying.fraction * 100)} %`;
  return (
    <div className="mt-3 flex max-w-md items-center gap-3">
      <div className="min-w-0 flex-1">
        <p aria-hidden="true" className="mb-1 text-2xs text-faint tabular-nums">
          {text}
        </p>
        <Meter label={isImport ? 'Import' : 'Export'} fraction={carrying.fraction} text={text} />
      </div>
      <Button onClick={cancelCarrying}>Cancel</Button>
    </div>
  );
}
