/**
 * A picture's words as its form had them, before styles, lists and choices made other words of them. They are taken in
 * place of the drawn ones, and only by choice: what stands behind a style or a list may have changed since.
 */
import type { Recalled } from '#core/metadata/recall.ts';
import type { GenerateRequest, PromptTemplate } from '#core/pipeline/request.ts';
import { type Draft, EMPTY_DRAFT } from '#state/draft.ts';
import { composeDraft, wordsProblem } from '#state/words.ts';

/** The key of its row. */
export const TEMPLATE = 'template';

/** What is not taken unless it is chosen. */
export const LEFT_AT_FIRST: readonly string[] = [TEMPLATE];

export interface TemplateRow {
  value: string;
  problem: string | null;
  note: string | null;
}

/** @param kitId the kit of this browser that the picture wears, or '' */
export function templateRow(recalled: Recalled, kitId: string): TemplateRow | null {
  const { template } = recalled.request;
  if (template === undefined) return null;
  const { prompt, negativePrompt, styles } = template;
  const lines = [
    prompt,
    negativePrompt === '' ? '' : `Negative: ${negativePrompt}`,
    styles.length === 0 ? '' : `Styles: ${styles.join(', ')}`,
  ];
  const problem = templateProblem(recalled.request, kitId);
  const note = problem === null ? noteOf(recalled, template) : null;
  return { value: lines.filter((line) => line !== '').join('\n'), problem, note };
}

/** The form's words, as the template has them. */
export function wordsOf({ prompt, negativePrompt, styles }: PromptTemplate) {
  return { prompt, negativePrompt, styles: [...styles] };
}

/** Why the words as they were written cannot be taken; null where they can, or were no others. */
export function templateProblem(
  { template, kit }: Pick<Partial<GenerateRequest>, 'template' | 'kit'>,
  kitId: string,
): string | null {
  if (template === undefined) return null;
  const failure = wordsProblem(draftOf(template));
  switch (failure?.code) {
    case 'styles-unknown':
      return `Not here: ${failure.names.length === 1 ? 'the style' : 'the styles'} ${failure.names.join(', ')}.`;
    case 'lists-unknown':
      return `Not here: ${failure.names.length === 1 ? 'the list' : 'the lists'} ${failure.names.join(', ')}.`;
    default:
      return kit !== undefined && kitId === '' ? 'It wore a kit that is not here as it was.' : null;
  }
}

const INSTEAD = 'In place of the prompt above.';

function noteOf({ source, request }: Recalled, template: PromptTemplate): string {
  const { seed, variation, kit } = request;
  // The field's text has the tags of adapters and the frame of a kit in its prompt.
  if (source !== 'kiln' || seed === undefined) return INSTEAD;
  const drawn = kit === undefined ? request.prompt : kit.words;
  const again = composeDraft(draftOf(template, { seed, variation: variation ?? null }));
  return again.prompt === drawn
    ? `${INSTEAD} With its seed it comes to the same words.`
    : `${INSTEAD} Its styles or lists have changed, so it comes to other words.`;
}

function draftOf(template: PromptTemplate, own: Partial<Draft> = {}): Draft {
  return { ...EMPTY_DRAFT, ...wordsOf(template), ...own, count: 1 };
}
