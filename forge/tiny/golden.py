"""Runs the reference pipelines and writes down every number that the studio must arrive at.

`cases.json` says what was asked and where the numbers lie; one little-endian file per case holds them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from math import inf
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import DiffusionPipeline
from numpy.typing import NDArray

from forge.paths import REPO
from forge.tiny.cases import CASES, OTHER_SAMPLER, WRONG_PROMPT, Case
from forge.tiny.manifest import write_json
from forge.tiny.models import DOWNSCALE, SIDE_PX, T5_TOKENS, build_pipeline

GOLDENS = REPO / "e2e" / "goldens" / "pipelines"
MAX_SEED = 2**32 - 1
ERROR = 1e-6

Arrays = dict[str, NDArray[Any]]


@cache
def pipeline_of(model_id: str) -> DiffusionPipeline:
    return build_pipeline(model_id)


def run_case(case: Case, error: float = 0.0) -> tuple[Arrays, dict[str, Any]]:
    """The numbers of a case and what the scheduler told. `error` disturbs the initial noise by so much."""
    pipeline = pipeline_of(case.model_id)
    scheduler = pipeline.scheduler = case.build_scheduler()
    generator = torch.Generator("cpu").manual_seed((case.seed + case.picture) % (MAX_SEED + 1))
    channels = pipeline.vae.config.latent_channels
    noise = torch.randn((1, channels, SIDE_PX // DOWNSCALE, SIDE_PX // DOWNSCALE), generator=generator)
    start = noise + error * torch.randn(noise.shape, generator=torch.Generator("cpu").manual_seed(1))
    walk: list[torch.Tensor] = []

    def record(_pipeline: object, _step: int, _timestep: object, tensors: dict[str, torch.Tensor]) -> dict[str, Any]:
        walk.append(tensors["latents"].clone())
        return tensors

    asked: dict[str, Any] = {"guidance_scale": case.guidance, **case.step_args}
    # The reference zeroes an absent negative prompt where its model wants that; an empty one it encodes.
    absent = case.model_id == "tiny-sdxl" and case.negative == ""
    if case.model_id != "tiny-lcm":
        asked["negative_prompt"] = None if absent else case.negative
    if case.rescale:
        asked["guidance_rescale"] = case.rescale
    picture = pipeline(
        case.prompt,
        **asked,
        num_inference_steps=case.steps,
        height=SIDE_PX,
        width=SIDE_PX,
        latents=start,
        generator=generator,
        output_type="np",
        callback_on_step_end=record,
    ).images[0]
    latents = torch.cat(walk)
    if case.sampler == "heun":
        # Two evaluations a step, one at the last: keep where each step ends.
        latents = torch.cat([latents[1::2], latents[-1:]])
    assert len(latents) == case.steps
    arrays = {
        "noise": noise.numpy(),
        **embeddings_of(case, None if absent else case.negative),
        "latents": latents.numpy(),
        "picture": (picture * 255).round().astype(np.uint8),
    }
    sigmas = getattr(scheduler, "sigmas", None)
    if sigmas is not None and case.sampler == "heun":
        sigmas = torch.cat([sigmas[:1], sigmas[1::2]])
    told = {
        "initNoiseSigma": float(scheduler.init_noise_sigma) if hasattr(scheduler, "init_noise_sigma") else 1.0,
        "timesteps": [float(t) for t in scheduler.timesteps],
        "sigmas": None if sigmas is None else [float(sigma) for sigma in sigmas],
    }
    return arrays, told


def embeddings_of(case: Case, negative: str | None) -> Arrays:
    """What the denoiser is fed: `text`, `pooled` and, where there is guidance, their negative counterparts."""
    pipeline = pipeline_of(case.model_id)
    common = {"device": "cpu", "num_images_per_prompt": 1, "do_classifier_free_guidance": True}
    with torch.no_grad():
        if case.model_id == "tiny-flow":
            found = pipeline.encode_prompt(
                prompt=case.prompt,
                prompt_2=None,
                prompt_3=None,
                negative_prompt=negative,
                max_sequence_length=T5_TOKENS,
                **common,
            )
        else:
            found = pipeline.encode_prompt(prompt=case.prompt, negative_prompt=negative, **common)
    names = ("text", "negativeText", "pooled", "negativePooled")
    arrays = {name: tensor.numpy() for name, tensor in zip(names, found, strict=False) if tensor is not None}
    if case.model_id == "tiny-lcm":
        del arrays["negativeText"]
    return arrays


def mistakes_of(case: Case) -> dict[str, Case]:
    """The three mistakes that a test must see: another seed, another prompt, another sampler."""
    others = {"flow-euler": "heun"} if case.model_id == "tiny-flow" else OTHER_SAMPLER
    wrong_sampler = others.get(case.sampler, "flow-euler" if case.model_id == "tiny-flow" else "euler")
    mistakes = {
        "seed": replace(case, seed=(case.seed + 1) % (MAX_SEED + 1)),
        "prompt": replace(case, prompt=WRONG_PROMPT),
    }
    if case.model_id != "tiny-lcm":  # whose pipeline takes no other
        mistakes["sampler"] = replace(case, sampler=wrong_sampler, step_args={})
    return mistakes


def measure(case: Case, arrays: Arrays) -> dict[str, float]:
    """How sharp the case is as a test: its contrast, how far three mistakes fall, how an error grows."""
    found = {
        f"wrong{field.capitalize()}Db": psnr(arrays["picture"], run_case(mistake)[0]["picture"])
        for field, mistake in mistakes_of(case).items()
    }
    disturbed, _ = run_case(case, error=ERROR)
    growth = np.linalg.norm(disturbed["latents"][-1] - arrays["latents"][-1]) / np.linalg.norm(arrays["latents"][-1])
    return {
        "contrast": round(float(arrays["picture"].std()), 2),
        **{name: round(value, 2) for name, value in found.items()},
        "errorGrowth": round(float(growth) / ERROR, 2),
    }


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio of two 8-bit pictures, in dB."""
    error = np.square(a.astype(np.float64) - b.astype(np.float64)).mean()
    return inf if error == 0 else float(10 * np.log10(255**2 / error))


def write_goldens(folder: Path = GOLDENS, cases: Iterable[Case] = CASES) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.bin"):
        old.unlink()
    entries = []
    for case in cases:
        arrays, told = run_case(case)
        blob, tensors = bytearray(), {}
        for name, array in arrays.items():
            tensors[name] = {
                "type": "uint8" if array.dtype == np.uint8 else "float32",
                "shape": list(array.shape),
                "offsetBytes": len(blob),
            }
            blob += np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
        (folder / f"{case.id}.bin").write_bytes(blob)
        scheduler, _, coordinates = case.reference
        entry = {
            "id": case.id,
            "request": case.request(),
            "pictureIndex": case.picture,
            **({} if case.prediction is None else {"noise": {"prediction": case.prediction}}),
            "reference": {
                "pipeline": type(pipeline_of(case.model_id)).__name__,
                "scheduler": scheduler,
                "args": case.scheduler_args(),
                "stepArgs": case.step_args,
            },
            "coordinates": coordinates,
            **told,
            "file": f"{case.id}.bin",
            "tensors": tensors,
            "mistakes": {name: mistake.request()[name] for name, mistake in mistakes_of(case).items()},
            "measured": measure(case, arrays),
        }
        print(case.id, entry["measured"], flush=True)
        entries.append(entry)
    versions = {"diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0]}
    write_json(folder / "cases.json", {"format": 1, "versions": versions, "cases": entries})


def read_goldens(folder: Path, entry: dict[str, Any]) -> Arrays:
    """The arrays of one entry of `cases.json`."""
    blob = (folder / entry["file"]).read_bytes()
    arrays = {}
    for name, tensor in entry["tensors"].items():
        kind = np.dtype(tensor["type"]).newbyteorder("<")
        count = int(np.prod(tensor["shape"]))
        arrays[name] = np.frombuffer(blob, kind, count, tensor["offsetBytes"]).reshape(tensor["shape"])
    return arrays
