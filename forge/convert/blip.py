"""A local `Salesforce/blip-*` checkpoint as a captioner's folder (forge/captioner/MANIFEST.md), and Stable Diffusion's safety
checker as a checker's: what `export FOLDER` does with folders that hold no pipeline.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer, BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering

from forge.captioner.graphs import GraphOf, parts_of
from forge.captioner.net import DEVIATION, MEAN
from forge.captioner.package import write_folder

CLASSES = {
    "BlipForConditionalGeneration": (BlipForConditionalGeneration, "caption"),
    "BlipForQuestionAnswering": (BlipForQuestionAnswering, "question"),
    "BlipForImageTextRetrieval": (BlipForImageTextRetrieval, "match"),
}
CHECKER = "StableDiffusionSafetyChecker"


def kind_of(folder: Path) -> str | None:
    """The class of a checkpoint of `transformers` that can be converted here, or None."""
    config = folder / "config.json"
    named = json.loads(config.read_text()).get("architectures") or [] if config.is_file() else []
    return next((name for name in named if name in CLASSES or name == CHECKER), None)


def convert_blip(folder: Path, out: Path, forms: Sequence[str]) -> dict[str, dict[str, float]]:
    """Answers the error of every part in every form. Raises ValueError with one sentence where something is missing."""
    kind = kind_of(folder)
    if kind == CHECKER:
        from forge.captioner.checker import convert_checker

        return convert_checker(folder, out, forms)
    cls, task = CLASSES[kind]
    model = cls.from_pretrained(folder, local_files_only=True, attn_implementation="eager").float().eval()
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    config, parts = model.config, _parts(model, task)
    pixels = _json(folder / "preprocessor_config.json")
    special = {"pad": config.text_config.pad_token_id, "sep": config.text_config.sep_token_id, "bos": config.text_config.bos_token_id, "cls": tokenizer.cls_token_id}
    if special["cls"] is None:
        raise ValueError(f"{folder} has no BERT tokenizer: there is no [CLS] token.")
    name = folder.resolve().name
    about = {
        "id": re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "captioner", "name": name[:80],
        "summary": f"Converted from a {kind} in the folder {name}."[:300],
        "licence": {"spdx": "LicenseRef-unknown", "plain": "That of the checkpoint it was converted from: see its own page."},
    }
    return write_folder(
        out, parts, config, about, tasks=(task,), special=special, mean=pixels.get("image_mean", MEAN), deviation=pixels.get("image_std", DEVIATION),
        write_tokenizer=lambda there: _write_tokenizer(tokenizer, there), forms=forms, caption_tokens=40, answer_tokens=20,
    )


def _parts(model: Any, task: str) -> dict[str, GraphOf]:
    vision = model.vision_model
    if task == "caption":
        return parts_of(vision=vision, decoder=model.text_decoder)
    if task == "question":
        return parts_of(vision=vision, encoder=model.text_encoder, decoder=model.text_decoder)
    return parts_of(vision=vision, encoder=model.text_encoder, vision_proj=model.vision_proj, text_proj=model.text_proj, itm_head=model.itm_head)


def _write_tokenizer(tokenizer: Any, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fast = tokenizer.backend_tokenizer
    fast.no_padding()
    fast.no_truncation()
    (folder / "tokenizer.json").write_text(fast.to_str() + "\n")
    names = {name: getattr(tokenizer, name) for name in ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token") if getattr(tokenizer, name)}
    settings = {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512, **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n")


def _json(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text()) if path.is_file() else {}
