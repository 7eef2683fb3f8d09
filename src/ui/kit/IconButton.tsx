import type { ButtonHTMLAttributes, ReactNode } from 'react';

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** Its accessible name, and what a pointer is told. */
  label: string;
  /** Set for a button that stays pressed. */
  isPressed?: boolean;
  children?: ReactNode;
}

/** A square button that shows only an icon. */
export function IconButton({ label, isPressed, children, className = '', ...rest }: Props) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      className={`control inline-flex aspect-square shrink-0 items-center justify-center rounded-lg text-soft transition-colors hover:bg-hover hover:text-ink disabled:pointer-events-none disabled:opacity-45 aria-pressed:bg-ember-wash aria-pressed:text-ember-ink forced-colors:border forced-colors:aria-pressed:bg-[Highlight] ${className}`}
      {...rest}
    >
      {children}
    </button>
  );
}
