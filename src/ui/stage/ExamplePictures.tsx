import { useState } from 'react';
import { tryExample } from '#state/actions/try-example.ts';
import { useModels } from '#state/models.ts';
import examples from '#ui/examples.json';
import { useManifest } from '#ui/use-manifest.ts';

/** Pictures that the model which ships drew. Choosing one draws the very picture again, here. */
export function ExamplePictures() {
  const isReady = useModels((state) => state.status === 'ready');
  const manifest = useManifest();
  const weights = manifest?.parts[manifest.denoiser.part]?.variants[0]?.weights[0] ?? '';
  // Of another model they would promise what it does not draw.
  const isTheirs = manifest !== null && manifest.files[weights]?.sha256 === examples.weights;
  return (
    <ul
      aria-label="Examples"
      className="mt-8 grid w-full max-w-xl grid-cols-3 gap-x-3 gap-y-4 sm:grid-cols-6 [@media(max-height:44rem)]:mt-5"
    >
      {examples.pictures.map(({ file, prompt, seed }) => (
        <li key={file}>
          <button
            type="button"
            disabled={!isReady}
            className="group flex w-full flex-col items-center gap-1.5 rounded-xl text-2xs text-soft hover:text-ink disabled:opacity-60"
            onClick={() => void tryExample(prompt, isTheirs ? seed : null)}
          >
            {isTheirs && <Thumb file={file} />}
            <span className="text-balance">{prompt}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Thumb({ file }: { file: string }) {
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return null;
  return (
    <img
      src={`${import.meta.env.BASE_URL}examples/${file}.webp`}
      alt=""
      width={256}
      height={256}
      draggable={false}
      className="aspect-square w-full rounded-xl bg-well ring-1 ring-line transition-shadow group-hover:shadow-picture group-hover:ring-line-strong"
      onError={() => setMissing(true)}
    />
  );
}
