"""A CLIP tokenizer's files, `tokenizer.json` among them, which older checkpoints lack and the studio needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from transformers import PreTrainedTokenizerBase


def write_tokenizer(folder: Path, tokenizer: PreTrainedTokenizerBase, window: int) -> None:
    """Writes tokenizer.json, without padding or truncation, and tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    fast = tokenizer.backend_tokenizer
    fast.no_padding()
    fast.no_truncation()
    _write(folder / "tokenizer.json", json.loads(fast.to_str()))
    special = {name: str(getattr(tokenizer, name)) for name in ("bos_token", "eos_token", "unk_token", "pad_token")}
    _write(folder / "tokenizer_config.json", {"tokenizer_class": "CLIPTokenizer", "model_max_length": window, **special})


def describe_tokenizer(folder: str, tokenizer: PreTrainedTokenizerBase, window: int) -> dict[str, Any]:
    """The tokenizer's entry in the manifest."""
    return {
        "tokenizer": f"{folder}/tokenizer.json",
        "config": f"{folder}/tokenizer_config.json",
        "window": window,
        "startId": tokenizer.bos_token_id,
        "endId": tokenizer.eos_token_id,
        "padId": tokenizer.pad_token_id,
    }


def _write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
