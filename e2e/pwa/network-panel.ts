import { expect, type Locator, type Page } from '@playwright/test';

/** The popover under Network in the header. */
export class NetworkPanel {
  readonly page: Page;
  readonly dialog: Locator;
  readonly offlineSwitch: Locator;

  constructor(page: Page) {
    this.page = page;
    this.dialog = page.getByRole('dialog', { name: 'Network' });
    this.offlineSwitch = this.dialog.getByRole('switch', { name: 'Offline switch' });
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: /^Network/ }).click();
    await expect(this.dialog).toBeVisible();
  }

  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.dialog).toHaveCount(0);
  }

  /** Waits until everything that offline use needs is on this device. */
  async untilReady(): Promise<void> {
    await this.open();
    await expect(this.dialog).toContainText('Ready offline', { timeout: 60_000 });
    await this.close();
  }

  /** The lines of the meter: each origin's host with what came from it. */
  async traffic(): Promise<string[]> {
    await this.open();
    const lines = await this.dialog.locator('dl > div').allInnerTexts();
    await this.close();
    return lines.map((line) => line.replaceAll(/\s+/g, ' '));
  }
}
