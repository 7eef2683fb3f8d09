/** What a picture file says in words; null leaves a kind out. */
export interface FileWords {
  /** The field's `parameters` text. */
  parameters: string | null;
  xmp: string | null;
}

export type WriteResult =
  | { ok: true; file: Uint8Array<ArrayBuffer>; leftOut: ('parameters' | 'request')[] }
  | { ok: false; reason: string };
