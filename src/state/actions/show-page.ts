import { type Page, usePage } from '#state/page.ts';

export function showPage(page: Page): void {
  usePage.setState({ page });
}
