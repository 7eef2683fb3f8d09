/** What the scripts put on the studio's page beside its own `kiln`, and what the bare page of the benchmark has. */
import type { AutomationEvent } from '../src/automation.ts';
import type { InstallPlan, InstallProgress } from '../src/engine/library-api.ts';

declare global {
  var kilnAbort: AbortController | undefined;
  var kilnEvent: ((event: AutomationEvent) => Promise<void>) | undefined;
  var kilnPlan: InstallPlan | undefined;
  var kilnInstall: ((progress: InstallProgress) => Promise<void>) | undefined;
  var measureBare: ((order: object) => Promise<unknown>) | undefined;
}
