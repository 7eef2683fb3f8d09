import { Monitor, Moon, Sun } from 'lucide-react';
import { chooseTheme } from '#state/actions/choose-theme.ts';
import { usePreferences } from '#state/preferences.ts';
import { Segmented } from '#ui/kit/Segmented.tsx';
import { HeaderPopover } from './HeaderPopover.tsx';
import { HeaderTrigger } from './HeaderTrigger.tsx';

const ICONS = { system: Monitor, light: Sun, dark: Moon };

export function ThemePopover() {
  const theme = usePreferences((preferences) => preferences.theme);
  const Icon = ICONS[theme];
  return (
    <HeaderPopover
      title="Theme"
      trigger={
        <HeaderTrigger label="Theme">
          <Icon size={16} aria-hidden="true" />
        </HeaderTrigger>
      }
    >
      <Segmented
        label="Theme"
        value={theme}
        options={[
          { id: 'system', name: 'System', icon: <Monitor size={14} aria-hidden="true" /> },
          { id: 'light', name: 'Light', icon: <Sun size={14} aria-hidden="true" /> },
          { id: 'dark', name: 'Dark', icon: <Moon size={14} aria-hidden="true" /> },
        ]}
        onChange={chooseTheme}
      />
    </HeaderPopover>
  );
}
