import { type ComponentProps, useRef } from 'react';
import { Button } from './Button.tsx';

interface Props extends Omit<ComponentProps<typeof Button>, 'onClick'> {
  /** What the files are, for the field behind the button. */
  filesLabel: string;
  /** Types and endings, as `<input accept>` has them. */
  accept?: string;
  takes?: 'one' | 'many' | 'folder';
  onFiles: (files: File[]) => void;
}

/** Asks for files and hands them over. */
export function FileButton({ filesLabel, accept, takes = 'one', onFiles, ...button }: Props) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button {...button} onClick={() => input.current?.click()} />
      <input
        ref={input}
        type="file"
        hidden
        aria-label={filesLabel}
        accept={accept}
        multiple={takes !== 'one'}
        // Not in React's types: it makes the picker one of folders.
        {...(takes === 'folder' ? { webkitdirectory: '' } : {})}
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // The same file can be chosen again.
          event.target.value = '';
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
