import { ArrowLeft } from 'lucide-react';
import { type ReactNode, useEffect, useEffectEvent, useRef } from 'react';
import { showPage } from '#state/actions/show-page.ts';
import { IconButton } from './IconButton.tsx';

export interface PageHeaderProps {
  title: string;
  /** In small beside the title. */
  note?: ReactNode;
  /** Where the arrow and Esc lead; the studio's stage without it. */
  back?: { label: string; go: () => void };
  /** What the page can do as a whole. */
  actions?: ReactNode;
}

const TO_STAGE: NonNullable<PageHeaderProps['back']> = {
  label: 'Back to the studio',
  go: () => showPage('stage'),
};

/** The way back, the title, and what the whole page can do. The title has the focus when the page opens. */
export function PageHeader({
  title,
  note,
  back = TO_STAGE,
  actions,
  isBar = false,
}: PageHeaderProps & { isBar?: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const onKeyDown = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented && !isTaken(event.target)) back.go();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKeyDown(event);
    addEventListener('keydown', listen);
    heading.current?.focus();
    return () => {
      removeEventListener('keydown', listen);
      requestAnimationFrame(focusMain);
    };
  }, []);
  return (
    <div
      className={`flex flex-wrap items-center gap-y-2 ${isBar ? 'gap-x-3 border-b border-line px-4 py-2' : 'gap-x-2'}`}
    >
      <IconButton label={back.label} className="-ml-2" onClick={back.go}>
        <ArrowLeft size={18} aria-hidden="true" />
      </IconButton>
      <h2
        ref={heading}
        tabIndex={-1}
        className={`font-semibold outline-none ${isBar ? 'mr-2 text-base' : 'text-lg tracking-tight'}`}
      >
        {title}
      </h2>
      {!isBar && <p className="mr-auto text-xs text-faint tabular-nums">{note}</p>}
      {actions}
    </div>
  );
}

/** Esc first belongs to what lies on top, and to a search that has words to clear. */
function isTaken(target: EventTarget | null): boolean {
  const isSearching = target instanceof HTMLInputElement && target.type === 'search' && target.value !== '';
  const onTop = '[role="dialog"], [role="alertdialog"], [role="menu"], select:open';
  return isSearching || document.querySelector(onTop) !== null;
}

/** The focus went with the page: it goes on in what took its place, unless that has it already. */
function focusMain(): void {
  if (document.activeElement === document.body)
    document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}
