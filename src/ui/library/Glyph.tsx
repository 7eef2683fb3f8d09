/** A model's own sign: the courses of the kiln, fired at an angle that its id decides. Decoration only. */
export function Glyph({ id }: { id: string }) {
  const turn = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);
  return (
    <span
      aria-hidden="true"
      className="grid size-11 shrink-0 place-items-center overflow-hidden rounded-xl ring-1 ring-line ring-inset forced-colors:hidden"
      style={{
        background: `conic-gradient(from ${turn}deg at 65% 80%, var(--ember-wash), color-mix(in oklch, var(--ember) 55%, var(--panel)), var(--ember-wash))`,
      }}
    >
      <svg width="22" height="22" viewBox="0 0 20 20">
        <path d="M2 18V9.5a8 8 0 0 1 16 0V18h-4.6v-8a3.4 3.4 0 0 0-6.8 0v8Z" fill="var(--panel)" />
      </svg>
    </span>
  );
}
