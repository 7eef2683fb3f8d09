import { Dices, Lock, LockOpen } from 'lucide-react';
import { MAX_SEED } from '#core/pipeline/request.ts';
import { editDraft } from '#state/actions/edit-draft.ts';
import { rollSeed } from '#state/actions/roll-seed.ts';
import { useDraft } from '#state/draft.ts';
import { Field } from '#ui/kit/Field.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';
import { NumberInput } from '#ui/kit/NumberInput.tsx';

export function SeedField() {
  const seed = useDraft((draft) => draft.seed);
  const isSeedLocked = useDraft((draft) => draft.isSeedLocked);
  const LockIcon = isSeedLocked ? Lock : LockOpen;
  return (
    <Field
      isInline
      label="Seed"
      hint={
        isSeedLocked ? 'Kept: the same settings give the same picture.' : 'A new random seed for every run.'
      }
    >
      {({ id, describedBy }) => (
        <div className="flex">
          <div className="field control mr-1 flex min-w-0 flex-1 items-center">
            {/* Who types a seed wants that seed. */}
            <NumberInput
              id={id}
              describedBy={describedBy}
              className="w-full px-2.5"
              value={seed}
              min={0}
              max={MAX_SEED}
              step={1}
              onChange={(next) => editDraft({ seed: next, isSeedLocked: true })}
            />
          </div>
          <IconButton label="Random seed" onClick={rollSeed}>
            <Dices size={16} aria-hidden="true" />
          </IconButton>
          <IconButton
            label="Lock seed"
            isPressed={isSeedLocked}
            onClick={() => editDraft({ isSeedLocked: !isSeedLocked })}
          >
            <LockIcon size={16} aria-hidden="true" />
          </IconButton>
        </div>
      )}
    </Field>
  );
}
