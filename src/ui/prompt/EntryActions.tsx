import { Pencil, Trash2 } from 'lucide-react';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** What can be done with one style or list of those that are kept. */
export function EntryActions({
  name,
  onEdit,
  onDelete,
}: {
  name: string;
  onEdit: () => void;
  onDelete: () => void;
}) {
  return (
    <>
      <IconButton label={`Edit ${name}`} onClick={onEdit}>
        <Pencil size={15} aria-hidden="true" />
      </IconButton>
      <IconButton label={`Delete ${name}`} className="hover:text-danger" onClick={onDelete}>
        <Trash2 size={15} aria-hidden="true" />
      </IconButton>
    </>
  );
}
