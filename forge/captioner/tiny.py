"""A tiny BLIP with random weights in the starter's layout, and goldens, for the tests of the studio's captioner.

    python -m forge.captioner.tiny          writes e2e/models/tiny-blip and e2e/goldens/captioner-tiny.*
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer

from forge.captioner import words
from forge.captioner.graphs import parts_of
from forge.captioner.net import DEVIATION, MEAN, Blip, small_config
from forge.captioner.package import write_folder
from forge.captioner.reference import facts, forced_logits, pixels, squeezed
from forge.paths import REPO
from forge.tiny.vocabulary import WORDS

MODEL = REPO / "e2e" / "models" / "tiny-blip"
GOLDENS = REPO / "e2e" / "goldens"
SIDE, TOKENS = 32, 12
QUESTIONS = ["what is this?", "is there a cat on the road?"]
TEXTS = ["a red house", "a big dog in the night", "unseen zebra words"]
ABOUT = {
    "id": "tiny-blip", "name": "Tiny BLIP", "summary": "Random weights in the real shape, for tests: it says nothing sensible, the same everywhere.",
    "limits": "It knows nothing.", "licence": {"spdx": "CC0-1.0", "plain": "Random numbers; do with them what you like."},
}


def tiny_tokenizer() -> Tokenizer:
    return words.build([*WORDS.read_text().split(), *"what is this there the many how picture of".split()])


def tiny_blip() -> tuple[Blip, Tokenizer]:
    tokenizer = tiny_tokenizer()
    torch.manual_seed(15)
    config = small_config(tokenizer.get_vocab_size(), words.special_ids(tokenizer), width=16, vision_layers=2, text_layers=2, heads=2, vision_inner=32,
                          text_inner=32, shared_width=8, side=SIDE, patch=8, act="gelu")
    blip = Blip(config).eval()
    with torch.no_grad():
        for name, parameter in blip.named_parameters():
            # Sharp enough that pictures and words make a difference: the usual spread of 0.02 says the same of everything.
            if parameter.ndim >= 2:
                parameter.normal_(0, 1.4 if "position" in name else 0.5)
            elif "bias" in name:
                parameter.normal_(0, 0.1)
    return blip, tokenizer


def pictures() -> dict[str, Image.Image]:
    """Of several shapes, so that squeezing is tested both ways and not at all."""
    rng = np.random.default_rng(4)

    def blocks(width: int, height: int, cells: int) -> Image.Image:
        small = Image.fromarray(rng.integers(0, 256, (cells, cells, 3), dtype=np.uint8))
        return small.resize((width, height), Image.Resampling.NEAREST)

    return {"square": blocks(SIDE, SIDE, 4), "wide": blocks(75, 40, 5), "tall": blocks(20, 57, 3), "small": blocks(9, 11, 9), "noise": blocks(64, 64, 64)}


def export() -> dict[str, dict[str, float]]:
    blip, tokenizer = tiny_blip()
    m = blip.matching
    parts = parts_of(vision=blip.vision, encoder=blip.encoder, decoder=blip.decoder, vision_proj=m.vision_proj, text_proj=m.text_proj, itm_head=m.itm_head)
    return write_folder(MODEL, parts, blip.config, ABOUT, tasks=("caption", "question", "match"), special=words.special_ids(tokenizer), mean=MEAN,
                        deviation=DEVIATION, write_tokenizer=lambda folder: words.write(tokenizer, folder), caption_tokens=TOKENS)


def golden() -> dict:
    """Per picture: its bytes before and after squeezing, teacher-forced scores, free tokens, answers, matches."""
    blip, tokenizer = tiny_blip()
    entries = []
    for name, picture in pictures().items():
        small = squeezed(picture, SIDE)
        told = facts(blip, tokenizer, small, prefix="a picture of", questions=QUESTIONS, texts=TEXTS, tokens=TOKENS)
        given = [*told["greedy"][:5]]
        logits = forced_logits(blip, pixels(blip, small), given)
        entries.append({
            "name": name, "widthPx": picture.width, "heightPx": picture.height, "rgb": _text(np.asarray(picture)), "squeezed": _text(small),
            "pixelValues": [round(float(v), 6) for v in pixels(blip, small)[0, :, 0, 0]],
            "forced": {"tokens": given, "logits": _text(logits.numpy().astype("<f4"))}, **told,
        })
    return {"format": 1, "model": "tiny-blip", "maxTokens": TOKENS, "answerTokens": 10, "pictures": entries}


def _text(values: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def write() -> None:
    torch.set_num_threads(1)
    print(export())
    told = golden()
    Path(GOLDENS / "captioner-tiny.json").write_text(json.dumps(told, indent=1) + "\n")
    for entry in told["pictures"]:
        print(entry["name"], entry["words"], "|", entry["answers"][0]["words"], "|", [round(m["similarity"], 3) for m in entry["matches"]])


if __name__ == "__main__":
    write()
