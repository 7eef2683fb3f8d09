import { showToast } from '#state/actions/show-toast.ts';
import { usePreferences } from '#state/preferences.ts';
import { services } from '#state/services.ts';

/** Turns the notification at the queue's end on or off. Leave is asked with the click that turns it on, never before. */
export async function chooseNotifying(isOn: boolean): Promise<void> {
  if (!isOn) {
    usePreferences.setState({ isNotifying: false });
    return;
  }
  const answer = await services().notifier.ask();
  usePreferences.setState({ isNotifying: answer === 'granted' });
  if (answer === 'granted') return;
  const text =
    answer === 'none'
      ? 'This browser shows no notifications.'
      : 'The browser does not allow notifications here. Its site settings can change that.';
  showToast({ text, tone: 'trouble', action: null });
}
