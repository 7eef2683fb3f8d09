import type { Failure, Notice } from '#core/failure.ts';

export interface FailureText {
  title: string;
  happened: string;
  next: string;
}

/** A text for every code. */
export type Texts = {
  [C in Failure['code']]: (failure: Extract<Failure, { code: C }>) => FailureText;
};

export type NoticeTexts = { [C in Notice['code']]: (notice: Extract<Notice, { code: C }>) => FailureText };
