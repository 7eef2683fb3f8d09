import { useEffect } from 'react';
import type { Manifest } from '#core/models/manifest.ts';
import { defaultWorkload } from '#core/passport/model-cost.ts';
import { AT_ONCE, type AtOnce } from '#core/pipeline/at-once.ts';
import { chooseAtOnce } from '#state/actions/choose-at-once.ts';
import { inspectModel } from '#state/actions/measure-device.ts';
import { useDevice } from '#state/device.ts';
import { useDraft } from '#state/draft.ts';
import { findModel, useModels } from '#state/models.ts';
import { fingerprint, usePassport } from '#state/passport.ts';
import { usePreferences } from '#state/preferences.ts';
import { Segmented } from '#ui/kit/Segmented.tsx';

const OPTIONS = ['auto', ...AT_ONCE] as const;

/** How many pictures of a request are drawn together, where the chosen model can. */
export function AtOnceControl() {
  const atOnce = usePreferences((preferences) => preferences.atOnce);
  const isCpu = useDevice(({ report }) => report?.chosen === 'cpu');
  const modelId = useDraft((draft) => draft.modelId);
  const manifest = useModels(({ models }) => findModel(models, modelId));
  const canDraw = useDrawsTogether(manifest);
  return (
    <div className="mt-4 border-t border-line pt-3">
      <p className="mb-2 text-xs font-medium">Pictures at once</p>
      <Segmented
        label="Pictures at once"
        value={String(atOnce)}
        options={OPTIONS.map((option) => ({
          id: String(option),
          name: option === 'auto' ? 'Auto' : String(option),
          isDisabled: canDraw === false,
        }))}
        describedBy="at-once-note"
        onChange={(id) => chooseAtOnce(readOption(id))}
      />
      <p id="at-once-note" className="mt-1.5 text-2xs text-faint">
        {canDraw === false
          ? `${manifest?.name ?? 'The model'} takes one picture at a time: its file was made so.`
          : noteOf(atOnce, isCpu)}
      </p>
    </div>
  );
}

function readOption(id: string): AtOnce {
  return OPTIONS.find((option) => String(option) === id) ?? 'auto';
}

function noteOf(atOnce: AtOnce, isCpu: boolean): string {
  if (atOnce === 1) return 'Each picture is drawn by itself.';
  if (atOnce === 'auto') {
    return isCpu
      ? 'Up to 4 of a small model on the CPU, one of a large model.'
      : 'As many as memory is sure to hold, up to 4.';
  }
  return 'Pictures of one request are drawn together and land together. Those that start from a picture, or have a second pass, are drawn one at a time.';
}

/** Whether the model draws several pictures in one run; null while that is not known. */
function useDrawsTogether(manifest: Manifest | null): boolean | null {
  useEffect(() => {
    if (manifest !== null) void inspectModel(manifest, defaultWorkload(manifest));
  }, [manifest]);
  return usePassport((state) =>
    manifest === null ? null : (state.drawsTogether[fingerprint(manifest)] ?? null),
  );
}
