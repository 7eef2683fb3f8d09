"""Writes src/core/images/goldens and src/core/captioner/goldens: `python -m forge.caption_goldens`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from torch import Tensor, nn
from transformers import CLIPConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
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


def checker() -> dict[str, Any]:
    """Stable Diffusion's own class with random weights: its vision tower, its vectors, its verdicts."""
    torch.manual_seed(4)
    vision = {"hidden_size": 16, "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 16, "patch_size": 8}
    model = StableDiffusionSafetyChecker(CLIPConfig(projection_dim=8, vision_config=vision)).eval()
    with torch.no_grad():
        pictures = torch.randn(24, 3, 16, 16) * 3
        embeds = model.visual_projection(model.vision_model(pictures)[1])
        centre = embeds.mean(0)
        model.concept_embeds.copy_(torch.randn(17, 8) + centre)
        model.special_care_embeds.copy_(torch.randn(3, 8) + centre)
        near = torch.nn.functional.normalize(embeds, dim=-1)
        # Thresholds at which some pictures are found and some are not.
        for vectors, weights, share in ((model.concept_embeds, model.concept_embeds_weights, 0.96), (model.special_care_embeds, model.special_care_embeds_weights, 0.9)):
            scores = near @ torch.nn.functional.normalize(vectors, dim=-1).T
            weights.copy_(scores.quantile(share, dim=0))
        judged = []
        for embed, picture in zip(embeds, pictures, strict=True):
            result = _verdict(model, picture)
            judged.append({"embedding": embed.tolist(), **result})
    as_list = lambda vectors, weights: [{"vector": v.tolist(), "threshold": float(w)} for v, w in zip(vectors, weights, strict=True)]
    return {
        "special": as_list(model.special_care_embeds, model.special_care_embeds_weights),
        "concepts": as_list(model.concept_embeds, model.concept_embeds_weights),
        "pictures": judged,
    }


def _verdict(model: StableDiffusionSafetyChecker, picture: Tensor) -> dict[str, Any]:
    """The scores are local to the class's own method: they are read out of its frame as it returns."""
    seen: dict[str, Any] = {}

    def watch(frame: Any, event: str, _: Any) -> Any:
        if frame.f_code.co_name == "forward" and event == "return" and "result" in frame.f_locals:
            seen["result"] = frame.f_locals["result"]
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        _, found = model(picture[None], [np.zeros((1, 1, 3))])
    finally:
        sys.settrace(before)
    result = seen["result"][0]
    return {
        "isFound": bool(found[0]),
        "specialScores": [float(v) for v in result["special_scores"].values()],
        "conceptScores": [float(v) for v in result["concept_scores"].values()],
    }


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    write(ROOT / "images" / "goldens" / "resize.golden.json", resizing())
    write(ROOT / "safety" / "goldens" / "checker.golden.json", checker())
    write(ROOT / "captioner" / "goldens" / "decoding.golden.json", decoding())
