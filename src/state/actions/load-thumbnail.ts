import { services } from '#state/services.ts';

/** More than any window shows at once. */
const MAX_KEPT = 600;
/** In the order of their last use, as addresses that an <img> takes. */
const kept = new Map<string, string>();

export function knownThumbnail(id: string): string | null {
  return kept.get(id) ?? null;
}

/** The address of a picture's thumbnail; null when it cannot be read. It holds until many others were looked at. */
export async function loadThumbnail(id: string): Promise<string | null> {
  const known = kept.get(id);
  if (known !== undefined) {
    kept.delete(id);
    kept.set(id, known);
    return known;
  }
  const { gallery } = services();
  const blob = await gallery.thumbnail(id).catch(() => null);
  if (blob === null) return null;
  const raced = kept.get(id);
  if (raced !== undefined) return raced;
  const url = URL.createObjectURL(blob);
  kept.set(id, url);
  for (const [oldest, old] of kept) {
    if (kept.size <= MAX_KEPT) break;
    kept.delete(oldest);
    URL.revokeObjectURL(old);
  }
  return url;
}
