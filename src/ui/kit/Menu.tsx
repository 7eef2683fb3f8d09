import { Menu as BaseMenu } from '@base-ui/react/menu';
import type { ReactElement, ReactNode } from 'react';

export interface MenuEntry {
  id: string;
  label: string;
  icon?: ReactNode;
  /** Why it cannot be chosen now; it is shown, and greyed. */
  reason?: string | null;
  isDangerous?: boolean;
  onChoose: () => void;
}

/** A list of verbs that hangs from a button. Groups are parted by a line. */
export function Menu({
  trigger,
  label,
  groups,
}: {
  trigger: ReactElement;
  label: string;
  groups: readonly (readonly MenuEntry[])[];
}) {
  return (
    <BaseMenu.Root>
      <BaseMenu.Trigger render={trigger} />
      <BaseMenu.Portal>
        <BaseMenu.Positioner sideOffset={6} align="end" collisionPadding={8} className="z-40">
          <BaseMenu.Popup
            aria-label={label}
            className="min-w-48 rounded-xl bg-raised p-1 text-sm shadow-pop ring-1 ring-line outline-none forced-colors:border"
          >
            {groups
              .filter((group) => group.length > 0)
              .map((group, index) => (
                <div key={group[0]?.id} className={index > 0 ? 'mt-1 border-t border-line pt-1' : undefined}>
                  {group.map((entry) => (
                    <Entry key={entry.id} entry={entry} />
                  ))}
                </div>
              ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  const { label, icon, reason = null, isDangerous = false, onChoose } = entry;
  return (
    <BaseMenu.Item
      disabled={reason !== null}
      onClick={onChoose}
      className={`flex min-h-9 items-center gap-2.5 rounded-lg px-2.5 outline-none select-none data-disabled:text-faint data-highlighted:bg-hover forced-colors:data-highlighted:bg-[Highlight] pointer-coarse:min-h-11 ${isDangerous ? 'text-danger' : ''}`}
    >
      {icon}
      <span className="min-w-0">
        {label}
        {reason !== null && <span className="block max-w-56 text-2xs text-faint">{reason}</span>}
      </span>
    </BaseMenu.Item>
  );
}
