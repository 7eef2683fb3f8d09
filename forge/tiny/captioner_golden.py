"""What `transformers` says of two pictures with the captioners that Transformers.js runs: e2e/goldens/captioner-transformers.json."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from forge.paths import REPO
from forge.tiny.captioners import MAX_LENGTH, PROMPTS, SIDE_PX, Captioner, captioners, end_token
from forge.tiny.vocabulary import build_tokenizer

GOLDEN = REPO / "e2e" / "goldens" / "captioner-transformers.json"
SHAPES = {"wide": (48, 27), "tall": (19, 40)}
BEAMS = 3


def write_captions() -> None:
    GOLDEN.write_text(json.dumps([golden for captioner in captioners() if (golden := _golden(captioner))], separators=(",", ":")) + "\n")


def _golden(captioner: Captioner) -> dict[str, Any] | None:
    """None for BLIP, which Transformers.js does not know."""
    if captioner.name == "tiny-blip":
        return None
    pictures = []
    for name, picture in _pictures().items():
        pixels = _pixels(picture)
        prompts = PROMPTS if captioner.name == "tiny-florence-2" else {"<CAPTION>": None}
        said = {task: _say(captioner, pixels, prompt) for task, prompt in prompts.items()}
        rgb = base64.b64encode(picture.tobytes()).decode()
        pictures.append({"name": name, "widthPx": picture.width, "heightPx": picture.height, "rgb": rgb, "said": said})
    return {"model": captioner.name, "pictures": pictures}


def _say(captioner: Captioner, pixels: Tensor, prompt: str | None) -> dict[str, Any]:
    inputs: dict[str, Tensor] = {"pixel_values": pixels}
    tokenizer = build_tokenizer()
    if prompt is not None:
        model = captioner.model
        features = model.get_image_features(pixels).pooler_output.shape[-2]
        ids = [model.config.image_token_id] * features + tokenizer(prompt).input_ids
        inputs["input_ids"] = torch.tensor([ids])
        inputs["attention_mask"] = torch.ones_like(inputs["input_ids"])
    settings = {"do_sample": False, "max_length": MAX_LENGTH, "decoder_start_token_id": 0, "eos_token_id": end_token(), "pad_token_id": end_token()}
    answers: dict[str, Any] = {}
    with torch.no_grad():
        for name, beams in (("greedy", 1), ("beams3", BEAMS)):
            tokens = captioner.model.generate(**inputs, **settings, num_beams=beams)[0, 1:].tolist()
            answers[name] = tokens[: tokens.index(end_token())] if end_token() in tokens else tokens
    answers["words"] = tokenizer.decode(answers["greedy"], skip_special_tokens=True).strip()
    return answers


def _pictures() -> dict[str, Image.Image]:
    random = np.random.default_rng(11)
    return {
        name: Image.fromarray(random.integers(0, 256, (4, 4, 3), dtype=np.uint8)).resize(shape, Image.Resampling.BICUBIC)
        for name, shape in SHAPES.items()
    }


def _pixels(picture: Image.Image) -> Tensor:
    squeezed = np.asarray(picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR), dtype=np.float32)
    return torch.from_numpy((squeezed / 255 - 0.5) / 0.5).permute(2, 0, 1)[None]
