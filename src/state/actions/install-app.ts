import { services } from '#state/services.ts';

/** Shows the browser's question whether to install the studio. */
export async function installApp(): Promise<void> {
  await services().installPrompt.show();
}
