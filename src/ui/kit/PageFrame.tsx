import type { ReactNode, Ref } from 'react';
import type { Page } from '#state/page.ts';
import { PageHeader, type PageHeaderProps } from './PageHeader.tsx';

interface Props extends PageHeaderProps {
  view: Page;
  /** The column's classes: how wide it may become. */
  column: string;
  /** Classes of the page itself. */
  className?: string;
  /** The page, which scrolls. */
  ref?: Ref<HTMLElement>;
  /** What lies over the column: dialogs, and bars at the edge of the window. */
  over?: ReactNode;
  children: ReactNode;
}

/** A page in place of the stage: one column, its header on top, that scrolls as a whole. */
export function PageFrame({ view, column, className = '', ref, over, children, ...header }: Props) {
  return (
    <main
      ref={ref}
      tabIndex={-1}
      data-view={view}
      className={`relative min-h-0 flex-1 overflow-y-auto bg-canvas outline-none ${className}`}
    >
      <div className={`mx-auto flex w-full flex-col gap-4 px-4 pt-4 sm:px-6 ${column}`}>
        <PageHeader {...header} />
        {children}
      </div>
      {over}
    </main>
  );
}
