/** Which page fills the studio: the stage with its panel and strip, or one of the pages that take their place. */
import { create } from 'zustand';

export type Page =
  | 'stage'
  | 'library'
  | 'gallery'
  | 'compare'
  | 'grid'
  | 'blind'
  | 'kits'
  | 'captions'
  | 'edit'
  | 'paint';

export const usePage = create<{ page: Page }>(() => ({ page: 'stage' }));
