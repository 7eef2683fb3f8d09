import type { ReactNode } from 'react';
import type { Page } from '#state/page.ts';
import { PageHeader, type PageHeaderProps } from './PageHeader.tsx';

interface Props extends PageHeaderProps {
  view: Page;
  children: ReactNode;
}

/** A page to work on, in place of the stage: a bar of tools, and below it the whole window. */
export function BenchFrame({ view, children, ...header }: Props) {
  return (
    <main tabIndex={-1} data-view={view} className="flex min-h-0 flex-1 flex-col bg-canvas outline-none">
      <PageHeader isBar {...header} />
      {children}
    </main>
  );
}
