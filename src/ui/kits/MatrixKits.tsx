import { Check } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#ui/kit/Button.tsx';
import { SearchField } from '#ui/kit/SearchField.tsx';
import { Swatch } from './Swatch.tsx';

/** From here on one types faster than one scrolls. */
const SEARCH_FROM = 13;

export interface KitChoice {
  id: string;
  name: string;
  /** Null for the model as it is. */
  colour: string | null;
}

interface Props {
  choices: readonly KitChoice[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

/** Which kits are drawn. With a search, All and None mean what is found. */
export function MatrixKits({ choices, chosen, onChange }: Props) {
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const found = choices.filter(({ name }) => name.toLowerCase().includes(wanted));
  const change = (ids: readonly string[], isIn: boolean) => {
    const next = new Set(chosen);
    for (const id of ids)
      if (isIn) next.add(id);
      else next.delete(id);
    onChange(next);
  };
  const all = found.map(({ id }) => id);
  const count = choices.filter(({ id }) => chosen.has(id)).length;
  return (
    <fieldset className="mt-4 min-w-0">
      <legend className="text-xs font-medium text-soft">Kits</legend>
      <div className="mt-1 flex flex-wrap items-center gap-x-1 gap-y-2">
        {choices.length >= SEARCH_FROM && (
          <SearchField
            label="Search kits"
            placeholder={`Search ${choices.length - 1} kits`}
            className="mr-1 w-full sm:w-64"
            value={query}
            onChange={setQuery}
            onEnter={() => change(all, true)}
          />
        )}
        <Button look="quiet" disabled={all.every((id) => chosen.has(id))} onClick={() => change(all, true)}>
          {wanted === '' ? 'All' : 'All found'}
        </Button>
        <Button look="quiet" disabled={!all.some((id) => chosen.has(id))} onClick={() => change(all, false)}>
          {wanted === '' ? 'None' : 'None of them'}
        </Button>
        <output className="ml-auto text-2xs text-faint tabular-nums">
          {count} of {choices.length} chosen
        </output>
      </div>
      {found.length === 0 && (
        <p className="mt-2 text-xs text-soft">No kit has “{query.trim()}” in its name.</p>
      )}
      <div className="mt-1 flex max-h-56 flex-wrap gap-1.5 overflow-y-auto p-0.5">
        {found.map(({ id, name, colour }) => (
          <label
            key={id}
            className="group relative flex min-h-8 max-w-full cursor-pointer items-center gap-2 rounded-full bg-raised py-1 pr-3 pl-1 text-xs text-soft ring-1 ring-line ring-inset select-none hover:bg-hover has-checked:bg-ember-wash has-checked:text-ember-ink has-focus-visible:outline-2 has-focus-visible:outline-ember pointer-coarse:min-h-11 forced-colors:has-checked:outline-2"
          >
            <input
              type="checkbox"
              className="absolute inset-0 z-10 m-0 cursor-pointer appearance-none rounded-full outline-none"
              checked={chosen.has(id)}
              onChange={(event) => change([id], event.target.checked)}
            />
            {colour === null ? (
              <span aria-hidden="true" className="size-6 rounded-full bg-well ring-1 ring-line ring-inset" />
            ) : (
              <Swatch name={name} colour={colour} className="size-6 rounded-full text-2xs" />
            )}
            <span className="truncate">{name}</span>
            <Check size={12} aria-hidden="true" className="hidden shrink-0 group-has-checked:block" />
          </label>
        ))}
      </div>
    </fieldset>
  );
}
