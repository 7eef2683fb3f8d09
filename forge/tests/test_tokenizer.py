"""The tokenizer: CLIP's format, the same ids from every reader, text back out again."""

import json
from pathlib import Path

import pytest
from tokenizers import Tokenizer
from transformers import CLIPTokenizer

from forge.captions import corpus
from forge.paths import MODELS
from forge.tokenizer import EOS, WINDOW, Encode, build_tokenizer, write_tokenizer

TEXTS = ["a red apple on a blue background", "A Cat, BLUE background", "xylophone über 日本 42% don't", "", "fire   truck"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    made = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(build_tokenizer(corpus(), 1024), made)
    return [made, MODELS / "starter" / "tokenizer"]


def test_text_comes_back_lower_cased(folders: list[Path]) -> None:
    for folder in folders:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        assert tokenizer.decode(tokenizer.encode("A Red  APPLE on a beach").ids) == "a red apple on a beach"


def test_clip_tokenizer_reads_the_same_ids(folders: list[Path]) -> None:
    for folder in folders:
        ours, theirs = Tokenizer.from_file(str(folder / "tokenizer.json")), CLIPTokenizer.from_pretrained(folder)
        for text in TEXTS:
            assert theirs(text).input_ids == ours.encode(text).ids


def test_window_is_padded_and_cut(folders: list[Path]) -> None:
    encode = Encode(folders[0])
    ids = encode(["cat", "a b c d e f g h " * 20])
    assert ids.shape == (2, WINDOW) and (ids[:, -1] == encode.tokenizer.token_to_id(EOS)).all()


def test_starter_vocabulary_is_small_and_whole() -> None:
    folder = MODELS / "starter" / "tokenizer"
    vocab = json.loads((folder / "vocab.json").read_text())
    assert len(vocab) <= 4096 and sorted(vocab.values()) == list(range(len(vocab)))
