"""The manifest of a converted pipeline, as src/core/models/manifest.ts reads it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from diffusers import DiffusionPipeline

from forge.convert.parts import Part, latent_side, vae_downscale
from forge.convert.tokenizers import describe_tokenizer

T5_TOKENS = 256
"""Zero tokens that SD3 appends where its T5 is absent (the pipeline's max_sequence_length)."""

EXTRA_INPUTS = {
    "text_embeds": "pooled",
    "pooled_projections": "pooled",
    "time_ids": "timeIds",
    "timestep_cond": "guidance",
}
SAMPLERS = {
    "DDIMScheduler": "ddim",
    "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "euler-a",
    "HeunDiscreteScheduler": "heun",
    "DPMSolverMultistepScheduler": "dpmpp-2m",
    "DPMSolverSDEScheduler": "dpmpp-sde",
    "UniPCMultistepScheduler": "unipc",
    "LCMScheduler": "lcm",
    "TCDScheduler": "tcd",
    "FlowMatchEulerDiscreteScheduler": "flow-euler",
    "FlowMatchHeunDiscreteScheduler": "heun",
}
SPACINGS = {"leading": "leading", "trailing": "trailing"}
FREE = {"kind": "classifier-free", "max": 20}
Variants = dict[str, list[dict[str, Any]]]
"""Part -> its forms, in order of preference."""


def build_manifest(
    pipeline: DiffusionPipeline, parts: list[Part], variants: Variants, folder: Path, about: dict[str, Any]
) -> dict[str, Any]:
    """Describes the files that already lie in `folder`. `about` has id, name, summary and licence, and whatever else
    shall differ from what follows from the pipeline."""
    by_name = {part.name: part for part in parts}
    denoiser = by_name.get("unet") or by_name["transformer"]
    tokenizers, text_encoders = {}, []
    for part in parts:
        if not part.name.startswith("text_encoder"):
            continue
        tokenizer = part.name.replace("text_encoder", "tokenizer")
        window = getattr(pipeline, part.name).config.max_position_embeddings
        tokenizers[tokenizer] = describe_tokenizer(tokenizer, getattr(pipeline, tokenizer), window)
        hidden = [name for name in part.outputs if name.startswith("hidden_states.")]
        entry = {"part": part.name, "tokenizer": tokenizer, "embeddings": hidden[0] if hidden else "last_hidden_state"}
        if "text_embeds" in part.outputs:
            entry["pooled"] = "text_embeds"
        text_encoders.append(entry)
    sample, timestep, text, *extra = denoiser.inputs
    config = pipeline.vae.config
    side = latent_side(pipeline) * vae_downscale(pipeline)
    size = {"widthPx": side, "heightPx": side}
    return {
        "format": 1,
        "sizes": {"default": size, "multiplePx": side, "minPx": side, "maxPx": side, "only": [size]},
        "family": _family(pipeline),
        "noise": describe_noise(pipeline),
        **_walk(pipeline, extra),
        "latent": {
            "channels": config.latent_channels,
            "downscale": vae_downscale(pipeline),
            "scale": config.scaling_factor,
            "shift": config.shift_factor or 0,
        },
        "tokenizers": tokenizers,
        "textEncoders": text_encoders,
        "conditioning": _conditioning(pipeline, extra),
        "denoiser": {
            "part": denoiser.name,
            "inputs": {"sample": sample, "timestep": timestep, "text": text, **{EXTRA_INPUTS[name]: name for name in extra}},
            "output": denoiser.outputs[0],
        },
        "decoder": {"part": "vae_decoder", "input": "latent_sample", "output": "sample"},
        "encoder": {"part": "vae_encoder", "input": "sample", "output": "latent_parameters"},
        "parts": {name: {"variants": forms} for name, forms in variants.items()},
        **about,
        "files": describe_files(folder),
    }


def describe_noise(pipeline: DiffusionPipeline) -> dict[str, Any]:
    """The noise path of the pipeline's scheduler. Raises ValueError for settings that the studio cannot walk."""
    config = pipeline.scheduler.config
    common = {"trainTimesteps": config["num_train_timesteps"]}
    if type(pipeline.scheduler).__name__.startswith("FlowMatch"):
        return {"path": "flow", "prediction": "v_prediction", **common, "shift": config["shift"]}
    if config.get("trained_betas") is not None:
        raise ValueError("The scheduler has a table of betas of its own (trained_betas), which the studio cannot walk.")
    if config["beta_schedule"] not in ("linear", "scaled_linear", "squaredcos_cap_v2"):
        raise ValueError(f"The studio does not know the beta schedule {config['beta_schedule']}.")
    return {
        "path": "diffusion",
        "prediction": config.get("prediction_type", "epsilon"),
        **common,
        "betaStart": config["beta_start"],
        "betaEnd": config["beta_end"],
        "betaSchedule": config["beta_schedule"],
        "rescaleZeroSnr": config.get("rescale_betas_zero_snr", False),
        "stepsOffset": config.get("steps_offset", 0),
        "finalAlphaOne": config.get("set_alpha_to_one", True),
    }


def _walk(pipeline: DiffusionPipeline, extra: list[str]) -> dict[str, Any]:
    """Sampler, schedule, steps and guidance, as the studio's own recogniser reads them of a repository."""
    config, name = pipeline.scheduler.config, type(pipeline.scheduler).__name__
    sampler = SAMPLERS.get(name, "euler")
    trailing = config.get("timestep_spacing") == "trailing"
    few = trailing and name.startswith("Euler") and not config.get("rescale_betas_zero_snr")
    few = few and config.get("prediction_type", "epsilon") == "epsilon"
    if "timestep_cond" in extra:
        return {
            "steps": {"default": 4, "min": 1, "max": 8},
            "samplers": {"default": "lcm", "only": ["lcm"]},
            "schedules": {"default": "normal", "only": ["normal"]},
            "guidance": {"kind": "embedded", "form": "sinusoidal", "width": pipeline.unet.config.time_cond_proj_dim, "default": 8, "max": 14},
        }
    consistency = sampler in ("lcm", "tcd")
    flow = name.startswith("FlowMatch")
    schedule = "normal" if consistency else "karras" if config.get("use_karras_sigmas") else SPACINGS.get(config.get("timestep_spacing"), "normal")
    steps = {"default": 4, "min": 1, "max": 8} if few or consistency else {"default": 28 if flow else 20, "min": 1, "max": 50 if flow else 100}
    scale = 1 if consistency else 4.5 if flow else 6 if getattr(pipeline, "text_encoder_2", None) is not None else 7
    return {
        "steps": steps,
        "samplers": {"default": sampler},
        "schedules": {"default": schedule},
        "guidance": {"kind": "distilled"} if few else {**FREE, "default": scale},
    }


def _conditioning(pipeline: DiffusionPipeline, extra: list[str]) -> dict[str, Any]:
    if getattr(pipeline, "transformer", None) is not None:
        width = pipeline.transformer.config.joint_attention_dim
        return {"pooled": "join", "appendZeroTokens": T5_TOKENS, "padFeaturesTo": width}
    if "text_embeds" in extra:
        zeros = bool(pipeline.config.get("force_zeros_for_empty_prompt"))
        return {"pooled": "last", "timeIds": "time_ids" in extra, "zeroForEmptyNegative": zeros}
    return {"pooled": "none"}


def _family(pipeline: DiffusionPipeline) -> str:
    """Adapters fit where the text is as wide and the network of the same make."""
    if getattr(pipeline, "transformer", None) is not None:
        return f"sd3-{pipeline.transformer.config.joint_attention_dim}"
    width = pipeline.unet.config.cross_attention_dim
    if getattr(pipeline, "text_encoder_2", None) is not None:
        return "stable-diffusion-xl" if width == 2048 else f"unet-xl-{width}"
    return {768: "stable-diffusion-1", 1024: "stable-diffusion-2"}.get(width, f"unet-{width}")


def describe_files(folder: Path) -> dict[str, Any]:
    """Size and hash of every file but the manifest itself."""
    return {
        path.relative_to(folder).as_posix(): {"sizeBytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
