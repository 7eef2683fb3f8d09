import { Dialog } from '@base-ui/react/dialog';
import { RotateCcw, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { comboKeys, isSingleCharacter } from '#core/keys/combo.ts';
import { assignKeys, resetKeys, switchSingleKeys } from '#state/actions/change-shortcuts.ts';
import { keysOf, useShortcuts } from '#state/shortcuts.ts';
import { type Command, COMMAND_GROUPS, COMMANDS } from '#ui/commands.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { Keys } from '#ui/kit/Keys.tsx';
import { IS_MAC } from '#ui/kit/platform.ts';
import { eventCombo } from '#ui/shortcuts.ts';

/** Keys that never reach a page, or that walk through it. */
const RESERVED = new Set([
  'Mod+W',
  'Mod+T',
  'Mod+N',
  'Mod+Shift+N',
  'Mod+Shift+W',
  'Mod+Q',
  'Tab',
  'Shift+Tab',
]);

interface Conflict {
  combo: string;
  /** Null where the browser has it. */
  owner: Command | null;
}

/** Every command with its keys; each can have others. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const [recording, setRecording] = useState<string | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const shortcuts = useShortcuts();
  const hasChanges = Object.keys(shortcuts.changed).length > 0;
  const record = (id: string | null) => {
    setRecording(id);
    setConflict(null);
  };
  const press = (combo: string) => {
    if (recording === null) return;
    const owner = COMMANDS.find((row) => row.id !== recording && keysOf(shortcuts, row) === combo) ?? null;
    if (owner !== null || RESERVED.has(combo)) {
      setConflict({ combo, owner });
      return;
    }
    assignKeys(COMMANDS, recording, combo);
    record(null);
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[94dvh] max-w-2xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border">
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div>
              <Dialog.Title className="text-base font-semibold">Keyboard shortcuts</Dialog.Title>
              <Dialog.Description className="text-xs text-faint">
                Choose keys to change them. Esc keeps the old ones.
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close shortcuts" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">
            {COMMAND_GROUPS.map((group) => (
              <section key={group} aria-label={group}>
                <h3 className="mt-4 mb-1 text-xs font-medium text-faint">{group}</h3>
                <ul className="divide-y divide-line">
                  {COMMANDS.filter((command) => command.group === group).map((command) => (
                    <Row
                      key={command.id}
                      command={command}
                      keys={keysOf(shortcuts, command)}
                      isRecording={recording === command.id}
                      conflict={recording === command.id ? conflict : null}
                      isResting={!shortcuts.areSingleKeysOn}
                      onRecord={record}
                      onPress={press}
                    />
                  ))}
                </ul>
              </section>
            ))}
          </div>
          <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-5 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
            <label className="flex min-h-6 items-center gap-2 text-sm pointer-coarse:min-h-11">
              <input
                type="checkbox"
                className="size-4 accent-ember"
                checked={shortcuts.areSingleKeysOn}
                onChange={(event) => switchSingleKeys(event.target.checked)}
              />
              Shortcuts of a single character
            </label>
            <Button
              look="quiet"
              disabled={!hasChanges}
              icon={<RotateCcw size={14} aria-hidden="true" />}
              onClick={() => resetKeys(COMMANDS, null)}
            >
              Reset all
            </Button>
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface RowProps {
  command: Command;
  keys: string | null;
  isRecording: boolean;
  conflict: Conflict | null;
  /** Single characters are off. */
  isResting: boolean;
  onRecord: (id: string | null) => void;
  onPress: (combo: string) => void;
}

function Row({ command, keys, isRecording, conflict, isResting, onRecord, onPress }: RowProps) {
  const button = useRef<HTMLButtonElement>(null);
  const { id, title } = command;
  const isOff = keys !== null && isResting && isSingleCharacter(keys);
  const said = keys === null ? 'no keys' : comboKeys(keys, IS_MAC).join(' + ');
  const finish = () => {
    onRecord(null);
    button.current?.focus();
  };
  return (
    <li className="py-1">
      <div className="flex min-h-8 items-center gap-3">
        <span className="min-w-0 flex-1">{title}</span>
        {isOff && <span className="text-2xs text-faint">off</span>}
        <button
          ref={button}
          type="button"
          aria-label={isRecording ? `Press the keys for ${title}` : `${title}: ${said}. Change`}
          className={`control inline-flex min-w-24 items-center justify-end rounded-lg px-2 text-xs hover:bg-hover ${isRecording ? 'bg-ember-wash text-ember-ink' : 'text-faint'} ${isOff ? 'opacity-60' : ''}`}
          onClick={() => onRecord(isRecording ? null : id)}
          onBlur={(event) => {
            // The question about a conflict lies in the same row.
            const row = event.currentTarget.closest('li');
            if (isRecording && !row?.contains(event.relatedTarget)) onRecord(null);
          }}
          onKeyDown={(event) => {
            if (!isRecording || event.key === 'Tab') return;
            event.preventDefault();
            event.stopPropagation();
            const combo = eventCombo(event.nativeEvent);
            if (combo === 'Escape') onRecord(null);
            else if (combo !== null) onPress(combo);
          }}
        >
          {isRecording ? 'Press keys' : keys === null ? 'None' : <Keys combo={keys} />}
        </button>
        {isRecording && keys !== null && (
          <Button
            look="quiet"
            onClick={() => {
              assignKeys(COMMANDS, id, null);
              finish();
            }}
          >
            Remove
          </Button>
        )}
        {keys !== command.keys && !isRecording && (
          <IconButton
            label={`Reset ${title}`}
            onClick={() => {
              resetKeys(COMMANDS, id);
              button.current?.focus();
            }}
          >
            <RotateCcw size={14} aria-hidden="true" />
          </IconButton>
        )}
      </div>
      {conflict !== null && (
        <div role="alert" className="mb-1 flex flex-wrap items-center gap-2 text-xs text-danger">
          <span className="min-w-0 flex-1">
            {comboKeys(conflict.combo, IS_MAC).join(' + ')}{' '}
            {conflict.owner === null
              ? 'belongs to the browser. Press others.'
              : `already does “${conflict.owner.title}”.`}
          </span>
          {conflict.owner !== null && (
            <Button
              onClick={() => {
                assignKeys(COMMANDS, id, conflict.combo);
                finish();
              }}
            >
              Use it here
            </Button>
          )}
        </div>
      )}
    </li>
  );
}
