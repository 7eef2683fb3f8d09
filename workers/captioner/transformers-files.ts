/** Which installed versions Transformers.js can run as captioners, and in which form: told by their files. */
import type { StoredVersion } from '#storage/library/records.ts';

/** Its names of forms, by how the names of their graphs end. */
const DTYPES = {
  '': 'fp32',
  _fp16: 'fp16',
  _quantized: 'q8',
  _int8: 'int8',
  _uint8: 'uint8',
  _q4: 'q4',
  _q4f16: 'q4f16',
  _bnb4: 'bnb4',
} as const;

export type Dtype = (typeof DTYPES)[keyof typeof DTYPES];

/** @throws Error for a version that is none */
export function dtypeOf({ files }: Pick<StoredVersion, 'files'>): Dtype {
  for (const { path } of files) {
    const suffix = /^onnx\/decoder_model_merged(.*)\.onnx$/.exec(path)?.[1];
    if (suffix !== undefined && Object.hasOwn(DTYPES, suffix)) return DTYPES[suffix as keyof typeof DTYPES];
  }
  throw new Error('This is no captioner of Transformers.js.');
}
