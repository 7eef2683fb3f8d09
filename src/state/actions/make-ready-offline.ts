import { services } from '#state/services.ts';

/** Fetches what the studio needs without a network, or goes on with it. */
export function makeReadyOffline(): void {
  services().background.makeReady();
}
