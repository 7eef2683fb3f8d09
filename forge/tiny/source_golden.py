"""Runs the reference's image-to-image and inpainting pipelines on the tiny models, and writes their numbers down.

Two decisions. The reference encodes the masked picture for networks of nine channels even where the network has four,
and spends random numbers on it: an empty latent is handed over instead. The picture of an inpainting is laid over the
source by the reference's own `apply_overlay`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import DiffusionPipeline
from PIL import Image

from forge.paths import REPO
from forge.tiny.golden import ERROR, Arrays, pipeline_of, psnr
from forge.tiny.manifest import write_json
from forge.tiny.models import DOWNSCALE, SIDE_PX
from forge.tiny.source_cases import SOURCE_CASES, SourceCase, masks

GOLDENS = REPO / "e2e" / "goldens" / "sources"
PIPELINES = {
    "tiny-sd": ("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "tiny-lcm": ("StableDiffusionImg2ImgPipeline", "StableDiffusionInpaintPipeline"),
    "tiny-sdxl": ("StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline"),
    "tiny-flow": ("StableDiffusion3Img2ImgPipeline", "StableDiffusion3InpaintPipeline"),
}


@cache
def source_pipeline(model_id: str, kind: int) -> DiffusionPipeline:
    base = pipeline_of(model_id)
    options: dict[str, Any] = {}
    if model_id in ("tiny-sd", "tiny-lcm"):
        options["requires_safety_checker"] = False
    if model_id == "tiny-sdxl":
        options["add_watermarker"] = False
    pipeline = getattr(diffusers, PIPELINES[model_id][kind])(**base.components, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def run_source(case: SourceCase, mask: np.ndarray | None = None, error: float = 0.0) -> tuple[Arrays, dict[str, Any]]:
    """The numbers of a case. `mask` takes the place of its own; `error` disturbs the first latent."""
    base = case.base
    pipeline = source_pipeline(base.model_id, 0 if case.mask is None else 1)
    scheduler = pipeline.scheduler = base.build_scheduler()
    if not hasattr(scheduler, "scale_noise"):
        # SD3's pipelines call it so; the multistep solvers have the same under the older name.
        scheduler.scale_noise = lambda sample, timestep, noise: scheduler.add_noise(sample, noise, timestep)
    generator = torch.Generator("cpu").manual_seed(base.seed)
    walk: list[torch.Tensor] = []

    def record(_pipeline: object, _step: int, _timestep: object, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        walk.append(tensors["latents"].clone())
        return tensors

    init, painted = case.init(), case.mask_bytes() if mask is None else mask
    image = Image.fromarray(init)
    asked: dict[str, Any] = {"guidance_scale": base.guidance, **base.step_args}
    if base.model_id != "tiny-lcm":
        asked["negative_prompt"] = base.negative
    if painted is not None:
        channels = pipeline.vae.config.latent_channels
        side = SIDE_PX // DOWNSCALE
        asked |= {
            "mask_image": Image.fromarray(painted, "L"),
            "masked_image_latents": torch.zeros(1, channels, side, side),
            "height": SIDE_PX,
            "width": SIDE_PX,
            "padding_mask_crop": case.padding,
        }
    undisturbed = pipeline.prepare_latents
    if error:

        def prepare(*given: Any, **named: Any) -> Any:
            found = undisturbed(*given, **named)
            latents = found[0] if isinstance(found, tuple) else found
            moved = latents + error * torch.randn(latents.shape, generator=torch.Generator("cpu").manual_seed(1))
            return (moved, *found[1:]) if isinstance(found, tuple) else moved

        pipeline.prepare_latents = prepare
    try:
        made = pipeline(
            base.prompt,
            image=image,
            strength=case.strength,
            **asked,
            num_inference_steps=base.steps,
            generator=generator,
            output_type="pil",
            callback_on_step_end=record,
        ).images[0]
    finally:
        pipeline.prepare_latents = undisturbed
    if painted is not None and case.padding is None:
        made = pipeline.image_processor.apply_overlay(asked["mask_image"], image, made)
    latents = torch.cat(walk)
    sigmas = getattr(scheduler, "sigmas", None)
    if base.sampler == "heun":
        # Two evaluations a step, one at the last: keep where each step ends.
        latents = torch.cat([latents[1::2], latents[-1:]])
        sigmas = torch.cat([sigmas[:1], sigmas[1::2]])
    arrays: Arrays = {"init": init}
    if painted is not None:
        arrays["mask"] = painted
    arrays |= {"latents": latents.numpy(), "picture": np.asarray(made.convert("RGB"))}
    walked = len(latents) + 1
    return arrays, {"sigmas": None if sigmas is None else [float(sigma) for sigma in sigmas[-walked:]]}


def mistakes_of(case: SourceCase) -> dict[str, tuple[SourceCase, np.ndarray | None]]:
    """One thing wrong at a time: the strength, the seed and, where there is one, the mask."""
    steps = case.base.steps
    other = case.strength - 2 / steps if case.strength > 0.6 else case.strength + 1.5 / steps
    found: dict[str, tuple[SourceCase, np.ndarray | None]] = {
        "strength": (replace(case, strength=round(other, 3)), None),
        "seed": (replace(case, base=replace(case.base, seed=case.base.seed + 100)), None),
    }
    if case.mask is not None:
        found["mask"] = (case, masks(case.side)["other"])
    return found


def write_sources() -> None:
    GOLDENS.mkdir(parents=True, exist_ok=True)
    for old in GOLDENS.glob("*.bin"):
        old.unlink()
    entries = []
    for case in SOURCE_CASES:
        arrays, told = run_source(case)
        blob, tensors = bytearray(), {}
        wrong = {} if case.mask is None else {"wrongMask": masks(case.side)["other"]}
        for name, array in {**arrays, **wrong}.items():
            kind = "uint8" if array.dtype == np.uint8 else "float32"
            tensors[name] = {"type": kind, "shape": list(array.shape), "offsetBytes": len(blob)}
            blob += np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        (GOLDENS / f"{case.id}.bin").write_bytes(blob)
        scheduler, _, coordinates = case.base.reference
        mistakes = mistakes_of(case)
        measured = {
            f"wrong{field.capitalize()}Db": round(psnr(arrays["picture"], run_source(other, mask)[0]["picture"]), 2)
            for field, (other, mask) in mistakes.items()
        }
        last = run_source(case, error=ERROR)[0]["latents"][-1] - arrays["latents"][-1]
        growth = float(np.linalg.norm(last) / np.linalg.norm(arrays["latents"][-1])) / ERROR
        entry = {
            "id": case.id,
            "request": case.request(),
            "pictureIndex": 0,
            "reference": {
                "pipeline": PIPELINES[case.base.model_id][0 if case.mask is None else 1],
                "scheduler": scheduler,
                "args": case.base.scheduler_args(),
                "stepArgs": case.base.step_args,
            },
            "coordinates": coordinates,
            **told,
            "file": f"{case.id}.bin",
            "tensors": tensors,
            "mistakes": {
                "strength": mistakes["strength"][0].strength,
                "seed": mistakes["seed"][0].base.seed,
            },
            "measured": {**measured, "contrast": round(float(arrays["picture"].std()), 2), "errorGrowth": round(growth, 2)},
        }
        print(case.id, entry["measured"], flush=True)
        entries.append(entry)
    versions = {"diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0]}
    write_json(GOLDENS / "cases.json", {"format": 1, "versions": versions, "cases": entries})
