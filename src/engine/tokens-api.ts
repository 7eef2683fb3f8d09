/** The wire between the page and the worker that counts tokens: types only. */
export interface TokenQuery {
  modelId: string;
  /** As it would be drawn: styles around it, lists and choices filled in. */
  prompt: string;
  steps: number;
  /** Those that textual inversions add, and how many tokens each takes. */
  words: readonly { text: string; vectors: number }[];
}

export interface TokenCount {
  /** Of the longest text of the walk. */
  tokens: number;
  /** Tokens of words that one window holds. */
  room: number;
  windows: number;
  /** Where the model stops reading: the text from there on. */
  cutText: string | null;
}

export interface TokensApi {
  count(query: TokenQuery): Promise<TokenCount>;
}

export interface TokenCounter {
  /** @returns null where it cannot be counted: the model's files are out of reach */
  count(query: TokenQuery): Promise<TokenCount | null>;
}
