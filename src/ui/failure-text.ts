/**
 * The sentences for everything that can go wrong: what it is, what happened, what to do next. Those of each area stand in
 * `failures/`. Both tables are total: a code without a sentence does not compile. No React here, the command line reads it too.
 */
import type { Failure, Notice } from '#core/failure.ts';
import { ADAPTERS } from './failures/adapters.ts';
import { ENGINE } from './failures/engine.ts';
import { FETCHING } from './failures/fetching.ts';
import { LIBRARY } from './failures/library.ts';
import { PICTURES } from './failures/pictures.ts';
import { SETTINGS } from './failures/settings.ts';
import { NOTICES } from './failures/notices.ts';
import type { FailureText, Texts } from './failures/text.ts';

export type { FailureText };

const FAILURES: Texts = { ...SETTINGS, ...FETCHING, ...LIBRARY, ...ENGINE, ...PICTURES, ...ADAPTERS };

export function failureText(failure: Failure): FailureText {
  // The code chooses the text that takes its failure, which TypeScript cannot follow.
  const text = FAILURES[failure.code] as (failure: Failure) => FailureText;
  return text(failure);
}

export function noticeText(notice: Notice): FailureText {
  const text = NOTICES[notice.code] as (notice: Notice) => FailureText;
  return text(notice);
}

/** All of it in one line, for a terminal or a log. */
export function oneLine({ title, happened, next }: FailureText): string {
  return `${title}. ${happened} ${next}`;
}

/** What a person can send to someone who can help: plain text, the failure whole. */
export function failureReport(failure: Failure, context: Record<string, unknown>): string {
  const { title, happened, next } = failureText(failure);
  return [title, happened, next, '', JSON.stringify({ failure, ...context }, null, 2)].join('\n');
}
