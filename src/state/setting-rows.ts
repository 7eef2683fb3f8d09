/** Requests as rows of a table, in the words of the form, so that one can see what they differ in. */
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { formatLoraTag } from '#core/prompt/tags.ts';
import { samplerName, scheduleName } from '#state/controls.ts';

export interface SettingRow {
  label: string;
  /** One for each request. */
  values: string[];
  isDifferent: boolean;
}

/** An imported picture's request is only a part of one. */
type Told = Partial<GenerateRequest>;

const ROWS: readonly [label: string, text: (request: Told, modelName: (id: string) => string) => string][] = [
  ['Prompt', ({ prompt }) => prompt ?? ''],
  ['Negative prompt', ({ negativePrompt }) => negativePrompt ?? ''],
  ['Model', ({ modelId }, modelName) => (modelId === undefined || modelId === '' ? '' : modelName(modelId))],
  ['Version', ({ revision }) => revision?.slice(0, 7) ?? ''],
  ['Kit', ({ kit }) => kit?.name ?? ''],
  ['Adapters', ({ adapters }) => (adapters ?? []).map(formatLoraTag).join(' ')],
  ['Seed', ({ seed }) => number(seed)],
  ['Size', ({ widthPx, heightPx }) => (widthPx === undefined ? '' : `${widthPx} × ${heightPx}`)],
  ['Steps', ({ steps }) => number(steps)],
  ['Sampler', ({ sampler }) => (sampler === undefined ? '' : samplerName(sampler))],
  ['Schedule', ({ schedule }) => (schedule === undefined ? '' : scheduleName(schedule))],
  ['Guidance', ({ guidanceScale }) => number(guidanceScale)],
  ['Guidance rescale', ({ guidanceRescale }) => number(guidanceRescale)],
  [
    'Source',
    ({ init }) => (init === undefined ? '' : `${init.sha256.slice(0, 8)}, strength ${init.strength}`),
  ],
  [
    'Variation',
    ({ variation }) => (variation === undefined ? '' : `seed ${variation.seed}, ${variation.strength}`),
  ],
  ['Second pass', ({ hires }) => (hires === undefined ? '' : `${hires.scale}×, strength ${hires.strength}`)],
];

/** Rows that say nothing in any of them are left out. */
export function settingRows(requests: readonly Told[], modelName: (id: string) => string): SettingRow[] {
  return ROWS.map(([label, text]) => {
    const values = requests.map((request) => text(request, modelName));
    return { label, values, isDifferent: new Set(values).size > 1 };
  }).filter(({ values }) => values.some((value) => value !== ''));
}

function number(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value);
}
