import { type ButtonHTMLAttributes, type ReactNode, type Ref, createContext, use } from 'react';
import { Button } from '#ui/kit/Button.tsx';
import { IconButton } from '#ui/kit/IconButton.tsx';

/** Whether the triggers stand as rows with words, as they do in the header's overflow on a phone. */
export const AsRows = createContext(false);

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  label: string;
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
}

/** The button of a header popover: its sign alone in the header, sign and words where it is a row. */
export function HeaderTrigger({ label, children, ...rest }: Props) {
  if (!use(AsRows)) {
    return (
      <IconButton label={label} {...rest}>
        {children}
      </IconButton>
    );
  }
  return (
    <Button look="quiet" icon={children} {...rest} className="w-full justify-start">
      {label}
    </Button>
  );
}
