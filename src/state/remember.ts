/** Reads form and preferences at the start and writes them back as they change. What is read is never trusted. */
import * as v from 'valibot';
import { MAX_PATTERN } from '#core/export/file-name.ts';
import { adapterUsesSchema, hiresSchema, initSchema, variationSchema } from '#core/metadata/request-text.ts';
import { AT_ONCE } from '#core/pipeline/at-once.ts';
import { MAX_STYLES_ON } from '#core/pipeline/request.ts';
import { EMPTY_DRAFT, useDraft } from '#state/draft.ts';
import { EXPORT_DEFAULTS, FORMATS, SCALES, useExportSettings, WORDS } from '#state/export.ts';
import { usePreferences } from '#state/preferences.ts';
import { DEFAULT_READING, useReading } from '#state/reading.ts';
import { useShortcuts } from '#state/shortcuts.ts';
import type { SettingsStore } from '#storage/settings.ts';

const number = (fallback: number) => v.fallback(v.pipe(v.number(), v.finite()), fallback);
const MAX_TEXT = 20_000;
const text = v.fallback(
  v.pipe(
    v.string(),
    // A pasted book comes back cut rather than not at all: more of it would not be read anyway.
    v.transform((given) => given.slice(0, MAX_TEXT)),
  ),
  '',
);

/** Each field falls back on its own, so that one bad value does not lose a prompt. */
const draftSchema = v.object({
  modelId: text,
  prompt: text,
  negativePrompt: text,
  seed: number(EMPTY_DRAFT.seed),
  isSeedLocked: v.fallback(v.boolean(), false),
  steps: number(EMPTY_DRAFT.steps),
  sampler: text,
  schedule: text,
  guidanceScale: v.fallback(v.pipe(v.number(), v.finite()), Number.NaN),
  guidanceRescale: number(EMPTY_DRAFT.guidanceRescale),
  widthPx: number(EMPTY_DRAFT.widthPx),
  heightPx: number(EMPTY_DRAFT.heightPx),
  count: number(EMPTY_DRAFT.count),
  adapters: v.fallback(adapterUsesSchema, []),
  styles: v.fallback(v.pipe(v.array(text), v.maxLength(MAX_STYLES_ON), v.readonly()), []),
  init: v.fallback(v.nullable(initSchema), null),
  variation: v.fallback(v.nullable(variationSchema), null),
  hires: v.fallback(v.nullable(hiresSchema), null),
  kitId: v.fallback(v.pipe(v.string(), v.maxLength(64)), ''),
});

const preferencesSchema = v.object({
  theme: v.fallback(v.picklist(['system', 'light', 'dark']), 'system'),
  preview: v.fallback(v.picklist(['off', 'linear', 'decoder']), 'linear'),
  device: v.fallback(v.picklist(['auto', 'webgpu', 'cpu']), 'auto'),
  atOnce: v.fallback(v.picklist(['auto', ...AT_ONCE]), 'auto'),
  isUpscaling: v.fallback(v.boolean(), false),
  isPanelFolded: v.fallback(v.boolean(), false),
  isNotifying: v.fallback(v.boolean(), false),
});

const readingSchema = v.object({
  isAutomatic: v.fallback(v.boolean(), DEFAULT_READING.isAutomatic),
  isSafetyOn: v.fallback(v.boolean(), DEFAULT_READING.isSafetyOn),
  safetyShift: v.fallback(v.pipe(v.number(), v.minValue(-1), v.maxValue(1)), 0),
  modelId: v.fallback(v.pipe(v.string(), v.maxLength(64)), ''),
});

const shortcutsSchema = v.object({
  changed: v.fallback(
    v.record(v.pipe(v.string(), v.maxLength(64)), v.nullable(v.pipe(v.string(), v.maxLength(40)))),
    {},
  ),
  areSingleKeysOn: v.fallback(v.boolean(), true),
});

const exportSchema = v.object({
  format: v.fallback(v.picklist(FORMATS), EXPORT_DEFAULTS.format),
  quality: v.fallback(v.pipe(v.number(), v.minValue(1), v.maxValue(100)), EXPORT_DEFAULTS.quality),
  words: v.fallback(v.picklist(WORDS), EXPORT_DEFAULTS.words),
  pattern: v.fallback(v.pipe(v.string(), v.maxLength(MAX_PATTERN)), EXPORT_DEFAULTS.pattern),
  scale: v.fallback(v.picklist(SCALES), EXPORT_DEFAULTS.scale),
});

/** Longest time a change waits in memory, in milliseconds. */
const WRITE_AFTER_MS = 250;

/** Fills the stores from storage, then keeps storage up to date. Answers a function that writes at once. */
export function remember(settings: SettingsStore): () => void {
  const draft = v.safeParse(draftSchema, settings.read('draft'));
  if (draft.success) useDraft.setState(draft.output);
  const preferences = v.safeParse(preferencesSchema, settings.read('preferences'));
  if (preferences.success) usePreferences.setState(preferences.output);
  const reading = v.safeParse(readingSchema, settings.read('reading'));
  if (reading.success) useReading.setState(reading.output);
  const shortcuts = v.safeParse(shortcutsSchema, settings.read('shortcuts'));
  if (shortcuts.success) useShortcuts.setState(shortcuts.output);
  const exported = v.safeParse(exportSchema, settings.read('export'));
  if (exported.success) useExportSettings.setState(exported.output);

  let timer: ReturnType<typeof setTimeout> | null = null;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    settings.write('draft', useDraft.getState());
    settings.write('preferences', usePreferences.getState());
    settings.write('shortcuts', useShortcuts.getState());
    settings.write('reading', useReading.getState());
    settings.write('export', useExportSettings.getState());
  };
  const schedule = () => {
    timer ??= setTimeout(flush, WRITE_AFTER_MS);
  };
  useDraft.subscribe(schedule);
  usePreferences.subscribe(schedule);
  useShortcuts.subscribe(schedule);
  useReading.subscribe(schedule);
  useExportSettings.subscribe(schedule);
  return flush;
}
