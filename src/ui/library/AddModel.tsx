import { Archive, FolderOpen, Search } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import { importArchive } from '#state/actions/carry-library.ts';
import { lookAtFiles, lookAtFolder, lookAtRepository } from '#state/actions/look-at-model.ts';
import { useLibrary } from '#state/library.ts';
import { useNetwork } from '#state/network.ts';
import { Button } from '#ui/kit/Button.tsx';
import { FileButton } from '#ui/kit/FileButton.tsx';

declare global {
  interface Window {
    /** Not in every browser; there the file input takes folders. */
    showDirectoryPicker?: () => Promise<FileSystemDirectoryHandle>;
  }
}

const OFFLINE = {
  switch: 'The offline switch is on, so the hub cannot be asked.',
  network: 'There is no network, so the hub cannot be asked.',
};

/** The three ways in: from the hub by name, from a folder, from a file of another Kiln. Looking installs nothing. */
export function AddModel() {
  const isBusy = useLibrary((state) => state.isBusy);
  const offline = useNetwork(({ isOnline, isOfflineSwitchOn }) =>
    isOfflineSwitchOn ? 'switch' : isOnline ? null : 'network',
  );
  const [repository, setRepository] = useState('');
  const folderInput = useRef<HTMLInputElement>(null);

  const lookUp = (event: FormEvent) => {
    event.preventDefault();
    if (repository.trim() !== '') void lookAtRepository(repository);
  };
  const pickFolder = async () => {
    if (window.showDirectoryPicker === undefined) {
      folderInput.current?.click();
      return;
    }
    try {
      void lookAtFolder(await window.showDirectoryPicker());
    } catch (error) {
      // Closing the picker is an answer, not a fault.
      if (!(error instanceof DOMException && error.name === 'AbortError')) folderInput.current?.click();
    }
  };

  return (
    <section aria-label="Add a model" className="rounded-2xl bg-panel p-4 ring-1 ring-line">
      <form className="flex flex-wrap items-end gap-2" onSubmit={lookUp}>
        <div className="min-w-56 flex-1">
          <label htmlFor="repository" className="flex min-h-6 items-center text-xs font-medium text-soft">
            Add by repository
          </label>
          <input
            id="repository"
            className="field control w-full px-2.5 text-sm"
            placeholder="owner/name on huggingface.co"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={400}
            value={repository}
            onChange={(event) => setRepository(event.target.value)}
          />
        </div>
        <Button type="submit" look="primary" icon={<Search size={14} aria-hidden="true" />}>
          Look
        </Button>
      </form>
      {offline !== null && (
        <output className="mt-2 block text-xs text-ember-ink">
          {OFFLINE[offline]} Folders and files can still be added.
        </output>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <Button icon={<FolderOpen size={14} aria-hidden="true" />} onClick={() => void pickFolder()}>
          Add a folder…
        </Button>
        <FileButton
          icon={<Archive size={14} aria-hidden="true" />}
          filesLabel="Exported model or backup"
          accept=".zip,application/zip"
          disabled={isBusy !== null}
          onFiles={([file]) => file && void importArchive(file)}
        >
          {isBusy === 'import' ? 'Importing…' : 'Import a file…'}
        </FileButton>
      </div>
      <p className="mt-2.5 text-xs text-faint">
        You see what it is, how large, and whether this device can run it before anything is installed.
        Folders and files can also be dropped anywhere on this page.
      </p>
      <input
        ref={folderInput}
        type="file"
        aria-label="Folder of a model"
        className="hidden"
        multiple
        // Not in React's types: it makes the picker one of folders.
        {...{ webkitdirectory: '' }}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = '';
          if (files.length > 0) void lookAtFiles(files);
        }}
      />
    </section>
  );
}
