import { Popover } from '@base-ui/react/popover';
import { Captions, ScanEye } from 'lucide-react';
import { useState } from 'react';
import { listCaptioners } from '#state/actions/list-captioners.ts';
import { showPage } from '#state/actions/show-page.ts';
import { Button } from '#ui/kit/Button.tsx';
import { ReadingSettings } from '#ui/safety/ReadingSettings.tsx';
import { HeaderPopover } from './HeaderPopover.tsx';
import { HeaderTrigger } from './HeaderTrigger.tsx';

/** How pictures are read on this device, and the way to the captions of a folder. */
export function ReadingPopover() {
  const [isListed, setListed] = useState(false);
  const list = () => {
    if (!isListed) void listCaptioners();
    setListed(true);
  };
  return (
    <HeaderPopover
      title="Reading pictures"
      trigger={
        <HeaderTrigger label="Reading pictures" onClick={list}>
          <ScanEye size={16} aria-hidden="true" />
        </HeaderTrigger>
      }
    >
      <ReadingSettings />
      <Popover.Close
        render={<Button className="mt-4 w-full" icon={<Captions size={15} aria-hidden="true" />} />}
        onClick={() => showPage('captions')}
      >
        Caption a folder
      </Popover.Close>
    </HeaderPopover>
  );
}
