/** Any UTF-16 for property tests, halves of surrogate pairs too. fast-check's own `binary` takes seconds to start. */
import * as fc from 'fast-check';

const unit = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }),
  fc.integer({ min: 0, max: 0xffff }),
  fc.integer({ min: 0, max: 0x10_ffff }),
  // Combining marks, joiners and order marks.
  fc.integer({ min: 0x300, max: 0x36f }),
  fc.integer({ min: 0x200b, max: 0x206f }),
);

export function anyText(maxLength = 30): fc.Arbitrary<string> {
  return fc.array(unit, { maxLength }).map((codes) => String.fromCodePoint(...codes));
}
