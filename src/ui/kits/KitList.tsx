import type { KeyboardEvent } from 'react';
import type { Kit } from '#core/kits/kit.ts';
import { Swatch } from './Swatch.tsx';

interface Props {
  title: string;
  /** What stands in the place of a list without kits. */
  empty: string;
  kits: readonly Kit[];
  openId: string | null;
  /** Ids that are put away. */
  dimmed?: readonly string[];
  /** Why the loaded model cannot wear a kit. */
  problemOf: (kit: Kit) => string | null;
  onOpen: (id: string) => void;
}

/** Kits under a title: one is open. */
export function KitList({ title, empty, kits, openId, dimmed = [], problemOf, onOpen }: Props) {
  // Tab comes to one of a list, the arrow keys go to the others.
  const tabStop = kits.find(({ id }) => id === openId) ?? kits[0];
  return (
    <section aria-label={title}>
      <h3 className="text-sm font-semibold">{title}</h3>
      {kits.length === 0 ? (
        <p className="mt-2 rounded-xl border border-dashed border-line-strong px-3 py-2.5 text-xs text-soft">
          {empty}
        </p>
      ) : (
        <ul className="mt-2 flex max-h-[36dvh] flex-col gap-0.5 overflow-y-auto [scrollbar-width:thin] lg:max-h-[60dvh]">
          {kits.map((kit) => (
            <KitItem
              key={kit.id}
              kit={kit}
              isOpen={kit.id === openId}
              isTabStop={kit === tabStop}
              note={dimmed.includes(kit.id) ? 'Put away' : adaptersOf(kit)}
              problem={problemOf(kit)}
              onOpen={onOpen}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

interface ItemProps {
  kit: Kit;
  isOpen: boolean;
  isTabStop: boolean;
  note: string;
  problem: string | null;
  onOpen: (id: string) => void;
}

function KitItem({ kit, isOpen, isTabStop, note, problem, onOpen }: ItemProps) {
  return (
    <li>
      <button
        type="button"
        aria-current={isOpen ? 'true' : undefined}
        tabIndex={isTabStop ? 0 : -1}
        data-kit={kit.id}
        title={problem ?? undefined}
        className="relative flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-left -outline-offset-2 hover:bg-hover aria-[current=true]:bg-panel aria-[current=true]:ring-1 aria-[current=true]:ring-line aria-[current=true]:ring-inset"
        onClick={() => onOpen(kit.id)}
      >
        <span className="relative">
          <Swatch name={kit.name} colour={kit.colour} className="size-8 rounded-lg text-sm" />
          {problem !== null && (
            <span
              aria-hidden="true"
              className="absolute -top-1 -right-1 size-2.5 rounded-full bg-danger ring-2 ring-canvas"
            />
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium">{kit.name}</span>
          <span className="block truncate text-2xs text-faint">{note}</span>
        </span>
        {problem !== null && <span className="sr-only">{problem}</span>}
      </button>
    </li>
  );
}

function adaptersOf({ adapters }: Kit): string {
  return adapters.length === 0 ? 'No adapter' : adapters.map(({ name }) => name).join(', ');
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };

/** Arrow keys go through all lists inside as one; Home and End to their ends. */
export function moveAmongKits(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('button[data-kit]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  const step = STEPS[event.key];
  const to =
    event.key === 'Home'
      ? 0
      : event.key === 'End'
        ? items.length - 1
        : step === undefined
          ? -1
          : Math.min(items.length - 1, Math.max(0, at + step));
  if (to === -1) return;
  event.preventDefault();
  items[to]?.focus();
}
