import { Check, CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Tone } from './library-text.ts';

const LOOKS: Record<Tone | 'plain', string> = {
  good: 'bg-well text-soft',
  warn: 'bg-ember-wash text-ember-ink',
  bad: 'bg-danger-wash text-danger',
  plain: 'bg-well text-soft',
};
const ICONS = { good: Check, warn: TriangleAlert, bad: CircleAlert };

/** A state in a word or two; its shape says as much as its colour. */
export function Tag({ tone, children }: { tone: Tone | 'plain'; children: ReactNode }) {
  const Icon = tone === 'plain' ? null : ICONS[tone];
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-2xs font-medium whitespace-nowrap ring-1 ring-line ring-inset forced-colors:border ${LOOKS[tone]}`}
    >
      {Icon && <Icon size={11} aria-hidden="true" className="shrink-0" />}
      {children}
    </span>
  );
}
