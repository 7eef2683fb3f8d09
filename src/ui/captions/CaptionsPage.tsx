import { FolderOpen, Images } from 'lucide-react';
import { useEffect } from 'react';
import { addCaptionFiles, pickCaptionFolder } from '#state/actions/add-caption-files.ts';
import { captionFiles, setTrigger, stopCaptioning } from '#state/actions/caption-files.ts';
import { listCaptioners } from '#state/actions/list-captioners.ts';
import { useCaptions } from '#state/captions.ts';
import { failureText } from '#ui/failure-text.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Field } from '#ui/kit/Field.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { CaptionRow } from './CaptionRow.tsx';
import { SaveBar } from './SaveBar.tsx';

/** A folder of pictures gets captions in files beside them, reviewed and edited before anything is written. */
export function CaptionsPage() {
  const items = useCaptions((state) => state.items);
  const isRunning = useCaptions((state) => state.isRunning);
  const trigger = useCaptions((state) => state.trigger);
  const failure = useCaptions((state) => state.failure);
  useEffect(() => void listCaptioners(), []);
  useEffect(takeDrops, []);
  const waiting = items.filter(({ state }) => state === 'waiting' || state === 'running').length;
  return (
    <PageFrame
      view="captions"
      title="Caption a folder"
      className="flex flex-col max-lg:overflow-visible"
      column="max-w-3xl flex-1"
    >
      <p className="text-soft">
        Each picture gets a text file of its name beside it, as trainers of adapters read them. You review and
        edit the words before anything is written.
      </p>
      <Sources />
      {items.length > 0 && (
        <>
          <div className="flex flex-wrap items-start gap-3 rounded-2xl bg-panel p-4 ring-1 ring-line">
            <div className="min-w-44 flex-1 max-sm:basis-full">
              <Field label="Trigger word" hint="Stands first in every caption. May stay empty.">
                {({ id, describedBy }) => (
                  <input
                    id={id}
                    aria-describedby={describedBy}
                    className="field control w-full px-3"
                    maxLength={60}
                    value={trigger}
                    onChange={(event) => setTrigger(event.target.value)}
                  />
                )}
              </Field>
            </div>
            {isRunning ? (
              <Button className="sm:mt-7" onClick={stopCaptioning}>
                Stop
              </Button>
            ) : (
              <Button
                className="sm:mt-7"
                look="primary"
                disabled={waiting === 0}
                onClick={() => void captionFiles()}
              >
                {waiting === 1 ? 'Caption 1 picture' : `Caption ${waiting} pictures`}
              </Button>
            )}
          </div>
          {isRunning && <Progress total={items.length} waiting={waiting} />}
          {failure !== null && <Trouble />}
          <ul className="flex flex-col gap-2" aria-label="Pictures and their captions">
            {items.map((item) => (
              <CaptionRow key={item.id} item={item} />
            ))}
          </ul>
          <SaveBar />
        </>
      )}
    </PageFrame>
  );
}

/** On this page a drop adds pictures, before the studio's own target sees it. */
function takeDrops(): () => void {
  const ending = new AbortController();
  const options = { capture: true, signal: ending.signal };
  addEventListener('dragover', take, options);
  addEventListener('drop', take, options);
  return () => ending.abort();
}

function take(event: DragEvent): void {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  event.stopPropagation();
  if (event.type === 'drop') add(event.dataTransfer.files);
}

function add(files: Iterable<File>): void {
  void addCaptionFiles(Array.from(files, (file) => ({ path: file.name, file })));
}

/** A folder where the browser can write into one, else files. */
function Sources() {
  const canPick = 'showDirectoryPicker' in globalThis;
  return (
    <div className="flex flex-wrap items-center gap-2 rounded-2xl border-2 border-dashed border-line p-4">
      {canPick && (
        <Button icon={<FolderOpen size={15} aria-hidden="true" />} onClick={() => void pickCaptionFolder()}>
          Choose a folder
        </Button>
      )}
      <FileButton
        icon={<Images size={15} aria-hidden="true" />}
        filesLabel="Pictures to caption"
        accept="image/png,image/jpeg,image/webp,image/gif,.txt"
        takes="many"
        onFiles={add}
      >
        Choose pictures
      </FileButton>
      <span className="text-xs text-faint">or drop them here. Captions that lie beside them are kept.</span>
    </div>
  );
}

function Progress({ total, waiting }: { total: number; waiting: number }) {
  const done = total - waiting;
  const text = `${done} of ${total} have a caption`;
  return (
    <div>
      <p className="mb-1 text-xs text-soft tabular-nums">{text}</p>
      <div
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <progress> cannot be drawn alike everywhere
        role="progressbar"
        aria-label="Captions"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={done}
        aria-valuetext={text}
        className="h-1 overflow-hidden rounded-full bg-line forced-colors:border"
      >
        <div
          className="h-full rounded-full bg-ember transition-[width] duration-300 forced-colors:bg-[Highlight]"
          style={{ width: `${(100 * done) / total}%` }}
        />
      </div>
    </div>
  );
}

function Trouble() {
  const failure = useCaptions((state) => state.failure);
  if (failure === null) return null;
  const { title, happened, next } = failureText(failure);
  return (
    <p role="alert" className="rounded-lg bg-danger-wash px-3 py-2 text-xs break-words text-danger">
      <span className="font-medium">{title}.</span> {happened} {next}
    </p>
  );
}
