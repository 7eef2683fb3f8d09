"""The captioner's words: a small WordPiece vocabulary in the layout of BLIP's own tokenizer files (lower case, BERT's rules),
so that one reader serves both. Every word of the captions is one piece; anything else falls into letters.
"""

from __future__ import annotations

import json
import string
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

PAD, UNKNOWN, CLASS, SEPARATOR, MASK, BEGIN, ENCODE = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]"
"""The last two are BLIP's additions to BERT's: [DEC] starts a caption or an answer."""
WINDOW = 512


def pieces(words: Iterable[str]) -> list[str]:
    """The vocabulary in the order of its ids: special tokens, letters and their inner forms, marks, words, BLIP's two."""
    signs = [*string.ascii_lowercase, *string.digits]
    known = [PAD, UNKNOWN, CLASS, SEPARATOR, MASK, *signs, *(f"##{c}" for c in signs), *string.punctuation]
    return [*known, *sorted(set(words) - set(known)), BEGIN, ENCODE]


def build(words: Iterable[str]) -> Tokenizer:
    vocabulary = {piece: n for n, piece in enumerate(pieces(words))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(CLASS, vocabulary[CLASS]), (SEPARATOR, vocabulary[SEPARATOR])]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{CLASS} $A {SEPARATOR}", pair=f"{CLASS} $A {SEPARATOR} $B:1 {SEPARATOR}:1", special_tokens=ends)
    tokenizer.decoder = decoders.WordPiece(prefix="##", cleanup=True)
    tokenizer.add_special_tokens([PAD, UNKNOWN, CLASS, SEPARATOR, MASK, BEGIN, ENCODE])
    return tokenizer


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    return {name: tokenizer.token_to_id(token) for name, token in (("pad", PAD), ("cls", CLASS), ("sep", SEPARATOR), ("bos", BEGIN))}


def write(tokenizer: Tokenizer, folder: Path) -> None:
    """`tokenizer.json`, its settings and BERT's list of pieces, as a checkpoint of BLIP has them."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = tokenizer.get_vocab()
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in sorted(ids, key=ids.__getitem__)))
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, indent=0) + "\n")
    settings = {
        "tokenizer_class": "BertTokenizer", "do_lower_case": True, "do_basic_tokenize": True, "strip_accents": None, "tokenize_chinese_chars": True,
        "model_max_length": WINDOW, "pad_token": PAD, "unk_token": UNKNOWN, "cls_token": CLASS, "sep_token": SEPARATOR, "mask_token": MASK, "bos_token": BEGIN,
        "additional_special_tokens": [ENCODE],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")
