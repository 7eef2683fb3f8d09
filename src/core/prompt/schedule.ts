/** The text of a prompt at each step. What comes out holds emphasis only, for `weights.ts`. */
import { parseSchedule, type ScheduleNode, type StepOrFraction } from './schedule-tree.ts';

export interface PromptSpan {
  /** The span ends before this step; the first starts at 0. */
  untilStep: number;
  text: string;
}

/**
 * @param step from 0
 * @param steps of the whole walk; a `when` with a dot is a fraction of them, rounded down
 * @throws {RangeError} unless 0 ≤ step < steps, both whole numbers
 */
export function promptAt(prompt: string, step: number, steps: number): string {
  checkSteps(steps);
  if (!Number.isSafeInteger(step) || step < 0 || step >= steps) {
    throw new RangeError(`step must be 0 to ${steps - 1}, not ${step}`);
  }
  return render(parseSchedule(prompt), step, steps);
}

/**
 * The texts a walk goes through, equal neighbours joined. Turns make a span a step, so that a text may come
 * back: encode each distinct one once.
 * @returns at least one span; the last ends at `steps`
 * @throws {RangeError} unless steps is a whole number from 1
 */
export function promptSteps(prompt: string, steps: number): PromptSpan[] {
  checkSteps(steps);
  const tree = parseSchedule(prompt);
  const spans: PromptSpan[] = [];
  for (const start of spanStarts(tree, steps)) {
    const text = render(tree, start, steps);
    const last = spans.at(-1);
    if (last) last.untilStep = start;
    if (last?.text !== text) spans.push({ untilStep: steps, text });
    else last.untilStep = steps;
  }
  spans.at(-1)!.untilStep = steps;
  return spans;
}

function checkSteps(steps: number): void {
  if (!Number.isSafeInteger(steps) || steps < 1)
    throw new RangeError(`steps must be 1 or more, not ${steps}`);
}

/** Steps at which the text may change, ascending, with 0. */
function spanStarts(tree: readonly ScheduleNode[], steps: number): number[] {
  const starts = new Set([0]);
  let hasTurns = false;
  const visit = (nodes: readonly ScheduleNode[]) => {
    for (const node of nodes) {
      if (typeof node === 'string') continue;
      if (node.kind === 'turns') {
        hasTurns = true;
        continue;
      }
      const when = changeStep(node.when, steps);
      if (when > 0 && when < steps) starts.add(when);
      visit(node.before);
      visit(node.after);
    }
  };
  visit(tree);
  return hasTurns ? Array.from({ length: steps }, (_, i) => i) : [...starts].sort((a, b) => a - b);
}

function changeStep(when: StepOrFraction, steps: number): number {
  return Math.trunc(when.unit === 'fraction' ? when.value * steps : when.value);
}

function render(nodes: readonly ScheduleNode[], step: number, steps: number): string {
  let text = '';
  for (const node of nodes) {
    if (typeof node === 'string') text += node;
    else if (node.kind === 'turns') text += render(node.options[step % node.options.length]!, step, steps);
    else text += render(step < changeStep(node.when, steps) ? node.before : node.after, step, steps);
  }
  return text;
}
