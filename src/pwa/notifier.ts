/** Notifications of the system. */
export interface Notifier {
  /** Asks for leave; to be called in a click. `none`: this browser has no notifications. */
  ask(): Promise<'granted' | 'denied' | 'none'>;
  /** Shows one in place of the last, unless the page is being looked at. */
  tell(title: string, text: string): void;
}

const TAG = 'kiln-queue';

export function createNotifier(): Notifier {
  return {
    async ask() {
      if (!('Notification' in globalThis)) return 'none';
      return (await Notification.requestPermission()) === 'granted' ? 'granted' : 'denied';
    },
    tell(title, text) {
      const isSeen = globalThis.document?.visibilityState === 'visible' && document.hasFocus();
      if (isSeen || !('Notification' in globalThis) || Notification.permission !== 'granted') return;
      void show(title, { body: text, tag: TAG });
    },
  };
}

async function show(title: string, options: NotificationOptions): Promise<void> {
  // Phones show them only through a service worker.
  const registration = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  try {
    if (registration?.active) await registration.showNotification(title, options);
    else {
      const shown = new Notification(title, options);
      shown.addEventListener('click', () => globalThis.focus());
    }
  } catch {
    // Nobody waits for it: the page itself says the same.
  }
}
