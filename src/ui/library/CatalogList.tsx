import { Search } from 'lucide-react';
import { CATALOG, type CatalogEntry } from '#core/hub/catalog.ts';
import { lookAtRepository } from '#state/actions/look-at-model.ts';
import { useLibrary } from '#state/library.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Tag } from './Tag.tsx';

const SIZES: Record<CatalogEntry['sizeClass'], string> = {
  small: 'to about 1 GB',
  medium: 'to about 3 GB',
  large: 'beyond 3 GB',
};

/** Models that are known to exist elsewhere. Nothing of them is fetched before somebody looks and agrees. */
export function CatalogList() {
  return (
    <section aria-label="From the hub" className="mt-6">
      <h3 className="text-sm font-semibold">From the hub</h3>
      <p className="mt-1 max-w-prose text-xs text-faint">
        What their makers say of them. Sizes and files are read from the hub when you look, and nothing is
        fetched before you agree.
      </p>
      <ul className="mt-3 grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        {CATALOG.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ entry }: { entry: CatalogEntry }) {
  const isOffered = entry.way === 'install';
  const isInstalled = useLibrary(({ installed }) =>
    installed.some(({ source }) => source.kind === 'hub' && source.repository === entry.repository),
  );
  return (
    <li className="flex flex-col rounded-2xl bg-panel p-4 ring-1 ring-line">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <h4 className="font-semibold">{entry.name}</h4>
        <Tag tone="plain">{SIZES[entry.sizeClass]}</Tag>
        {isInstalled && <Tag tone="good">Installed</Tag>}
      </div>
      <p className="mt-1.5 text-xs text-soft">{entry.goodAt}</p>
      <p className="mt-1.5 text-xs text-faint">Needs: {entry.needs}</p>
      <p className="mt-1.5 text-xs text-faint">
        {entry.licence.name}. {entry.licence.plain}
      </p>
      <p className="mt-1.5 text-2xs break-all text-faint">{entry.repository}</p>
      <div className="mt-auto flex flex-wrap items-center justify-between gap-2 pt-3">
        <span className="text-2xs text-faint">
          {entry.tried ? 'Tried with the real files' : 'Not yet tried with the real files'}
        </span>
        {isOffered ? (
          <Button
            icon={<Search size={14} aria-hidden="true" />}
            aria-label={`Look at ${entry.name}`}
            onClick={() => void lookAtRepository(entry.repository)}
          >
            Look
          </Button>
        ) : (
          <span className="text-2xs text-faint">
            Convert it first: <code>python -m forge export</code>
          </span>
        )}
      </div>
    </li>
  );
}
