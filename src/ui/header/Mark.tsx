/** The kiln's mouth. Colours come from the tokens. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
      <path d="M2 18V9.5a8 8 0 0 1 16 0V18h-4.6v-8a3.4 3.4 0 0 0-6.8 0v8Z" fill="var(--ember)" />
    </svg>
  );
}
