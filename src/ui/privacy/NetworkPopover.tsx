import { CloudOff, ShieldCheck } from 'lucide-react';
import { useNetwork } from '#state/network.ts';
import { HeaderPopover } from '#ui/header/HeaderPopover.tsx';
import { HeaderTrigger } from '#ui/header/HeaderTrigger.tsx';
import { InstallOffer } from './InstallOffer.tsx';
import { OfflineSwitch } from './OfflineSwitch.tsx';
import { ReadinessLine } from './ReadinessLine.tsx';
import { TrafficMeter } from './TrafficMeter.tsx';

/** What came over the network, and the switch that stops it. */
export function NetworkPopover() {
  const isOff = useNetwork((state) => state.isOfflineSwitchOn || !state.isOnline);
  const Icon = isOff ? CloudOff : ShieldCheck;
  return (
    <HeaderPopover
      title="Network"
      trigger={
        <HeaderTrigger label={isOff ? 'Network: off' : 'Network'}>
          <Icon size={16} aria-hidden="true" className={isOff ? 'text-ember-ink' : ''} />
        </HeaderTrigger>
      }
    >
      <div className="flex flex-col gap-4">
        <TrafficMeter />
        <OfflineSwitch />
        <ReadinessLine />
        <InstallOffer />
      </div>
    </HeaderPopover>
  );
}
