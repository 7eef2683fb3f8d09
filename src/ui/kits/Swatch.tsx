import { inkOn } from '#core/kits/colour.ts';

interface Props {
  name: string;
  colour: string;
  /** The latest picture that wore the kit. */
  previewUrl?: string | null;
  className?: string;
}

/** A kit's face: a picture it made with its colour around, else its initial on its colour. */
export function Swatch({
  name,
  colour,
  previewUrl = null,
  className = 'size-11 rounded-xl text-base',
}: Props) {
  return (
    <span
      aria-hidden="true"
      className={`relative grid shrink-0 place-items-center overflow-hidden font-semibold ring-1 ring-line forced-color-adjust-none ${className}`}
      style={{ backgroundColor: colour, color: inkOn(colour) }}
    >
      {previewUrl === null ? (
        (Array.from(name.trim())[0] ?? '').toUpperCase()
      ) : (
        <>
          <img src={previewUrl} alt="" className="size-full object-cover" draggable={false} loading="lazy" />
          <span className="absolute inset-x-0 bottom-0 h-1.5" style={{ backgroundColor: colour }} />
        </>
      )}
    </span>
  );
}
