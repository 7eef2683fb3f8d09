/** Walks that keep step: each asks for itself, and one run of the network answers all. */
interface Waiting<Question> {
  question: Question;
  resolve: (answer: Float32Array) => void;
  reject: (reason: unknown) => void;
}

export class Rendezvous<Question> {
  readonly #size: number;
  readonly #answer: (questions: readonly Question[]) => Promise<readonly Float32Array[]>;
  #waiting: Waiting<Question>[] = [];
  /** Why there will be no more answers. */
  #ended: { reason: unknown } | null = null;

  /** @param answer the answers in the order of the questions */
  constructor(size: number, answer: (questions: readonly Question[]) => Promise<readonly Float32Array[]>) {
    this.#size = size;
    this.#answer = answer;
  }

  /** Settles once all walks have asked and the network has answered. */
  ask(question: Question): Promise<Float32Array> {
    if (this.#ended !== null) return Promise.reject(this.#ended.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (this.#waiting.length === this.#size) void this.#run();
    });
  }

  /** One walk has ended before its time: the others would wait for it for ever. */
  end(reason: unknown): void {
    this.#ended ??= { reason };
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject } of waiting) reject(this.#ended.reason);
  }

  async #run(): Promise<void> {
    const asked = this.#waiting;
    this.#waiting = [];
    try {
      const answers = await this.#answer(asked.map(({ question }) => question));
      for (const [i, { resolve }] of asked.entries()) resolve(answers[i]!);
    } catch (error) {
      this.#ended ??= { reason: error };
      for (const { reject } of asked) reject(error);
    }
  }
}

/**
 * Runs walks side by side, and rejects with what ended the first of them that failed, once all have ended.
 * @param walks begin at once; each asks at `meeting`, and equally often
 */
export async function walkTogether<T, Question>(
  meeting: Rendezvous<Question>,
  walks: readonly Promise<T>[],
): Promise<T[]> {
  let failed: { reason: unknown } | null = null;
  const ends = walks.map((walk) =>
    walk.catch((error: unknown) => {
      failed ??= { reason: error };
      meeting.end(error);
      throw error;
    }),
  );
  const settled = await Promise.allSettled(ends);
  const first = failed as { reason: unknown } | null;
  if (first !== null) throw first.reason;
  return settled.map((end) => (end as PromiseFulfilledResult<T>).value);
}
