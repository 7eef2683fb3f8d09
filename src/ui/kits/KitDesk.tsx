import { Download, Plus, Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import type { Manifest } from '#core/models/manifest.ts';
import { dismissKitFailure, exportKits, importKits } from '#state/actions/carry-kits.ts';
import { createKit, duplicateKit } from '#state/actions/edit-kits.ts';
import { hideKit } from '#state/actions/read-kits.ts';
import { findKit, findStarter, useKits } from '#state/kits.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Trouble } from '#ui/library/Trouble.tsx';
import { KitEditor } from './KitEditor.tsx';
import { StarterFacts } from './StarterFacts.tsx';
import { Swatch } from './Swatch.tsx';

/** The list of kits beside the one that is being changed. */
export function KitDesk({ manifest, firstId }: { manifest: Manifest; firstId: string }) {
  const state = useKits();
  const { own, starters, hidden, carrying, failure } = state;
  const [openId, setOpenId] = useState(firstId);
  const fileInput = useRef<HTMLInputElement>(null);
  const kit = findKit(state, openId) ?? own[0] ?? starters[0]?.kit ?? null;
  const starter = kit === null ? null : findStarter(state, kit.id);
  const open = (id: string) => setOpenId(id);
  return (
    <>
      <div className="flex flex-wrap gap-2">
        <Button icon={<Plus size={14} aria-hidden="true" />} onClick={() => open(createKit().id)}>
          New kit
        </Button>
        <input
          ref={fileInput}
          type="file"
          accept=".kilnkit"
          aria-label="File of kits"
          className="hidden"
          onChange={(event) => {
            const file = event.target.files?.[0];
            if (file !== undefined) void importKits(file);
            event.target.value = '';
          }}
        />
        <Button
          icon={<Upload size={14} aria-hidden="true" />}
          disabled={carrying !== null}
          onClick={() => fileInput.current?.click()}
        >
          {carrying?.what === 'import' ? `Reading, ${Math.round(carrying.fraction * 100)} %` : 'Import'}
        </Button>
        <Button
          icon={<Download size={14} aria-hidden="true" />}
          disabled={carrying !== null || own.length === 0}
          onClick={() => void exportKits(own)}
        >
          {carrying?.what === 'export' ? 'Packing…' : 'Export all'}
        </Button>
      </div>
      {failure !== null && (
        <div className="mt-4">
          <Trouble failure={failure}>
            <Button onClick={dismissKitFailure}>Dismiss</Button>
          </Trouble>
        </div>
      )}
      <div className="mt-6 grid items-start gap-6 lg:grid-cols-[17rem_minmax(0,1fr)]">
        <div className="flex flex-col gap-6">
          <KitList
            title="Your kits"
            empty="None yet. A kit is adapters, words around a prompt and settings, kept under one name."
            kits={own}
            openId={kit?.id ?? null}
            onOpen={open}
          />
          {starters.length > 0 && (
            <KitList
              title="Brands that come with Kiln"
              empty=""
              kits={starters.map((each) => each.kit)}
              openId={kit?.id ?? null}
              dimmed={hidden}
              onOpen={open}
            />
          )}
        </div>
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
    </>
  );
}

interface ListProps {
  title: string;
  empty: string;
  kits: readonly { id: string; name: string; colour: string; adapters: readonly unknown[] }[];
  openId: string | null;
  /** Ids that are put away. */
  dimmed?: readonly string[];
  onOpen: (id: string) => void;
}

function KitList({ title, empty, kits, openId, dimmed = [], onOpen }: ListProps) {
  return (
    <section aria-label={title}>
      <h3 className="text-sm font-semibold">{title}</h3>
      {kits.length === 0 ? (
        <p className="mt-2 rounded-xl border border-dashed border-line-strong px-3 py-2.5 text-xs text-soft">
          {empty}
        </p>
      ) : (
        <ul className="mt-2 flex max-h-[60dvh] flex-col gap-0.5 overflow-y-auto">
          {kits.map((kit) => (
            <li key={kit.id}>
              <button
                type="button"
                aria-current={kit.id === openId ? 'true' : undefined}
                className="flex w-full items-center gap-3 rounded-xl px-2 py-1.5 text-left -outline-offset-2 hover:bg-hover aria-[current=true]:bg-panel aria-[current=true]:ring-1 aria-[current=true]:ring-line aria-[current=true]:ring-inset"
                onClick={() => onOpen(kit.id)}
              >
                <Swatch name={kit.name} colour={kit.colour} className="size-8 rounded-lg text-sm" />
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm font-medium">{kit.name}</span>
                  <span className="block text-2xs text-faint">
                    {dimmed.includes(kit.id)
                      ? 'Put away'
                      : `${kit.adapters.length} ${kit.adapters.length === 1 ? 'adapter' : 'adapters'}`}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
