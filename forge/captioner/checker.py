"""The CLIP-threshold form of a safety check, as Stable Diffusion's checker has it: cosines of a picture with embedded concepts,
each with its own threshold; a hit among the special ones lowers all others by 0.01.

    python -m forge.captioner.checker        writes e2e/models/tiny-checker and e2e/goldens/checker-tiny.json

The folder: `manifest.json` of kind `safety-checker`, one graph `vision_model` with `pixel_values` [batch, 3, side, side] ->
`image_embeds` [batch, width], `concept_scores` [batch, concepts], `special_scores` [batch, specials] (cosines). Flagged, as
`StableDiffusionSafetyChecker` does it, all rounded to three decimals: `adjust` = 0.01 if any special score - its threshold > 0, else 0; a picture
is flagged where any concept score - its threshold + `adjust` > 0. Pixels: the shorter side becomes `sidePx` by Pillow's bicubic, the middle is cut out.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from PIL import Image
from torch import Tensor, nn
from transformers import CLIPConfig
from transformers.activations import QuickGELUActivation

from forge.captioner.graphs import _array, _first, _unit
from forge.captioner.net import DEVIATION, MEAN
from forge.captioner.package import BITS, GATES, _relative, _run
from forge.convert.forms import convert, suffix
from forge.convert.manifest import write_json
from forge.convert.onnx_file import save
from forge.graph import Graph
from forge.paths import REPO

MODEL = REPO / "e2e" / "models" / "tiny-checker"
GOLDENS = REPO / "e2e" / "goldens"
ADJUSTMENT = 0.01


def checker_graph(checker: StableDiffusionSafetyChecker, bits: int = 0) -> Graph:
    """CLIP's vision model with the concepts behind it."""
    g, config = Graph("vision_model", bits, frozenset({"visual_projection"})), checker.config.vision_config
    vision = getattr(checker.vision_model, "vision_model", checker.vision_model)
    width, side, patch = config.hidden_size, config.image_size, config.patch_size
    tokens = (side // patch) ** 2 + 1
    pixels = g.input("pixel_values", ["batch", 3, side, side])
    embeddings = vision.embeddings
    kernel = _array(embeddings.patch_embedding.weight)
    x = g.conv_with(pixels, "embeddings.patch_embedding", kernel, np.zeros(width, np.float32), patch, 0)
    x = g.op("Transpose", [g.reshape(x, [0, width, tokens - 1], "/patches/Reshape")], "/patches/Transpose", perm=[0, 2, 1])
    ends = [g.constant(f"index_{n}", np.array([n], np.int64)) for n in (0, 1)]
    row = g.op("Mul", [g.op("Slice", [x, ends[0], ends[1], ends[1]], "/class/Slice"), g.constant("nothing", np.zeros(1, np.float32))], "/class/Mul")
    row = g.op("Add", [row, g.constant("embeddings.class_embedding", _array(embeddings.class_embedding)[None, None])], "/class/Add")
    x = g.op("Concat", [row, x], "/class/Concat", axis=1)
    x = g.op("Add", [x, g.constant("embeddings.position_embedding.weight", _array(embeddings.position_embedding.weight)[None])], "/positions/Add")
    x = g.layer_norm(x, "pre_layrnorm", vision.pre_layrnorm)
    for n, layer in enumerate(vision.encoder.layers):
        at, base = f"encoder.layers.{n}", f"/encoder/layers.{n}"
        h = g.layer_norm(x, f"{at}.layer_norm1", layer.layer_norm1)
        q, k, v = (g.linear(h, f"{at}.self_attn.{p}", getattr(layer.self_attn, p)) for p in ("q_proj", "k_proj", "v_proj"))
        h = g.linear(g.attention(q, k, v, config.num_attention_heads, width, f"{at}.self_attn"), f"{at}.self_attn.out_proj", layer.self_attn.out_proj)
        x = g.op("Add", [x, h], f"{base}/Add")
        h = g.linear(g.layer_norm(x, f"{at}.layer_norm2", layer.layer_norm2), f"{at}.mlp.fc1", layer.mlp.fc1)
        h = g.linear(_quick_gelu(g, h, layer.mlp.activation_fn, f"{base}/mlp"), f"{at}.mlp.fc2", layer.mlp.fc2)
        x = g.op("Add", [x, h], f"{base}/Add_1")
    pooled = g.layer_norm(_first(g, x, width, "/first"), "post_layernorm", vision.post_layernorm)
    unit = _unit(g, g.linear(pooled, "visual_projection", checker.visual_projection), config.projection_dim, "/unit")
    g.output(unit, "image_embeds", ["batch", config.projection_dim])
    scores = []
    for name, table in (("concept_scores", checker.concept_embeds), ("special_scores", checker.special_care_embeds)):
        rows = nn.functional.normalize(table.detach().float(), dim=-1).numpy()
        scores.append((name, g.op("MatMul", ["image_embeds", g.constant(f"{name}.weight", rows.T)], f"/{name}/MatMul"), len(rows)))
    for name, value, count in scores:
        g.output(value, name, ["batch", count])
    return g


def _quick_gelu(g: Graph, x: str, layer: nn.Module, name: str) -> str:
    if not isinstance(layer, QuickGELUActivation):
        raise ValueError(f"A checker with the activation {type(layer).__name__} cannot be exported.")
    scaled = g.op("Mul", [x, g.constant("quick_gelu", np.array([1.702], np.float32))], f"{name}/Mul")
    return g.op("Mul", [x, g.op("Sigmoid", [scaled], f"{name}/Sigmoid")], f"{name}/Mul_1")


def write_checker(checker: StableDiffusionSafetyChecker, out: Path, about: dict[str, Any], forms: Sequence[str] = ("fp32",)) -> dict[str, dict[str, float]]:
    building = out.with_name(f".{out.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    side = checker.config.vision_config.image_size
    feeds = {"pixel_values": np.random.default_rng(1).standard_normal((2, 3, side, side), np.float32)}
    plain = checker_graph(checker).model()
    expected, errors, variants = _run(plain.SerializeToString(), feeds), {}, []
    for form in forms:
        stem = f"model{suffix(form)}" if len(forms) > 1 else "model"
        shards = save(checker_graph(checker, BITS[form]).model() if form in BITS else convert(plain, form), building / "vision_model", stem)
        answers = _run(str(building / "vision_model" / f"{stem}.onnx"), feeds)
        errors[form] = {"vision_model": max(_relative(a, e) for a, e in zip(answers, expected, strict=True))}
        if not errors[form]["vision_model"] <= GATES[form]:
            shutil.rmtree(building)
            raise ValueError(f"The checker in its {form} form is off by {errors[form]['vision_model']:.1e}.")
        variants.append({"id": form, "compute": "float16" if form == "fp16" else "float32", "graph": f"vision_model/{stem}.onnx",
                         "weights": [f"vision_model/{s.name}" for s in shards]})
    files = {}
    for path in sorted(p for p in building.rglob("*") if p.is_file()):
        data = path.read_bytes()
        files[path.relative_to(building).as_posix()] = {"sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    write_json(building / "manifest.json", {
        "format": 1, "kind": "safety-checker", **about,
        "image": {"sidePx": side, "resample": "bicubic", "fit": "crop", "mean": list(MEAN), "std": list(DEVIATION)}, "adjustment": ADJUSTMENT,
        "concepts": [{"name": f"Concept {n + 1}", "threshold": float(t)} for n, t in enumerate(checker.concept_embeds_weights)],
        "specials": [{"name": f"Special {n + 1}", "threshold": float(t)} for n, t in enumerate(checker.special_care_embeds_weights)],
        "parts": {"vision_model": {"variants": variants}}, "files": files,
    })
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return errors


def convert_checker(folder: Path, out: Path, forms: Sequence[str]) -> dict[str, dict[str, float]]:
    checker = StableDiffusionSafetyChecker.from_pretrained(folder, local_files_only=True).float().eval()
    return write_checker(checker, out, {
        "id": "safety-checker", "name": "Safety checker", "summary": "Stable Diffusion's own check: likeness to concepts, each with a threshold. Its authors never named the concepts.",
        "licence": {"spdx": "LicenseRef-unknown", "plain": "That of the checkpoint it was converted from: see its own page."},
    }, forms)


# -- the tiny one

SIDE = 32


def tiny_checker() -> StableDiffusionSafetyChecker:
    torch.manual_seed(23)
    vision = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": SIDE, "patch_size": 8,
              "projection_dim": 12, "hidden_act": "quick_gelu"}
    checker = StableDiffusionSafetyChecker(CLIPConfig(vision_config=vision, projection_dim=12)).eval()
    with torch.no_grad():
        for parameter in checker.parameters():
            if parameter.ndim >= 2 and parameter.requires_grad:
                parameter.normal_(0, 0.5)
        checker.concept_embeds.copy_(torch.randn(17, 12))
        checker.special_care_embeds.copy_(torch.randn(3, 12))
        # One of the pictures is flagged because of a special hit alone.
        checker.concept_embeds_weights.copy_(torch.tensor([0.6633 if n == 3 else 0.58 if n == 11 else 0.65 for n in range(17)]))
        checker.special_care_embeds_weights.copy_(torch.tensor([0.2, 0.45, 0.6]))
    return checker


def cut(picture: Image.Image, side: int) -> np.ndarray:
    """CLIP's own preparation: the shorter side becomes `side`, the longer one in proportion (rounded down), the middle is kept."""
    image = picture.convert("RGB")
    short = min(image.size)
    width, height = (side if v == short else int(side * v / short) for v in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)))


@torch.no_grad()
def told(checker: StableDiffusionSafetyChecker, pixels: Tensor) -> dict[str, Any]:
    """The cosines, and what the class itself decides."""
    from diffusers.pipelines.stable_diffusion.safety_checker import cosine_distance

    embeds = checker.visual_projection(checker.vision_model(pixels)[1])
    scores = cosine_distance(embeds, checker.concept_embeds)[0], cosine_distance(embeds, checker.special_care_embeds)[0]
    _, flagged = checker(pixels, [np.zeros((2, 2, 3))])
    return {"concepts": [round(float(v), 6) for v in scores[0]], "specials": [round(float(v), 6) for v in scores[1]], "flagged": bool(flagged[0])}


def golden() -> dict[str, Any]:
    from forge.captioner.net import pixels_of
    from forge.captioner.tiny import pictures

    checker, entries = tiny_checker(), []
    rng = np.random.default_rng(8)
    more = {f"blocks {n}": Image.fromarray(rng.integers(0, 256, (3, 3, 3), dtype=np.uint8)).resize((SIDE, SIDE), Image.Resampling.NEAREST) for n in range(7)}
    for name, picture in {**pictures(), **more}.items():
        small = cut(picture, SIDE)
        entries.append({"name": name, "widthPx": picture.width, "heightPx": picture.height, "rgb": base64.b64encode(np.asarray(picture).tobytes()).decode(),
                        "cut": base64.b64encode(np.ascontiguousarray(small).tobytes()).decode(), **told(checker, pixels_of(torch.from_numpy(small.copy())[None]))})
    return {"format": 1, "model": "tiny-checker", "pictures": entries}


def write() -> None:
    torch.set_num_threads(1)
    about = {"id": "tiny-checker", "name": "Tiny checker", "summary": "Random weights in the real shape, for tests: it flags pictures at random, the same everywhere.",
             "licence": {"spdx": "CC0-1.0", "plain": "Random numbers; do with them what you like."}}
    with torch.no_grad():
        print(write_checker(tiny_checker(), MODEL, about))
    made = golden()
    (GOLDENS / "checker-tiny.json").write_text(json.dumps(made, indent=1) + "\n")
    print([(e["name"], e["flagged"], max(e["concepts"]), e["specials"]) for e in made["pictures"]])


if __name__ == "__main__":
    write()
