"""Writes src/core/images/goldens and src/core/captioner/goldens: `python -m forge.caption_goldens`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from transformers import GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.generation.logits_process import TopPLogitsWarper
from transformers.modeling_outputs import CausalLMOutput

ROOT = Path(__file__).parents[2] / "src" / "core"
WORDS, END = 14, 13
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC, "lanczos": Image.Resampling.LANCZOS}
SHAPES = [((7, 5), (4, 4)), ((9, 3), (5, 8)), ((1, 1), (3, 3)), ((40, 1), (6, 6)), ((6, 6), (6, 3)), ((5, 5), (5, 5)), ((33, 21), (16, 16)), ((20, 57), (32, 32)), ((61, 83), (24, 24))]


class ToyConfig(PretrainedConfig):
    model_type = "toy"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(vocab_size=WORDS, num_hidden_layers=1, hidden_size=1, num_attention_heads=1, **kwargs)


class Toy(PreTrainedModel, GenerationMixin):
    """A language model of two tables: what follows the last token, and, half as strong, the one before it."""

    config_class = ToyConfig

    def __init__(self, config: ToyConfig, tables: Tensor) -> None:
        super().__init__(config)
        self.tables = nn.Parameter(tables)
        self.post_init()

    def prepare_inputs_for_generation(self, input_ids: Tensor, **_: Any) -> dict[str, Tensor]:
        return {"input_ids": input_ids}

    def forward(self, input_ids: Tensor, attention_mask: Tensor | None = None, **_: Any) -> CausalLMOutput:
        before = torch.cat([input_ids[:, :1], input_ids[:, :-1]], dim=1)
        return CausalLMOutput(logits=self.tables[0][input_ids] + 0.5 * self.tables[1][before])


def resizing() -> list[dict[str, Any]]:
    random = np.random.default_rng(5)
    cases = []
    for (width, height), (to_width, to_height) in SHAPES:
        source = random.integers(0, 256, (height, width, 3), dtype=np.uint8)
        answers = {name: np.asarray(Image.fromarray(source).resize((to_width, to_height), kind)).flatten().tolist() for name, kind in FILTERS.items()}
        cases.append({"width": width, "height": height, "toWidth": to_width, "toHeight": to_height, "source": source.flatten().tolist(), **answers})
    return cases


def decoding() -> dict[str, Any]:
    models, cases = [], []
    for seed in range(6):
        torch.manual_seed(seed)
        tables = (torch.randn(2, WORDS, WORDS) * 1.6).round(decimals=3)
        # Some languages end soon and some late.
        tables[0, :, END] += (seed % 3) - 1
        models.append(tables.tolist())
        toy = Toy(ToyConfig(), tables)
        for settings in _settings():
            prompt = torch.tensor([[1, 2]]) if settings.get("max_new_tokens") == 7 else torch.tensor([[1]])
            ids = toy.generate(prompt, eos_token_id=END, pad_token_id=0, do_sample=False, use_cache=False, **settings)
            cases.append({"model": seed, "prompt": prompt[0].tolist(), "settings": settings, "tokens": ids[0, prompt.shape[1] :].tolist()})
    torch.manual_seed(9)
    nuclei = []
    for top_p in (0.3, 0.9, 0.999, 0.01):
        logits = (torch.randn(1, WORDS) * 2).round(decimals=3)
        kept = TopPLogitsWarper(top_p)(torch.zeros(1, 1, dtype=torch.long), logits)
        nuclei.append({"topP": top_p, "logits": logits[0].tolist(), "probabilities": kept.softmax(-1)[0].tolist()})
    return {"end": END, "models": models, "cases": cases, "nuclei": nuclei}


def _settings() -> list[dict[str, Any]]:
    greedy = [{"num_beams": 1, "max_new_tokens": n, "repetition_penalty": p} for n in (1, 7, 20) for p in (1.0, 1.3)]
    beams = [
        {"num_beams": b, "max_new_tokens": n, "repetition_penalty": p, "length_penalty": l, "early_stopping": e}
        for b in (2, 3, 5)
        for n, p in ((7, 1.0), (20, 1.0), (12, 1.2))
        for l in (1.0, 0.0, -1.0, 2.0)
        for e in (False, True, "never")
    ]
    return [*greedy, *beams]


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write(ROOT / "images" / "goldens" / "resize.golden.json", resizing())
    write(ROOT / "captioner" / "goldens" / "decoding.golden.json", decoding())
