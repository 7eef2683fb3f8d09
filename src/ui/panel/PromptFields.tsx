import { editDraft } from '#state/actions/edit-draft.ts';
import { negativePromptHint } from '#core/pipeline/controls.ts';
import { controlsOf } from '#state/controls.ts';
import { useDraft } from '#state/draft.ts';
import { useRun } from '#state/run.ts';
import { Field } from '#ui/kit/Field.tsx';
import { useManifest } from '#ui/use-manifest.ts';

const AREA = 'field block w-full resize-none px-3 py-2 field-sizing-content';

export function PromptField({ isCompact = false }: { isCompact?: boolean }) {
  const prompt = useDraft((draft) => draft.prompt);
  const problem = useRun((state) => (state.formFailure?.code === 'prompt-empty' ? state.formFailure : null));
  const area = (id: string | undefined, describedBy: string | undefined) => (
    <textarea
      id={id}
      aria-label={isCompact ? 'Prompt' : undefined}
      aria-describedby={describedBy}
      aria-invalid={problem !== null}
      className={`${AREA} ${isCompact ? 'max-h-32 min-h-11' : 'max-h-64 min-h-20 text-base'}`}
      rows={isCompact ? 1 : 3}
      placeholder="A red apple on a blue background"
      value={prompt}
      onChange={(event) => editDraft({ prompt: event.target.value })}
    />
  );
  if (isCompact) return area(undefined, undefined);
  return <Field label="Prompt">{({ id, describedBy }) => area(id, describedBy)}</Field>;
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
