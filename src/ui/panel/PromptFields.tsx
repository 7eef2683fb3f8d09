import { useRef } from 'react';
import type { Failure } from '#core/failure.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { negativePromptHint } from '#core/pipeline/controls.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { useRun } from '#state/run.ts';
import { Field } from '#ui/kit/Field.tsx';
import { CutMark } from '#ui/prompt/CutMark.tsx';
import { PromptTools } from '#ui/prompt/PromptTools.tsx';
import { useManifest } from '#ui/use-manifest.ts';

const AREA = 'field block w-full resize-none px-3 py-2 field-sizing-content';

export function PromptField({ isCompact = false }: { isCompact?: boolean }) {
  const prompt = useDraft((draft) => draft.prompt);
  const problem = useRun((state) => (isOfPrompt(state.formFailure) ? state.formFailure : null));
  const field = useRef<HTMLTextAreaElement>(null);
  const look = isCompact ? 'max-h-32 min-h-11' : 'max-h-64 min-h-20 text-base';
  const area = (id: string | undefined, describedBy: string | undefined) => (
    <div className="relative">
      <textarea
        ref={field}
        id={id}
        data-prompt="prompt"
        aria-label={isCompact ? 'Prompt' : undefined}
        aria-describedby={describedBy}
        aria-invalid={problem !== null}
        className={`${AREA} ${look}`}
        rows={isCompact ? 1 : 3}
        placeholder="A red apple on a blue background"
        value={prompt}
        onChange={(event) => editDraft({ prompt: event.target.value })}
      />
      <CutMark text={prompt} area={field} className={`border border-transparent px-3 py-2 ${look}`} />
    </div>
  );
  if (isCompact) {
    return (
      <>
        {area(undefined, undefined)}
        <PromptTools />
      </>
    );
  }
  return (
    <>
      <Field label="Prompt">{({ id, describedBy }) => area(id, describedBy)}</Field>
      <PromptTools />
    </>
  );
}

const OF_PROMPT = new Set<Failure['code']>(['prompt-empty', 'lists-unknown', 'styles-unknown']);

function isOfPrompt(failure: Failure | null): boolean {
  return failure !== null && OF_PROMPT.has(failure.code);
}

export function NegativePromptField() {
  const negativePrompt = useDraft((draft) => draft.negativePrompt);
  const manifest = useManifest();
  const guidanceScale = useDraft((draft) => draft.guidanceScale);
  const control = manifest === null ? null : controlsOf(manifest).negativePrompt;
  const reason = control === null || control.enabled ? null : control.reason;
  const hint =
    manifest === null || negativePrompt === '' ? null : negativePromptHint(manifest, guidanceScale);
  return (
    <Field label="Negative prompt" reason={reason} hint={hint}>
      {({ id, describedBy }) => (
        <textarea
          id={id}
          data-prompt="negative"
          aria-describedby={describedBy}
          className={`${AREA} max-h-40 min-h-9 text-sm`}
          rows={1}
          placeholder={reason === null ? 'What to leave out' : ''}
          value={reason === null ? negativePrompt : ''}
          disabled={reason !== null}
          onChange={(event) => editDraft({ negativePrompt: event.target.value })}
        />
      )}
    </Field>
  );
}
