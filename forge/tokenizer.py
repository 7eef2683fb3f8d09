"""The tokenizer: byte-pair encoding in CLIP's own format, at most 4,096 entries, window of 32 tokens.

Files: tokenizer.json (HF tokenizers and @huggingface/tokenizers), vocab.json and merges.txt (CLIPTokenizer),
tokenizer_config.json, special_tokens_map.json. The text is lower-cased; padding is <|endoftext|> as in SD 1.5.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from forge.captions import corpus
from forge.training import checkpoint_path

VOCAB = 4096
WINDOW = 32
BOS, EOS = "<|startoftext|>", "<|endoftext|>"
SUFFIX = "</w>"
_WORDS = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def _assemble(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Replace(SUFFIX, " "), decoders.Strip(" ", 0, 1)])
    return tokenizer


def _byte_symbols() -> list[str]:
    """The 256 byte symbols in CLIP's order (printable bytes first)."""
    order = [*range(33, 127), *range(161, 173), *range(174, 256)]
    order += [b for b in range(256) if b not in order]
    symbols, extra = [], 0
    for byte in order:
        printable = 33 <= byte < 127 or 161 <= byte < 173 or 174 <= byte < 256
        symbols.append(chr(byte) if printable else chr(256 + extra))
        extra += not printable
    return symbols


def build_tokenizer(lines: list[str], vocab_size: int = VOCAB) -> Tokenizer:
    """Learns merges and lays the vocabulary out as CLIP does: bytes, bytes at a word's end, merges, two special tokens."""
    learner = _assemble(models.BPE(end_of_word_suffix=SUFFIX, continuing_subword_prefix=""))
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size - 2, end_of_word_suffix=SUFFIX, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False, min_frequency=2,
    )
    learner.train_from_iterator(lines, trainer)
    learned = [tuple(m) for m in json.loads(learner.to_str())["model"]["merges"]]
    bytes_ = _byte_symbols()
    tokens = bytes_ + [b + SUFFIX for b in bytes_]
    room = vocab_size - len(tokens) - 2
    merges = learned[:room]
    tokens += [a + b for a, b in merges]
    tokens = list(dict.fromkeys(tokens)) + [BOS, EOS]
    vocab = {t: n for n, t in enumerate(tokens)}
    tokenizer = _assemble(models.BPE(vocab=vocab, merges=merges, unk_token=EOS, end_of_word_suffix=SUFFIX, continuing_subword_prefix=""))
    tokenizer.add_special_tokens([BOS, EOS])
    tokenizer.post_processor = processors.RobertaProcessing((EOS, vocab[EOS]), (BOS, vocab[BOS]), trim_offsets=False, add_prefix_space=False)
    return tokenizer


def write_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """All files a hub folder `tokenizer/` has."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=True))
    (folder / "vocab.json").write_text(json.dumps(model["vocab"], ensure_ascii=False))
    merges = [" ".join(m) if not isinstance(m, str) else m for m in model["merges"]]
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    config = {
        "tokenizer_class": "CLIPTokenizer", "bos_token": BOS, "eos_token": EOS, "unk_token": EOS, "pad_token": EOS,
        "model_max_length": WINDOW, "do_lower_case": True, "add_prefix_space": False, "errors": "replace",
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    names = {k: config[k] for k in ("bos_token", "eos_token", "unk_token", "pad_token")}
    (folder / "special_tokens_map.json").write_text(json.dumps(names, indent=2) + "\n")


def tokenizer_folder(run: str) -> Path:
    return checkpoint_path(run, "tokenizer").with_suffix("")


def train_tokenizer(run: str) -> Path:
    """Trains once; deterministic, so a second call only finds the files."""
    folder = tokenizer_folder(run)
    if not (folder / "tokenizer.json").exists():
        write_tokenizer(build_tokenizer(corpus()), folder)
    return folder


class Encode:
    """Captions to ids [B, WINDOW] int32, padded with <|endoftext|> and cut to the window."""

    def __init__(self, folder: Path, window: int = WINDOW):
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.window, self.end = window, self.tokenizer.token_to_id(EOS)

    def __call__(self, captions: list[str]) -> np.ndarray:
        rows = np.full((len(captions), self.window), self.end, dtype=np.int32)
        for row, encoding in zip(rows, self.tokenizer.encode_batch(captions)):
            ids = encoding.ids if len(encoding.ids) <= self.window else [*encoding.ids[: self.window - 1], self.end]
            row[: len(ids)] = ids
        return rows
