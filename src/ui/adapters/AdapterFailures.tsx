import { dismissAdapterFailures } from '#state/actions/add-adapters.ts';
import { useAdapters } from '#state/adapters.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Trouble } from '#ui/library/Trouble.tsx';

/** Why files were not taken as adapters. */
export function AdapterFailures() {
  const failures = useAdapters((state) => state.failures);
  return failures.map((failure, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- they come and go together
    <Trouble key={index} failure={failure}>
      <Button look="quiet" onClick={dismissAdapterFailures}>
        Dismiss
      </Button>
    </Trouble>
  ));
}
