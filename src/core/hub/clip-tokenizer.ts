/** CLIP's tokenizer as one `tokenizer.json`, for repositories that have only its vocabulary and merges. */

export interface ClipVocabulary {
  /** Token to id, as in `vocab.json`. */
  ids: Readonly<Record<string, number>>;
  /** Lines of `merges.txt`, without its version line. */
  merges: readonly (readonly [string, string])[];
}

const START = '<|startoftext|>';
const END = '<|endoftext|>';
const MAX_MERGES = 300_000;

/** @returns null when the text holds something else than pairs */
export function readMerges(text: string): [string, string][] | null {
  const lines = text
    .split('\n')
    .filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')));
  if (lines.length > MAX_MERGES) return null;
  const pairs = lines.map((line) => line.trimEnd().split(' '));
  return pairs.every((pair) => pair.length === 2) ? (pairs as [string, string][]) : null;
}

/**
 * What the reference library's fast CLIP tokenizer is, written out.
 * @param pad the padding token, which the second encoders of SDXL and SD3 take from the ordinary words
 * @returns null when the vocabulary lacks the start or the end token
 */
export function clipTokenizer({ ids, merges }: ClipVocabulary, pad: string): object | null {
  const start = ids[START];
  const end = ids[END];
  if (start === undefined || end === undefined) return null;
  const special = [...new Set([pad, START, END])]
    .map((content) => ({ id: ids[content] ?? end, content }))
    .sort((a, b) => a.id - b.id)
    .map(({ id, content }) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    }));
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex:
              "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [END, end],
      cls: [START, start],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: ids,
      merges,
    },
  };
}
