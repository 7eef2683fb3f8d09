import { Dialog } from '@base-ui/react/dialog';
import { ImageOff, X } from 'lucide-react';
import { type ReactNode, type RefObject, useId, useRef, useState } from 'react';
import { TOOL_NAMES } from '#core/metadata/found.ts';
import type { Recalled } from '#core/metadata/recall.ts';
import { copyText } from '#state/actions/copy-text.ts';
import { describePicture } from '#state/actions/describe-picture.ts';
import { startFromFile } from '#state/actions/choose-source.ts';
import { closePicture, leaveItems, takeItem } from '#state/actions/look-at-picture.ts';
import { recallPicture } from '#state/actions/recall-picture.ts';
import { useAdapters } from '#state/adapters.ts';
import { controlsOf } from '#state/controls.ts';
import { useModels } from '#state/models.ts';
import { type RecallItem, recallItems, recallRest } from '#state/recall-items.ts';
import { LEFT_AT_FIRST } from '#state/recall-template.ts';
import { type OpenPicture, useRecall } from '#state/recall.ts';
import { formatBytes } from '#ui/format.ts';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { useManifest } from '#ui/use-manifest.ts';

/** A picture from outside: where it came from, what it says of itself, and what of that to use. */
export function RecallDialog() {
  const picture = useRecall((state) => state.picture);
  // A picture with settings is mostly here for them: Enter takes them.
  const first = useRef<HTMLButtonElement>(null);
  if (picture === null) return null;
  return (
    <Dialog.Root open onOpenChange={(open) => !open && closePicture()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Popup
          initialFocus={picture.recalled === null ? true : first}
          className="fixed inset-x-0 bottom-0 z-50 mx-auto flex max-h-[94dvh] max-w-4xl flex-col rounded-t-2xl bg-panel shadow-pop ring-1 ring-line outline-none sm:inset-x-4 sm:top-1/2 sm:bottom-auto sm:-translate-y-1/2 sm:rounded-2xl forced-colors:border"
        >
          <div className="flex items-start justify-between gap-3 border-b border-line py-3 pr-2 pl-5">
            <div className="min-w-0">
              <Dialog.Title className="text-base font-semibold">{titleOf(picture)}</Dialog.Title>
              <Dialog.Description className="truncate text-xs text-faint">
                {picture.file.name === '' ? '' : `${picture.file.name}, `}
                {picture.kind.toUpperCase().replace('WEBP', 'WebP')}, {picture.widthPx} × {picture.heightPx},{' '}
                {formatBytes(picture.file.size)}
              </Dialog.Description>
            </div>
            <Dialog.Close render={<IconButton label="Close" />}>
              <X size={16} aria-hidden="true" />
            </Dialog.Close>
          </div>
          <Body picture={picture} first={first} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function titleOf({ recalled }: OpenPicture): string {
  if (recalled === null) return 'A picture without settings';
  return `A picture of ${TOOL_NAMES[recalled.tool]}`;
}

function Body({ picture, first }: { picture: OpenPicture; first: RefObject<HTMLButtonElement | null> }) {
  const { recalled, left, absent } = picture;
  const models = useModels((state) => state.models);
  const cards = useAdapters((state) => state.cards);
  const words = useAdapters((state) => state.words);
  const current = useManifest();
  const items =
    recalled === null || current === null
      ? []
      : recallItems(recalled, { models, current, cards, words, absent }, left);
  const possible = items.filter(({ problem }) => problem === null);
  const isAnyTaken = possible.some(({ key }) => !left.includes(key));
  return (
    <>
      <div className="grid min-h-0 flex-1 gap-5 overflow-y-auto p-5 sm:grid-cols-[minmax(0,15rem)_minmax(0,1fr)]">
        <Preview picture={picture} />
        {recalled === null ? (
          <p className="self-center text-sm text-soft">
            The file says nothing of how it was made. Settings are lost when a picture is edited, sent through
            a chat, or saved from a web page.
          </p>
        ) : (
          <div className="min-w-0">
            <div className="flex items-center justify-between gap-2">
              <h3 className="text-sm font-semibold">Its settings</h3>
              <div className="flex">
                <Button look="quiet" onClick={() => leaveItems(LEFT_AT_FIRST)}>
                  All
                </Button>
                <Button look="quiet" onClick={() => leaveItems(possible.map(({ key }) => key))}>
                  None
                </Button>
              </div>
            </div>
            <ul className="mt-1">
              {items.map((item) => (
                <Item key={item.key} item={item} isTaken={!left.includes(item.key)} />
              ))}
            </ul>
            <Rest recalled={recalled} />
            <Raw text={recalled.text} version={recalled.version} />
          </div>
        )}
      </div>
      <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">
        <Button onClick={() => describeFile(picture.file)}>Describe and ask</Button>
        <SourceButton file={picture.file} />
        {recalled !== null && (
          <Button ref={first} look="primary" disabled={!isAnyTaken} onClick={recallPicture}>
            Use settings
          </Button>
        )}
      </div>
    </>
  );
}

function SourceButton({ file }: { file: File }) {
  const manifest = useManifest();
  const id = useId();
  const control = manifest === null ? null : controlsOf(manifest).source;
  const reason = control === null || control.enabled ? null : control.reason;
  return (
    <>
      <Button
        disabled={reason !== null}
        title={reason ?? undefined}
        aria-describedby={reason === null ? undefined : id}
        onClick={() => void startFromFile(file)}
      >
        Use as source
      </Button>
      {reason !== null && (
        <span id={id} className="sr-only">
          {reason}
        </span>
      )}
    </>
  );
}

function describeFile(file: File): void {
  closePicture();
  void describePicture(file);
}

function Preview({ picture }: { picture: OpenPicture }) {
  const { url, widthPx, heightPx, recalled } = picture;
  const [isBroken, setBroken] = useState(false);
  if (url === null || isBroken) {
    return (
      <div className="flex aspect-square flex-col items-center justify-center gap-2 rounded-xl bg-well p-4 text-center text-xs text-soft ring-1 ring-line">
        <ImageOff size={20} aria-hidden="true" className="text-faint" />
        {url === null ? 'Too large to be shown here.' : 'Its pixels cannot be read.'} Its settings still can.
      </div>
    );
  }
  return (
    <img
      src={url}
      onError={() => setBroken(true)}
      width={widthPx}
      height={heightPx}
      alt={recalled?.request.prompt || 'The picture that was opened'}
      className="mx-auto h-auto max-h-48 w-auto max-w-full self-start rounded-xl bg-well object-contain ring-1 ring-line sm:max-h-80"
    />
  );
}

function Item({ item, isTaken }: { item: RecallItem; isTaken: boolean }) {
  const id = useId();
  const { key, label, value, problem, note } = item;
  const remark = problem ?? note;
  return (
    <li className="border-t border-line first:border-t-0">
      <label
        className={`flex min-h-9 cursor-pointer gap-3 py-1.5 pointer-coarse:min-h-11 ${problem === null ? '' : 'cursor-default text-faint'}`}
      >
        <input
          type="checkbox"
          className="mt-0.5 size-4 shrink-0 accent-ember"
          checked={problem === null && isTaken}
          disabled={problem !== null}
          aria-label={label === 'LoRA' || label === 'Word' ? `${label} ${value}` : label}
          aria-describedby={`${id}-value${remark === null ? '' : ` ${id}-note`}`}
          onChange={(event) => takeItem(key, event.target.checked)}
        />
        <span className="w-24 shrink-0 text-xs leading-5 font-medium text-soft">{label}</span>
        <span className="min-w-0 flex-1">
          <span id={`${id}-value`} className="line-clamp-4 break-words whitespace-pre-line">
            {value}
          </span>
          {remark !== null && (
            <span id={`${id}-note`} className="block text-2xs text-faint">
              {remark}
            </span>
          )}
        </span>
      </label>
    </li>
  );
}

function Rest({ recalled }: { recalled: Recalled }) {
  const rest = recallRest(recalled);
  if (rest.length === 0) return null;
  return (
    <Fold summary={`${rest.length} more it says, not used here`}>
      <dl className="flex flex-col gap-2 text-xs">
        {rest.slice(0, 40).map(({ key, value, why }) => (
          <div key={key}>
            <dt className="font-medium break-words text-soft">{key.slice(0, 80)}</dt>
            <dd className="line-clamp-2 break-words">{value.slice(0, 400)}</dd>
            <dd className="text-2xs text-faint">{why}</dd>
          </div>
        ))}
      </dl>
    </Fold>
  );
}

function Raw({ text, version }: { text: string; version: string | null }) {
  return (
    <Fold summary="The text in the file">
      {version !== null && (
        <p className="mb-2 text-2xs break-words text-faint">Version {version.slice(0, 80)}</p>
      )}
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label="The text in the file"
        className="max-h-48 overflow-y-auto rounded-lg bg-well p-3 font-mono text-2xs break-words whitespace-pre-wrap"
      >
        {text.slice(0, 20_000)}
      </pre>
      <Button look="quiet" className="mt-1 -ml-3" onClick={() => void copyText(text, 'The text')}>
        Copy
      </Button>
    </Fold>
  );
}

function Fold({ summary, children }: { summary: string; children: ReactNode }) {
  return (
    <details className="mt-2">
      <summary className="inline-flex min-h-8 cursor-pointer items-center rounded-md text-xs font-medium text-soft hover:text-ink pointer-coarse:min-h-11">
        {summary}
      </summary>
      <div className="pt-1 pb-2">{children}</div>
    </details>
  );
}
