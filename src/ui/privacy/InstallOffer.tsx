import { MonitorDown } from 'lucide-react';
import { installApp } from '#state/actions/install-app.ts';
import { useNetwork } from '#state/network.ts';
import { Button } from '#ui/kit/Button.tsx';

/** Seen only where the browser offers to install the studio. */
export function InstallOffer() {
  const canInstall = useNetwork((state) => state.canInstall);
  if (!canInstall) return null;
  return (
    <div className="border-t border-line pt-4">
      <p className="text-soft">
        Installed, the studio has its own window, opens PNG files, and the browser is less likely to clear it.
      </p>
      <Button
        className="mt-2"
        icon={<MonitorDown size={15} aria-hidden="true" />}
        onClick={() => void installApp()}
      >
        Install app
      </Button>
    </div>
  );
}
