import * as v from 'valibot';
import { rateSchema } from '#core/queue/rates.ts';
import { useQueue } from '#state/queue.ts';
import { services } from '#state/services.ts';

export const RATES = 'queue-rates';

/** Reads how long pictures took in earlier visits, so that a queue's time is told from its start. */
export function recallRates(): void {
  const rates = v.safeParse(v.array(rateSchema), services().settings.read(RATES));
  if (rates.success) useQueue.setState({ rates: rates.output });
}
