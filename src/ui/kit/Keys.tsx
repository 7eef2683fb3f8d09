import { comboKeys } from '#core/keys/combo.ts';
import { IS_MAC } from './platform.ts';

/** Keys as they are pressed together, one cap each. */
export function Keys({ combo, className = '' }: { combo: string; className?: string }) {
  return (
    <kbd className={`inline-flex shrink-0 gap-1 font-sans text-2xs ${className}`}>
      {comboKeys(combo, IS_MAC).map((key) => (
        <kbd
          key={key}
          className="min-w-5 rounded-md font-sans bg-well px-1.5 py-0.5 text-center font-medium text-soft ring-1 ring-line ring-inset"
        >
          {key}
        </kbd>
      ))}
    </kbd>
  );
}
