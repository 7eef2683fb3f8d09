"""The starter captioner's tokenizer, made from the words of its captions."""

from __future__ import annotations

from functools import lru_cache

from tokenizers import Tokenizer

from forge.captioner import words
from forge.captioner.captions import lexicon


@lru_cache(maxsize=1)
def tokenizer() -> Tokenizer:
    return words.build(lexicon())
