/** What a picture file says of itself. */

export type PictureKind = 'png' | 'jpeg' | 'webp' | 'gif';

export interface PictureHeader {
  kind: PictureKind;
  /** As stored; a camera's turn is not undone. */
  widthPx: number;
  heightPx: number;
  /** More than one frame; readers of pictures take the first. */
  isAnimated: boolean;
  /** Four inks instead of three lights, as print files have. */
  isCmyk: boolean;
  /** The turn and flip to undo, 1 to 8 as in EXIF; 1 is none. */
  orientation: number;
}

export type HeaderResult =
  | { ok: true; header: PictureHeader }
  /** `found`: what the file is instead, with its article; null where its kind is right and its header is broken. */
  | { ok: false; found: string | null; reason: string };

export function broken(reason: string): HeaderResult {
  return { ok: false, found: null, reason };
}
