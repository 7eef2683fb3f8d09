import { ListFilter, Pencil, Plus, Star, Trash2, X } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { choicesOf, type GalleryEntry, isWhole } from '#core/gallery/search.ts';
import { searchGallery, showWholeGallery } from '#state/actions/browse-gallery.ts';
import { createBoard, deleteBoard, MAX_BOARD_NAME, renameBoard } from '#state/actions/edit-boards.ts';
import { useBrowse } from '#state/browse.ts';
import { findModel, useModels } from '#state/models.ts';
import { usePictures } from '#state/pictures.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** What narrows the gallery down, besides words: stars and boards at hand, the rest under one button. */
export function Filters({ entries }: { entries: readonly GalleryEntry[] }) {
  const query = useBrowse((state) => state.query);
  const [isOpen, setOpen] = useState(false);
  const on = [query.model, query.adapter, query.kit, query.from, query.until].filter(
    (value) => value !== null,
  ).length;
  return (
    <>
      <Button
        aria-pressed={query.isStarred}
        className="aria-pressed:bg-ember-wash aria-pressed:text-ember-ink"
        icon={<Star size={14} aria-hidden="true" fill={query.isStarred ? 'currentColor' : 'none'} />}
        onClick={() => searchGallery({ isStarred: !query.isStarred })}
      >
        <span className="max-sm:sr-only">Starred</span>
      </Button>
      <Button
        aria-expanded={isOpen}
        aria-controls="gallery-filters"
        icon={<ListFilter size={14} aria-hidden="true" />}
        onClick={() => setOpen(!isOpen)}
      >
        <span className="max-sm:sr-only">Filter</span>
        {on > 0 && (
          <span className="rounded-full bg-ember px-1.5 text-2xs font-semibold text-on-ember">
            {on}
            <span className="sr-only"> on</span>
          </span>
        )}
      </Button>
      {!isWhole(query) && (
        <Button look="quiet" icon={<X size={14} aria-hidden="true" />} onClick={showWholeGallery}>
          Show all
        </Button>
      )}
      <div className="order-last w-full">
        <Boards entries={entries} />
        <div id="gallery-filters" hidden={!isOpen}>
          {isOpen && <Fields entries={entries} />}
        </div>
      </div>
    </>
  );
}

function Fields({ entries }: { entries: readonly GalleryEntry[] }) {
  const query = useBrowse((state) => state.query);
  const models = useModels((state) => state.models);
  const choices = useMemo(() => choicesOf(entries), [entries]);
  const modelName = (id: string) => {
    const known = findModel(models, id);
    return known?.id === id ? known.name : id;
  };
  return (
    <fieldset className="mt-2 flex flex-wrap gap-x-4 gap-y-2 rounded-xl bg-panel p-3 ring-1 ring-line">
      <legend className="sr-only">Filters</legend>
      <Choice
        label="Model"
        value={query.model}
        options={choices.models}
        nameOf={modelName}
        onChange={(model) => searchGallery({ model })}
      />
      <Choice
        label="Adapter"
        value={query.adapter}
        options={choices.adapters}
        onChange={(adapter) => searchGallery({ adapter })}
      />
      <Choice
        label="Kit"
        value={query.kit}
        options={choices.kits}
        onChange={(kit) => searchGallery({ kit })}
      />
      <Day label="From" value={query.from} onChange={(from) => searchGallery({ from })} />
      <Day
        label="Until"
        value={query.until === null ? null : query.until - DAY_MS}
        onChange={(until) => searchGallery({ until: until === null ? null : until + DAY_MS })}
      />
    </fieldset>
  );
}

const DAY_MS = 24 * 60 * 60 * 1000;

interface ChoiceProps {
  label: string;
  value: string | null;
  options: readonly string[];
  nameOf?: (option: string) => string;
  onChange: (value: string | null) => void;
}

function Choice({ label, value, options, nameOf = (option) => option, onChange }: ChoiceProps) {
  return (
    <label className="flex min-w-32 flex-1 flex-col gap-1 text-xs font-medium text-soft">
      {label}
      <select
        className="field control select px-2 text-sm font-normal text-ink"
        value={value ?? ''}
        disabled={options.length === 0}
        onChange={(event) => onChange(event.target.value === '' ? null : event.target.value)}
      >
        <option value="">{options.length === 0 ? 'None yet' : 'Any'}</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {nameOf(option)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface DayProps {
  label: string;
  /** Its start, in the time of this place. */
  value: number | null;
  onChange: (start: number | null) => void;
}

function Day({ label, value, onChange }: DayProps) {
  return (
    <label className="flex min-w-32 flex-1 flex-col gap-1 text-xs font-medium text-soft">
      {label}
      <input
        type="date"
        className="field control px-2 text-sm font-normal text-ink"
        value={value === null ? '' : dayOf(value)}
        onChange={(event) => {
          const start = new Date(`${event.target.value}T00:00`).getTime();
          onChange(Number.isNaN(start) ? null : start);
        }}
      />
    </label>
  );
}

function dayOf(instant: number): string {
  const date = new Date(instant);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** One button a board. The one that is shown can be renamed and deleted. */
function Boards({ entries }: { entries: readonly GalleryEntry[] }) {
  const boards = usePictures((state) => state.boards);
  const shown = useBrowse((state) => state.query.board);
  const [isNaming, setNaming] = useState<'new' | 'rename' | null>(null);
  const current = boards.find(({ id }) => id === shown);
  if (entries.length === 0 && boards.length === 0) return null;
  const counts = new Map<string, number>();
  for (const entry of entries) for (const id of entry.boards) counts.set(id, (counts.get(id) ?? 0) + 1);
  return (
    <section aria-label="Boards" className="flex flex-wrap items-center gap-1.5">
      {boards.map(({ id, name }) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === shown}
          className="control max-w-60 truncate rounded-full bg-panel px-3 text-xs font-medium text-soft ring-1 ring-line ring-inset hover:text-ink aria-pressed:bg-ember-wash aria-pressed:text-ember-ink aria-pressed:ring-ember forced-colors:border"
          onClick={() => searchGallery({ board: id === shown ? null : id })}
        >
          {name} <span className="font-normal text-faint tabular-nums">{counts.get(id) ?? 0}</span>
        </button>
      ))}
      {isNaming === null ? (
        <>
          {current !== undefined && (
            <>
              <IconButton label={`Rename board ${current.name}`} onClick={() => setNaming('rename')}>
                <Pencil size={14} aria-hidden="true" />
              </IconButton>
              <IconButton
                label={`Delete board ${current.name}, keeping its pictures`}
                onClick={() => void deleteBoard(current.id)}
              >
                <Trash2 size={14} aria-hidden="true" />
              </IconButton>
            </>
          )}
          <Button
            look="quiet"
            className="px-2 text-xs"
            icon={<Plus size={14} aria-hidden="true" />}
            onClick={() => setNaming('new')}
          >
            New board
          </Button>
        </>
      ) : (
        <BoardName
          given={isNaming === 'rename' ? (current?.name ?? '') : ''}
          onDone={(name) => {
            if (name !== null && isNaming === 'new') void createBoard(name);
            if (name !== null && isNaming === 'rename' && current) void renameBoard(current.id, name);
            setNaming(null);
          }}
        />
      )}
    </section>
  );
}

/** @param onDone null when it was thought better of */
export function BoardName({ given, onDone }: { given: string; onDone: (name: string | null) => void }) {
  const [name, setName] = useState(given);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(name);
  };
  return (
    <form className="flex items-center gap-1" onSubmit={submit}>
      <input
        aria-label="Name of the board"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- it appears because somebody asked to type a name
        autoFocus
        value={name}
        maxLength={MAX_BOARD_NAME}
        className="field control w-40 px-2.5 text-sm"
        onChange={(event) => setName(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          onDone(null);
        }}
      />
      <Button type="submit" disabled={name.trim() === ''}>
        Save
      </Button>
    </form>
  );
}
