interface Props {
  label: string;
  /** 0 to 1; null while nothing can be counted. */
  fraction: number | null;
  /** What a screen reader hears. */
  text: string;
  isStill?: boolean;
}

/** How far something is: a hairline. */
export function Meter({ label, fraction, text, isStill = false }: Props) {
  const percent = fraction === null ? null : Math.round(fraction * 100);
  return (
    <div
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- <progress> cannot be drawn alike everywhere
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent === null ? {} : { 'aria-valuenow': percent })}
      aria-valuetext={text}
      className="h-1 overflow-hidden rounded-full bg-line forced-colors:border"
    >
      {percent === null ? (
        <div className="sliver h-full w-1/4 rounded-full bg-ember" />
      ) : (
        <div
          className={`h-full rounded-full transition-[width] duration-300 forced-colors:bg-[Highlight] ${isStill ? 'bg-line-strong' : 'bg-ember'}`}
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}
