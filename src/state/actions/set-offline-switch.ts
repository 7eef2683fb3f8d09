import { services } from '#state/services.ts';

/** Lets no request out, or lets them out again. The store follows when the service worker has done it. */
export function setOfflineSwitch(isOn: boolean): void {
  services().background.setOfflineSwitch(isOn);
}
