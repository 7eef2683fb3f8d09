import { showToast } from '#state/actions/show-toast.ts';

/** Copies text and says what was copied. */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showToast({ text: `${what} copied.`, tone: 'plain', action: null });
  } catch {
    showToast({ text: 'The browser did not allow copying.', tone: 'trouble', action: null });
  }
}
