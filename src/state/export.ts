/** How pictures leave the studio, and the export that runs. */
import { create } from 'zustand';
import { DEFAULT_PATTERN } from '#core/export/file-name.ts';
import type { Failure } from '#core/failure.ts';

export const FORMATS = ['png', 'jpeg', 'webp'] as const;
export const WORDS = ['all', 'mark', 'none'] as const;
export const SCALES = [0.5, 1, 2] as const;

export interface ExportSettings {
  format: (typeof FORMATS)[number];
  /** 1 to 100; of a PNG without meaning. */
  quality: number;
  /** All settings, only the mark that a model made it, or nothing. */
  words: (typeof WORDS)[number];
  pattern: string;
  scale: (typeof SCALES)[number];
}

export const EXPORT_DEFAULTS: ExportSettings = {
  format: 'png',
  quality: 90,
  words: 'all',
  pattern: DEFAULT_PATTERN,
  scale: 1,
};

export const useExportSettings = create<ExportSettings>(() => EXPORT_DEFAULTS);

export interface ExportRun {
  done: number;
  total: number;
  outcome: 'running' | 'done' | 'cancelled' | 'failed';
  /** What was not as asked, in sentences. */
  remarks: string[];
  failure: Failure | null;
}

export const useExport = create<{ run: ExportRun | null }>(() => ({ run: null }));
