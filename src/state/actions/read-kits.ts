import * as v from 'valibot';
import { useKits } from '#state/kits.ts';
import { services } from '#state/services.ts';
import { listStarterKits } from '#storage/starter-kits.ts';

const HIDDEN = 'hidden-kits';
const hiddenSchema = v.fallback(v.pipe(v.array(v.string()), v.maxLength(100)), []);
const PATIENCE_MS = 30_000;

/** Lists the kits that are kept here and the brands that ship. */
export async function readKits(): Promise<void> {
  const { kits, settings } = services();
  const hidden = v.parse(hiddenSchema, settings.read(HIDDEN));
  const [own, starters] = await Promise.all([kits.list(), listStarterKits(AbortSignal.timeout(PATIENCE_MS))]);
  useKits.setState({ own, starters, hidden, status: 'ready' });
}

/** Puts a brand away, or back. */
export function hideKit(id: string, isHidden: boolean): void {
  const { hidden } = useKits.getState();
  const others = hidden.filter((other) => other !== id);
  const next = isHidden ? [...others, id] : others;
  useKits.setState({ hidden: next });
  services().settings.write(HIDDEN, next);
}
