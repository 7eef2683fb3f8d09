/** The model library as a person meets it, and folders of models to put into it. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

const MODELS = join(import.meta.dirname, '../models');

export class LibraryPage {
  readonly page: Page;
  readonly heading: Locator;
  readonly sheet: Locator;
  readonly installButton: Locator;

  constructor(page: Page) {
    this.page = page;
    this.heading = page.getByRole('heading', { name: 'Models', exact: true });
    this.sheet = page.getByRole('dialog');
    this.installButton = this.sheet.getByRole('button', { name: /^Install/ });
  }

  async open(): Promise<void> {
    await this.page.getByRole('button', { name: 'Models', exact: true }).click();
    await expect(this.heading).toBeFocused();
  }

  /** Hands a folder to the page as its picker of folders would. */
  async lookAtFolder(folder: string): Promise<void> {
    await this.page.getByLabel('Folder of a model').setInputFiles(folder);
    await expect(this.sheet.getByText('Form of the weights')).toBeVisible();
  }

  async lookAtRepository(repository: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Add by repository' }).fill(repository);
    await this.page.getByRole('button', { name: 'Look', exact: true }).click();
  }

  async install(): Promise<void> {
    await this.installButton.click();
    await expect(this.sheet).toBeHidden();
  }

  card(name: string): Locator {
    return this.page
      .getByRole('listitem')
      .filter({ has: this.page.getByRole('heading', { name, exact: true, level: 4 }) });
  }

  async showDetails(name: string): Promise<Locator> {
    const button = this.page.getByRole('button', { name: `Details of ${name}` });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    return this.card(name);
  }
}

/**
 * A copy of a tiny model whose manifest says something else, so that it is another version or another model.
 * @param into an empty folder
 * @returns the copy
 */
export function copyOfModel(name: string, into: string, changes: Record<string, unknown>): string {
  const folder = join(into, name);
  cpSync(join(MODELS, name), folder, { recursive: true });
  const path = join(folder, 'manifest.json');
  const manifest: Record<string, unknown> = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, ...changes }));
  return folder;
}

/** The model's parts, each in half precision only. */
export function halfPrecisionParts(name: string): Record<string, unknown> {
  const manifest = JSON.parse(readFileSync(join(MODELS, name, 'manifest.json'), 'utf8')) as {
    parts: Record<string, { variants: object[] }>;
  };
  return Object.fromEntries(
    Object.entries(manifest.parts).map(([part, { variants }]) => [
      part,
      { variants: variants.map((variant) => ({ ...variant, compute: 'float16' })) },
    ]),
  );
}

export function tinyModel(name: string): string {
  return join(MODELS, name);
}
