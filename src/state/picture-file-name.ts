import { pictureFileName } from '#core/metadata/file-name.ts';
import type { StoredCard } from '#storage/gallery.ts';

const ENDINGS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/webp': 'webp' };

/** @param type of the file: what was imported need not be a PNG */
export function fileNameOf(
  { number, seed, request, imported }: Pick<StoredCard, 'number' | 'seed' | 'request' | 'imported'>,
  type: string,
): string {
  const prompt = request.prompt === '' ? (imported?.fileName.replace(/\.\w+$/, '') ?? '') : request.prompt;
  const name = pictureFileName({ number, seed, prompt });
  const ending = ENDINGS[type];
  return ending === undefined ? name : name.replace(/png$/, ending);
}
