"""A small CLIP-format byte-pair tokenizer, learned from `words.txt` the same way everywhere.

The vocabulary has CLIP's order: 256 byte letters, the same with `</w>`, one entry per merge, then the start
and end tokens. `!` is id 0, which SD2, SDXL's and SD3's second tokenizer pad with.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path

from transformers import CLIPTokenizer

WORDS = Path(__file__).parent / "words.txt"
MERGES = 240
WINDOW = 77
START, END = "<|startoftext|>", "<|endoftext|>"


def byte_letters() -> list[str]:
    """One printable letter per byte, in CLIP's order (printable bytes first)."""
    printable = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + k) for k in range(len(hidden))]


def learn_merges(words: list[str], count: int) -> list[tuple[str, str]]:
    """Byte-pair merges by pair count over the words; ties go to the alphabetically first pair."""
    spellings = [[*word[:-1], word[-1] + "</w>"] for word in words]
    merges: list[tuple[str, str]] = []
    while len(merges) < count:
        pairs = Counter(pair for letters in spellings for pair in zip(letters, letters[1:], strict=False))
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        spellings = [_merge(letters, best) for letters in spellings]
    return merges


def _merge(letters: list[str], pair: tuple[str, str]) -> list[str]:
    out: list[str] = []
    for letter in letters:
        if out and (out[-1], letter) == pair:
            out[-1] += letter
        else:
            out.append(letter)
    return out


@cache
def vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The token ids and the merges."""
    merges = learn_merges(WORDS.read_text().split(), MERGES)
    letters = byte_letters()
    tokens = [*letters, *(letter + "</w>" for letter in letters), *("".join(pair) for pair in merges), START, END]
    return {token: index for index, token in enumerate(tokens)}, merges


def build_tokenizer(pad: str = END) -> CLIPTokenizer:
    """The tokenizer as the pipelines use it. `pad` is the end token (CLIP-L) or `!` (SD2 and the second encoders)."""
    ids, merges = vocabulary()
    return CLIPTokenizer(vocab=dict(ids), merges=list(merges), pad_token=pad, model_max_length=WINDOW)


def write_tokenizer(folder: Path, pad: str = END) -> None:
    """Writes the hub's four tokenizer files."""
    ids, merges = vocabulary()
    folder.mkdir(parents=True, exist_ok=True)
    fast = build_tokenizer(pad).backend_tokenizer
    fast.no_padding()
    fast.no_truncation()
    _write_json(folder / "tokenizer.json", json.loads(fast.to_str()))
    _write_json(folder / "vocab.json", ids)
    lines = ["#version: 0.2", *(" ".join(pair) for pair in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": pad}
    _write_json(folder / "special_tokens_map.json", special)
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "CLIPTokenizer",
            "model_max_length": WINDOW,
            "add_prefix_space": False,
            "do_lower_case": True,
            "errors": "replace",
            **special,
        },
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
