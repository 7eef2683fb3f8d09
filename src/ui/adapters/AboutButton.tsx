import { ChevronDown } from 'lucide-react';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** Opens and closes what the file of an adapter or a word says about itself. */
export function AboutButton({
  name,
  controls,
  isOpen,
  onToggle,
}: {
  name: string;
  /** Id of what it opens. */
  controls: string;
  isOpen: boolean;
  onToggle: () => void;
}) {
  return (
    <IconButton label={`About ${name}`} aria-expanded={isOpen} aria-controls={controls} onClick={onToggle}>
      <ChevronDown
        size={14}
        aria-hidden="true"
        className={`transition-transform ${isOpen ? 'rotate-180' : ''}`}
      />
    </IconButton>
  );
}
