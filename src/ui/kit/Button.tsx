import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';

const LOOKS = {
  primary: 'bg-ember text-on-ember font-semibold hover:bg-ember-hover',
  plain: 'bg-raised text-ink font-medium ring-1 ring-inset ring-line hover:bg-hover',
  quiet: 'text-soft font-medium hover:bg-hover hover:text-ink',
};

export type Look = keyof typeof LOOKS;

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

/** A button with words. An icon before them is decoration. */
export function Button({ look = 'plain', icon, children, className = '', type = 'button', ...rest }: Props) {
  return (
    <button
      // oxlint-disable-next-line react/button-has-type -- typed to the three it may be
      type={type}
      className={`control inline-flex items-center justify-center gap-2 rounded-lg px-3 text-sm whitespace-nowrap transition-colors select-none disabled:pointer-events-none disabled:opacity-45 forced-colors:border ${LOOKS[look]} ${className}`}
      {...rest}
    >
      {icon}
      {children}
    </button>
  );
}
