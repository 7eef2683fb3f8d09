import { Popover } from '@base-ui/react/popover';
import type { ReactElement, ReactNode } from 'react';

/** A popover that hangs from a button of the header. */
export function HeaderPopover({
  trigger,
  title,
  children,
}: {
  trigger: ReactElement;
  title: string;
  children: ReactNode;
}) {
  return (
    <Popover.Root>
      <Popover.Trigger render={trigger} />
      <Popover.Portal>
        <Popover.Positioner sideOffset={8} align="end" collisionPadding={8} className="z-40">
          <Popover.Popup className="w-[min(22rem,calc(100vw-1rem))] rounded-2xl bg-raised p-4 text-sm shadow-pop ring-1 ring-line outline-none forced-colors:border">
            <Popover.Title className="mb-3 text-sm font-semibold">{title}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
