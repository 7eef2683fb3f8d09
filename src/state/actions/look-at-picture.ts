import type { InitUse } from '#core/pipeline/request.ts';
import { showToast } from '#state/actions/show-toast.ts';
import { CHOICES } from '#state/controls.ts';
import { inflate } from '#state/inflate.ts';
import { LEFT_AT_FIRST } from '#state/recall-template.ts';
import { useRecall } from '#state/recall.ts';
import { services } from '#state/services.ts';

/** Opens a picture file and shows what it says of itself, ours or another tool's. Nothing is taken yet. */
export async function lookAtPicture(file: File): Promise<void> {
  const trouble = await read(file);
  if (trouble !== null) showToast({ text: trouble, tone: 'trouble', action: null });
}

export function closePicture(): void {
  const { picture } = useRecall.getState();
  if (picture?.url != null) URL.revokeObjectURL(picture.url);
  useRecall.setState({ picture: null });
}

/** Takes one setting, or leaves it. */
export function takeItem(key: string, isTaken: boolean): void {
  useRecall.setState(({ picture }) => {
    if (picture === null) return {};
    const left = picture.left.filter((one) => one !== key);
    return { picture: { ...picture, left: isTaken ? left : [...left, key] } };
  });
}

export function leaveItems(keys: readonly string[]): void {
  useRecall.setState(({ picture }) => (picture === null ? {} : { picture: { ...picture, left: keys } }));
}

/** @returns a sentence that says why the file cannot be opened, or null */
async function read(file: File): Promise<string | null> {
  // Nobody needs the readers of pictures and of their texts before a file is dropped.
  const [{ isShowable, MAX_PICTURE_BYTES, readPictureFile }, { recall }] = await Promise.all([
    import('#core/metadata/picture-file.ts'),
    import('#core/metadata/recall.ts'),
  ]);
  if (file.size > MAX_PICTURE_BYTES) return 'That file is too large to be a picture of this kind.';
  const result = await readPictureFile(new Uint8Array(await file.arrayBuffer()), inflate);
  if (!result.ok) return 'That file is not a PNG, JPEG or WebP that can be read.';
  const { kind, widthPx, heightPx, entries } = result.value;
  const recalled = recall(entries, CHOICES);
  const absent = await findAbsent(recalled?.request.init);
  closePicture();
  const url = isShowable({ widthPx, heightPx }) ? URL.createObjectURL(file) : null;
  const left = LEFT_AT_FIRST;
  useRecall.setState({ picture: { file, url, kind, widthPx, heightPx, recalled, left, absent } });
  return null;
}

/** Hashes of what the picture was drawn from that are not here. */
async function findAbsent(init: InitUse | undefined): Promise<string[]> {
  const wanted = [init?.sha256, init?.mask?.sha256].filter((sha256) => sha256 != null);
  const files = await Promise.all(wanted.map((sha256) => services().inputs.get(sha256)));
  return wanted.filter((_, k) => files[k] === null);
}
