import { Search } from 'lucide-react';

interface Props {
  label: string;
  placeholder?: string;
  value: string;
  onChange: (value: string) => void;
  /** Takes what is found. */
  onEnter?: () => void;
  className?: string;
}

/** What narrows a list. Escape empties it before it closes anything else. */
export function SearchField({
  label,
  placeholder = 'Search',
  value,
  onChange,
  onEnter,
  className = '',
}: Props) {
  return (
    <div className={`field control flex min-w-0 items-center gap-2 px-2.5 ${className}`}>
      <Search size={14} aria-hidden="true" className="shrink-0 text-faint" />
      <input
        type="search"
        aria-label={label}
        placeholder={placeholder}
        className="min-w-0 flex-1 bg-transparent outline-none [&::-webkit-search-cancel-button]:opacity-60 [&::-webkit-search-cancel-button]:grayscale"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') {
            event.preventDefault();
            event.stopPropagation();
            onChange('');
          }
          // With Ctrl it is the shortcut that generates.
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey && onEnter !== undefined) {
            event.preventDefault();
            onEnter();
          }
        }}
      />
    </div>
  );
}
