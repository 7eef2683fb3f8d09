import { Columns2 } from 'lucide-react';
import { showPage } from '#state/actions/show-page.ts';
import { usePage } from '#state/page.ts';
import { Button } from '#ui/kit/Button.tsx';
import { Menu } from '#ui/kit/Menu.tsx';

/** The pages on which choices are made by eye. */
export function CompareMenu() {
  const page = usePage((state) => state.page);
  const isHere = page === 'compare' || page === 'grid' || page === 'blind';
  return (
    <Menu
      label="Ways to compare"
      groups={[
        [
          { id: 'compare', label: 'Pictures side by side', onChoose: () => showPage('compare') },
          { id: 'grid', label: 'X/Y/Z grid', onChoose: () => showPage('grid') },
          { id: 'blind', label: 'Blind A/B test', onChoose: () => showPage('blind') },
        ],
      ]}
      trigger={
        <Button
          look="quiet"
          className={`max-sm:px-2 ${isHere ? 'bg-ember-wash text-ember-ink' : ''}`}
          icon={<Columns2 size={16} aria-hidden="true" />}
        >
          <span className="max-sm:sr-only">Compare</span>
        </Button>
      }
    />
  );
}
