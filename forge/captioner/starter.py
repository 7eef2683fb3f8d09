"""The trained captioner as the studio ships it, and back: `python -m forge export-captioner`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BlipConfig

from forge.captioner import lexicon, words
from forge.captioner.graphs import parts_of
from forge.captioner.net import DEVIATION, MEAN, Blip
from forge.captioner.package import write_folder
from forge.captioner.scenes import captioner_concepts
from forge.captioner.train import build
from forge.paths import MODELS
from forge.reload import read_weights
from forge.training import checkpoint_path, load, say

FOLDER = MODELS / "captioner"
LICENCE = {
    "spdx": "Apache-2.0",
    "plain": "Free to use, change and share, also commercially; keep the notices. Learned from Fluent Emoji (MIT), Noto Emoji and Blobmoji (Apache-2.0).",
}


def about() -> dict[str, object]:
    return {
        "id": "captioner", "name": "Kiln Captioner",
        "summary": f"Names {len(captioner_concepts())} everyday things, their colours, counts and places, answers questions and scores how well a text fits. BLIP's architecture, "
                   "trained from scratch on two CPU cores.",
        "limits": "Learned from emoji drawings in four styles and scenes composed of them. Of photographs, people, writing and any other thing it says something wrong.",
        "licence": LICENCE,
    }


def export(run: str, out: Path = FOLDER, safety: dict | None = None, bits: int = 8) -> dict[str, dict[str, float]]:
    """Quantises the trained weights and replaces the shipped folder."""
    blip, tokenizer = trained(run)
    return write(blip, tokenizer, out, safety, bits)


def write(blip: Blip, tokenizer: Tokenizer, out: Path, safety: dict | None, bits: int) -> dict[str, dict[str, float]]:
    m = blip.matching
    parts = parts_of(vision=blip.vision, encoder=blip.encoder, decoder=blip.decoder, vision_proj=m.vision_proj, text_proj=m.text_proj, itm_head=m.itm_head)
    with torch.no_grad():
        errors = write_folder(
            out, parts, blip.config, about(), tasks=("caption", "question", "match"), special=words.special_ids(tokenizer), mean=MEAN, deviation=DEVIATION,
            write_tokenizer=lambda folder: words.write(tokenizer, folder), forms=({8: "q8", 4: "q4", 0: "fp32"}[bits],),
            temperature=round(float(blip.temperature.exp().clamp(0.01, 0.5)), 5), extra_files={"safety.json": safety} if safety else None, caption_tokens=28,
        )
    total = sum(p.stat().st_size for p in out.rglob("*") if p.is_file())
    say("captioner", bytes=total, **{f"{p}_error": e for form in errors.values() for p, e in form.items()})
    return errors


def trained(run: str) -> tuple[Blip, Tokenizer]:
    """The averaged weights of a finished run."""
    made = lexicon.tokenizer()
    kept = load(checkpoint_path(run, "captioner"))
    if kept is None:
        raise FileNotFoundError(f"The run {run} has no finished captioner.")
    blip = build(made, kept.get("shape"))
    blip.load_state_dict(kept["blip"])
    return blip.eval(), made


@torch.no_grad()
def reload(folder: Path = FOLDER) -> tuple[Blip, Tokenizer]:
    """BLIP's classes around the shipped weights: what a browser computes with, 8 bits and all."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
    blip = Blip(BlipConfig.from_dict(json.loads((folder / "config.json").read_text())))
    values: dict[str, np.ndarray] = {}
    for part in ("vision_model", "text_encoder", "text_decoder_context", "text_decoder"):
        values |= read_weights(folder / part / "model.onnx")
    for name, parameter in blip.named_parameters():
        # The head and its last layer share one bias, which the graph names after the layer.
        path = name.partition(".")[2].replace("cls.predictions.bias", "cls.predictions.decoder.bias")
        if path in values:
            parameter.copy_(torch.from_numpy(np.array(values[path], np.float32)).reshape(parameter.shape))
        elif name != "temperature":
            raise ValueError(f"{folder} holds no {path}.")
    return blip.eval(), tokenizer
