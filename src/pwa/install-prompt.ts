/** The browser's offer to install the studio as an app. It comes only where it can be taken up. */
interface InstallEvent extends Event {
  prompt(): Promise<unknown>;
}

export interface InstallPrompt {
  /** Shows the browser's own question, once. */
  show(): Promise<void>;
}

/** @param onChange told when installing becomes possible, and when it no longer is */
export function watchInstallPrompt(onChange: (canInstall: boolean) => void): InstallPrompt {
  let offered: InstallEvent | null = null;
  addEventListener('beforeinstallprompt', (event) => {
    // The browser's own bar would cover the page; ours waits in a popover.
    event.preventDefault();
    offered = event as InstallEvent;
    onChange(true);
  });
  addEventListener('appinstalled', () => {
    offered = null;
    onChange(false);
  });
  return {
    async show() {
      const event = offered;
      offered = null;
      onChange(false);
      await event?.prompt();
    },
  };
}
