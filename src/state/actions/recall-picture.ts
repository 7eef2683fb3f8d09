import { showToast } from '#state/actions/show-toast.ts';
import { CHOICES } from '#state/controls.ts';
import { missingSentence } from '#state/adapters.ts';
import { useDraft } from '#state/draft.ts';
import { fitDraft } from '#state/fit-draft.ts';
import { formOf } from '#state/kits.ts';
import { findModel, useModels } from '#state/models.ts';

/** Larger files are not opened: no picture of ours or of a like tool comes near it. */
const MAX_BYTES = 64 * 2 ** 20;

/** Puts the settings that a PNG carries into the form, ours or another tool's, and says what did not fit. */
export async function recallPicture(file: File): Promise<void> {
  const text = await readSettings(file);
  if (typeof text === 'string') {
    showToast({ text, tone: 'trouble', action: null });
    return;
  }
  const { request, notApplied } = text;
  // Adapters and kit of the form are no part of what the picture was made with.
  const draft = { ...useDraft.getState(), ...formOf(request), count: 1 };
  if (request.seed !== undefined) draft.isSeedLocked = true;
  const manifest = findModel(useModels.getState().models, draft.modelId);
  useDraft.setState(manifest === null ? draft : fitDraft(draft, manifest));
  const left = notApplied.map(({ key }) => key.slice(0, 40));
  showToast({
    text: [
      left.length === 0 ? 'Settings loaded.' : `Settings loaded, except ${list(left)}.`,
      missingSentence(draft),
    ]
      .filter((sentence) => sentence !== null)
      .join(' '),
    tone: 'plain',
    action: null,
  });
}

/** What the file says, or a sentence that says why it says nothing. */
async function readSettings(file: File) {
  if (file.size > MAX_BYTES) return 'That file is too large to be a picture of this kind.';
  // Nobody needs the readers of PNG and of its texts before a file is dropped.
  const [{ readTexts }, { recall }] = await Promise.all([
    import('#core/metadata/png-text.ts'),
    import('#core/metadata/recall.ts'),
  ]);
  const texts = await readTexts(new Uint8Array(await file.arrayBuffer()), inflate);
  if (!texts.ok) return 'That file is not a PNG that can be read.';
  return recall(texts.value.entries, CHOICES) ?? 'That picture carries no settings.';
}

async function* inflate(compressed: Uint8Array): AsyncGenerator<Uint8Array> {
  const body = new Blob([new Uint8Array(compressed)]).stream();
  const reader = body.pipeThrough(new DecompressionStream('deflate')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function list(names: string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
