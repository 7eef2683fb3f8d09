import { Ellipsis } from 'lucide-react';
import { NetworkPopover } from '#ui/privacy/NetworkPopover.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { HeaderPopover } from './HeaderPopover.tsx';
import { AsRows } from './HeaderTrigger.tsx';
import { ReadingPopover } from './ReadingPopover.tsx';
import { ThemePopover } from './ThemePopover.tsx';

/** What a phone's header has no room for. */
export function MorePopover() {
  return (
    <HeaderPopover
      title="More"
      trigger={
        <IconButton label="More of the studio">
          <Ellipsis size={16} aria-hidden="true" />
        </IconButton>
      }
    >
      <AsRows value>
        <div className="-mx-2 flex flex-col gap-1">
          <ReadingPopover />
          <NetworkPopover />
          <ThemePopover />
        </div>
      </AsRows>
    </HeaderPopover>
  );
}
