/** The studio as a person meets it: by the names of its fields and buttons. */
import { expect, type Locator, type Page } from '@playwright/test';

/** What is remembered between two visits, as the screen shows it. */
export interface Kept {
  prompt: string;
  steps: string;
  pictures: number;
}

export class Studio {
  readonly page: Page;
  readonly prompt: Locator;
  readonly generateButton: Locator;
  readonly cancelButton: Locator;
  readonly progress: Locator;
  readonly alert: Locator;
  readonly gallery: Locator;

  constructor(page: Page) {
    this.page = page;
    this.prompt = page.getByRole('textbox', { name: 'Prompt', exact: true });
    this.generateButton = page.getByRole('button', { name: 'Generate', exact: true });
    this.cancelButton = page.getByRole('button', { name: 'Cancel', exact: true });
    this.progress = page.getByRole('progressbar', { name: 'Progress' });
    this.alert = page.getByRole('alert').filter({ hasText: /\S/ });
    this.gallery = page.getByRole('listbox', { name: 'Gallery' });
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true });
  }

  /** Opens the studio and waits until it could make a picture. */
  async open(model?: string): Promise<void> {
    await this.page.goto('/');
    await expect(this.generateButton).toBeEnabled();
    if (model !== undefined) await this.field('Model').selectOption({ label: model });
  }

  async chooseDevice(device: 'Auto' | 'GPU' | 'CPU'): Promise<void> {
    await this.page.getByRole('button', { name: /^Device/ }).click();
    const choices = this.page.getByRole('radiogroup', { name: 'Device', exact: true });
    await choices.getByRole('radio', { name: device }).check();
    await this.page.keyboard.press('Escape');
  }

  /** Makes a picture and waits for it, saved and decoded. */
  async makePicture(prompt: string, timeout = 150_000): Promise<void> {
    await this.prompt.fill(prompt);
    const before = await this.pictureCount();
    await this.generateButton.click();
    await this.expectPicture(prompt, timeout);
    await expect.poll(() => this.pictureCount()).toBe(before + 1);
  }

  async expectPicture(prompt: string, timeout = 150_000): Promise<void> {
    const picture = this.page.getByRole('article').getByRole('img', { name: prompt, exact: true });
    await expect(picture).toBeVisible({ timeout });
    await expect.poll(() => picture.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBeGreaterThan(0);
    await expect(this.generateButton).toBeEnabled();
  }

  pictureCount(): Promise<number> {
    return this.gallery.getByRole('option', { name: /, seed \d+$/ }).count();
  }

  async kept(): Promise<Kept> {
    return {
      prompt: await this.prompt.inputValue(),
      steps: await this.field('Steps').inputValue(),
      pictures: await this.pictureCount(),
    };
  }

  /** What screen readers were told so far, oldest first. */
  announced(): Promise<string[]> {
    return this.page.evaluate(() => globalThis.kilnAnnounced ?? []);
  }
}

/** RGBA of the large picture on the stage. */
export function shownPixels(studio: Studio, prompt: string): Promise<number[]> {
  const picture = studio.page.getByRole('article').getByRole('img', { name: prompt, exact: true });
  return picture.evaluate((img: HTMLImageElement) => {
    const context = new OffscreenCanvas(img.naturalWidth, img.naturalHeight).getContext('2d');
    context?.drawImage(img, 0, 0);
    return [...(context?.getImageData(0, 0, img.naturalWidth, img.naturalHeight).data ?? [])];
  });
}
