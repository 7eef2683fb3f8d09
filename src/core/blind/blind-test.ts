/** A blind test as data: two configurations, their pairs, the votes; and as files to take away. */
import type { GenerateRequest } from '#core/pipeline/request.ts';
import { tally, type Vote } from './tally.ts';

export interface BlindPair {
  prompt: string;
  seed: number;
  left: 'a' | 'b';
  requests: { a: GenerateRequest; b: GenerateRequest };
  vote: Vote | null;
}

export interface BlindTest {
  id: string;
  /** Milliseconds since 1970. */
  createdAt: number;
  names: { a: string; b: string };
  pairs: readonly BlindPair[];
  /** Whether a person has been told which is which. */
  isRevealed: boolean;
}

export function votesOf({ pairs }: BlindTest): Vote[] {
  return pairs.flatMap(({ vote }) => vote ?? []);
}

/** Everything, for a program. */
export function blindJson(test: BlindTest): string {
  const { id, createdAt, names, pairs } = test;
  return JSON.stringify({ format: 1, id, createdAt, names, tally: tally(votesOf(test)), pairs }, null, 2);
}

const COLUMNS = ['pair', 'prompt', 'seed', 'left', 'vote', 'winner', 'request_a', 'request_b'];

/** One row a pair, for a table. */
export function blindCsv({ names, pairs }: BlindTest): string {
  const rows = pairs.map(({ prompt, seed, left, vote, requests }, k) => [
    String(k + 1),
    prompt,
    String(seed),
    names[left],
    vote ?? '',
    vote === 'a' || vote === 'b' ? names[vote] : '',
    JSON.stringify(requests.a),
    JSON.stringify(requests.b),
  ]);
  return [COLUMNS, ...rows].map((row) => row.map(csvCell).join(',')).join('\r\n');
}

/** Quoted where it must be; what a table would take for a formula begins with an apostrophe. */
function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
