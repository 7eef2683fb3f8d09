import { HardDrive } from 'lucide-react';
import { groupVersions, takenBytes, useLibrary } from '#state/library.ts';
import { formatBytes } from '#ui/format.ts';

/** Shades of one colour, from the largest model to the smallest. */
const SHADES = [100, 72, 50, 34];

/** What the library takes and of what, and whether the browser promised to keep it. */
export function StorageBar() {
  const installed = useLibrary((state) => state.installed);
  const usage = useLibrary((state) => state.usage);
  if (usage === null) return null;
  const models = groupVersions(installed)
    .map(({ id, active, versions }) => ({
      id,
      name: active.name,
      bytes: takenBytes(versions),
    }))
    .filter(({ bytes }) => bytes > 0)
    .sort((a, b) => b.bytes - a.bytes);
  const rest = Math.max(0, (usage.originBytes ?? 0) - usage.installedBytes - usage.partialBytes);
  const total = models.reduce((sum, { bytes }) => sum + bytes, 0) + usage.partialBytes + rest;
  const share = (bytes: number) => `${(bytes / Math.max(1, total)) * 100}%`;
  return (
    <section aria-label="Storage" className="rounded-2xl bg-panel p-4 ring-1 ring-line">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
        <h3 className="flex items-center gap-2 text-sm font-semibold">
          <HardDrive size={15} aria-hidden="true" className="translate-y-0.5 text-faint" />
          {usage.installedBytes === 0
            ? 'No models installed'
            : `${formatBytes(usage.installedBytes)} of models`}
        </h3>
        <p className="text-xs text-faint">{persistenceText(usage.persisted)}</p>
      </div>
      {total > 0 && (
        <>
          <div
            aria-hidden="true"
            className="mt-3 flex h-2.5 gap-0.5 overflow-hidden rounded-full bg-well forced-colors:border"
          >
            {models.map(({ id, bytes }, k) => (
              <div
                key={id}
                className="h-full min-w-1"
                style={{ width: share(bytes), background: shade(k) }}
              />
            ))}
            {usage.partialBytes > 0 && (
              <div className="h-full min-w-1 bg-line-strong" style={{ width: share(usage.partialBytes) }} />
            )}
            {rest > 0 && <div className="h-full min-w-1 bg-line" style={{ width: share(rest) }} />}
          </div>
          <ul className="mt-2.5 flex flex-wrap gap-x-4 gap-y-1 text-xs text-soft">
            {models.map(({ id, name, bytes }, k) => (
              <Key key={id} colour={shade(k)} name={name} bytes={bytes} />
            ))}
            {usage.partialBytes > 0 && (
              <Key colour="var(--line-strong)" name="Unfinished downloads" bytes={usage.partialBytes} />
            )}
            {rest > 0 && <Key colour="var(--line)" name="The studio and your pictures" bytes={rest} />}
          </ul>
        </>
      )}
    </section>
  );
}

function shade(k: number): string {
  return `color-mix(in oklch, var(--ember) ${SHADES[Math.min(k, SHADES.length - 1)]}%, var(--well))`;
}

function Key({ colour, name, bytes }: { colour: string; name: string; bytes: number }) {
  return (
    <li className="flex min-w-0 items-center gap-1.5">
      <span
        aria-hidden="true"
        className="size-2 shrink-0 rounded-full ring-1 ring-line-strong/40"
        style={{ background: colour }}
      />
      <span className="truncate">{name}</span>
      <span className="text-faint tabular-nums">{formatBytes(bytes)}</span>
    </li>
  );
}

function persistenceText(persisted: boolean | null): string {
  if (persisted === true) return 'This browser promised to keep it.';
  if (persisted === false) return 'This browser may clear it when it needs room.';
  return 'Asked to keep it with the first install.';
}
