import { Boxes, Download, Gauge, PackageOpen, RotateCcw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { backUpLibrary, importArchive } from '#state/actions/carry-library.ts';
import { clearAnswer } from '#state/actions/library-task.ts';
import { lookAtDrop } from '#state/actions/look-at-model.ts';
import { measureDevice } from '#state/actions/measure-device.ts';
import { closeLibrary } from '#state/actions/open-library.ts';
import { readLibrary } from '#state/actions/read-library.ts';
import { useDevice } from '#state/device.ts';
import { groupVersions, useLibrary } from '#state/library.ts';
import { usePassport } from '#state/passport.ts';
import { isRunning, useRun } from '#state/run.ts';
import { Button } from '#ui/kit/Button.tsx';
import { DropHint } from '#ui/kit/DropHint.tsx';
import { PageFrame } from '#ui/kit/PageFrame.tsx';
import { AddModel } from './AddModel.tsx';
import { CatalogList } from './CatalogList.tsx';
import { Downloads } from './Downloads.tsx';
import { DryRunSheet } from './DryRunSheet.tsx';
import { InstalledCard } from './InstalledCard.tsx';
import { LibraryAnnouncer } from './LibraryAnnouncer.tsx';
import { StarterCard } from './StarterCard.tsx';
import { StorageBar } from './StorageBar.tsx';
import { Trouble } from './Trouble.tsx';

const BACK = { label: 'Back to the studio', go: closeLibrary };

/** The model library, in place of the stage: what is here, what is arriving, what could be had. */
export function LibraryPage() {
  const { status, failure, installed, starters, failures, isBusy } = useLibrary();
  const isOver = useFileDrop();
  const own = new Set(installed.map(({ id }) => id));
  const wholeFailure = failures[''];
  return (
    <PageFrame
      view="library"
      title="Models"
      column="max-w-5xl pb-16"
      back={BACK}
      actions={
        <Button
          look="quiet"
          icon={<Download size={14} aria-hidden="true" />}
          disabled={isBusy !== null || installed.every(({ state }) => state !== 'installed')}
          onClick={() => void backUpLibrary()}
        >
          {isBusy === 'backup' ? 'Packing…' : 'Back up'}
        </Button>
      }
      over={
        <>
          {isOver && (
            <DropHint icon={<PackageOpen size={20} />}>
              Drop a model’s folder, its files, or an export
            </DropHint>
          )}
          <DryRunSheet />
          <LibraryAnnouncer />
        </>
      }
    >
      {status === 'failed' && failure !== null && (
        <Trouble failure={failure}>
          <Button icon={<RotateCcw size={14} aria-hidden="true" />} onClick={() => void readLibrary()}>
            Try again
          </Button>
        </Trouble>
      )}
      {wholeFailure !== undefined && (
        <Trouble failure={wholeFailure}>
          <Button onClick={() => clearAnswer(null)}>Dismiss</Button>
        </Trouble>
      )}
      <div className="flex flex-col gap-3">
        <StorageBar />
        <AddModel />
      </div>
      <Downloads />
      <section aria-label="On this device" className="mt-4">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h3 className="text-sm font-semibold">On this device</h3>
          <Measurement />
        </div>
        {status === 'loading' ? (
          <Waiting />
        ) : (
          <ul className="mt-3 flex flex-col gap-3">
            {groupVersions(installed).map((group) => (
              <InstalledCard key={group.id} group={group} />
            ))}
            {starters
              .filter(({ id }) => !own.has(id))
              .map((starter) => (
                <StarterCard key={starter.id} starter={starter} />
              ))}
          </ul>
        )}
        {status === 'ready' && installed.length === 0 && (
          <p className="mt-3 flex items-center gap-2.5 rounded-2xl border border-dashed border-line-strong px-4 py-3.5 text-xs text-soft">
            <Boxes size={16} aria-hidden="true" className="shrink-0 text-faint" />
            Nothing else is installed yet. Models you add stay on this device and work without a network.
          </p>
        )}
      </section>
      <CatalogList />
    </PageFrame>
  );
}

/** Whether the times are worth anything: what they rest on, and a way to measure again. */
function Measurement() {
  const chosen = useDevice((state) => state.report?.chosen);
  const isKnown = usePassport(
    ({ calibrations }) => chosen !== undefined && calibrations[chosen] !== undefined,
  );
  const isMeasuring = usePassport((state) => state.isMeasuring);
  const isBusy = useRun(isRunning);
  if (chosen === undefined) return null;
  const device = chosen === 'webgpu' ? 'GPU' : 'CPU';
  return (
    <p className="flex items-center gap-2 text-xs text-faint">
      {isMeasuring
        ? `Measuring the ${device}…`
        : isKnown
          ? `${device} measured`
          : `${device} not measured yet`}
      <Button
        look="quiet"
        icon={<Gauge size={14} aria-hidden="true" />}
        disabled={isMeasuring || isBusy}
        onClick={() => void measureDevice()}
      >
        {isKnown ? 'Measure again' : 'Measure'}
      </Button>
    </p>
  );
}

function Waiting() {
  return (
    <div className="mt-3 flex flex-col gap-3" aria-hidden="true">
      {['a', 'b'].map((key) => (
        <div key={key} className="h-24 rounded-2xl bg-panel ring-1 ring-line" />
      ))}
    </div>
  );
}

const PICTURE = /^image\//;

/** Files that are dropped while the library is open are models; pictures go on to whoever takes pictures. */
function useFileDrop(): boolean {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    const options = { signal: ending.signal, capture: true };
    const isModel = (event: DragEvent) => {
      const items = [...(event.dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file');
      return items.length > 0 && !items.every(({ type }) => PICTURE.test(type));
    };
    const over = (event: DragEvent) => {
      if (!isModel(event)) return;
      event.preventDefault();
      event.stopPropagation();
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      // Leaving one element for another is still within the window.
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event: DragEvent) => {
      setOver(false);
      if (!isModel(event) || event.dataTransfer === null) return;
      event.preventDefault();
      event.stopPropagation();
      const { files } = event.dataTransfer;
      const [archive] = files;
      if (files.length === 1 && archive?.name.endsWith('.zip')) void importArchive(archive);
      else void lookAtDrop(event.dataTransfer);
    };
    addEventListener('dragover', over, options);
    addEventListener('dragleave', leave, options);
    addEventListener('drop', drop, options);
    return () => ending.abort();
  }, []);
  return isOver;
}
