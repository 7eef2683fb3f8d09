"""The manifest of a tiny pipeline, as the studio reads it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from diffusers import DiffusionPipeline

from forge.tiny.models import DIFFUSION, FLOW_SHIFT, GUIDANCE_WIDTH, SIDE_PX, T5_TOKENS
from forge.tiny.parts import Part
from forge.tiny.vocabulary import END, START, WINDOW, vocabulary

SIZE = {"widthPx": SIDE_PX, "heightPx": SIDE_PX}

COMMON: dict[str, Any] = {
    "format": 1,
    "summary": "Random weights in the real shape, for tests: it draws noise, the same noise everywhere.",
    "licence": {"spdx": "CC0-1.0", "plain": "Random numbers; do with them what you like."},
    "sizes": {"default": SIZE, "multiplePx": SIDE_PX, "minPx": SIDE_PX, "maxPx": SIDE_PX, "only": [SIZE]},
}
DIFFUSION_NOISE = {
    "path": "diffusion",
    "prediction": "epsilon",
    "trainTimesteps": DIFFUSION["num_train_timesteps"],
    "betaStart": DIFFUSION["beta_start"],
    "betaEnd": DIFFUSION["beta_end"],
    "betaSchedule": DIFFUSION["beta_schedule"],
}
STABLE_DIFFUSION_NOISE = {**DIFFUSION_NOISE, "stepsOffset": 1, "finalAlphaOne": False}
FREE = {"kind": "classifier-free", "max": 20}

BY_MODEL: dict[str, dict[str, Any]] = {
    "tiny-sd": {
        "name": "Tiny Stable Diffusion",
        "family": "tiny-sd",
        "noise": STABLE_DIFFUSION_NOISE,
        "guidance": {**FREE, "default": 7},
        "conditioning": {"pooled": "none"},
        "steps": {"default": 6, "min": 1, "max": 50},
        "samplers": {"default": "euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-sdxl": {
        "name": "Tiny Stable Diffusion XL",
        "family": "tiny-sdxl",
        "noise": STABLE_DIFFUSION_NOISE,
        "guidance": {**FREE, "default": 6},
        "conditioning": {"pooled": "last", "timeIds": True, "zeroForEmptyNegative": True},
        "steps": {"default": 5, "min": 1, "max": 50},
        "samplers": {"default": "euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-flow": {
        "name": "Tiny Stable Diffusion 3",
        "family": "tiny-flow",
        "noise": {
            "path": "flow",
            "prediction": "v_prediction",
            "trainTimesteps": 1000,
            "shift": FLOW_SHIFT,
        },
        "guidance": {**FREE, "default": 4},
        "conditioning": {"pooled": "join", "appendZeroTokens": T5_TOKENS},
        "steps": {"default": 6, "min": 1, "max": 50},
        "samplers": {"default": "flow-euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-lcm": {
        "name": "Tiny Latent Consistency",
        "family": "tiny-sd",
        "noise": {**DIFFUSION_NOISE, "stepsOffset": 0, "finalAlphaOne": True},
        "guidance": {"kind": "embedded", "form": "sinusoidal", "width": GUIDANCE_WIDTH, "default": 8, "max": 14},
        "conditioning": {"pooled": "none"},
        "steps": {"default": 4, "min": 1, "max": 8},
        "samplers": {"default": "lcm", "only": ["lcm"]},
        "schedules": {"default": "normal", "only": ["normal"]},
    },
}

EXTRA_INPUTS = {
    "text_embeds": "pooled",
    "pooled_projections": "pooled",
    "time_ids": "timeIds",
    "timestep_cond": "guidance",
}


def build_manifest(model_id: str, pipeline: DiffusionPipeline, parts: list[Part], folder: Path) -> dict[str, Any]:
    """Describes the files that already lie in `folder`."""
    ids, _ = vocabulary()
    by_name = {part.name: part for part in parts}
    denoiser = by_name.get("unet") or by_name["transformer"]
    encoders = [part for part in parts if part.name.startswith("text_encoder")]
    settings = {key: dict(value) if isinstance(value, dict) else value for key, value in BY_MODEL[model_id].items()}
    conditioning = settings.pop("conditioning")
    if getattr(pipeline, "transformer", None) is not None:
        conditioning["padFeaturesTo"] = pipeline.transformer.config.joint_attention_dim
    tokenizers, text_encoders = {}, []
    for part in encoders:
        tokenizer = part.name.replace("text_encoder", "tokenizer")
        tokenizers[tokenizer] = {
            "tokenizer": f"{tokenizer}/tokenizer.json",
            "config": f"{tokenizer}/tokenizer_config.json",
            "window": WINDOW,
            "startId": ids[START],
            "endId": ids[END],
            "padId": getattr(pipeline, tokenizer).pad_token_id,
        }
        hidden = [name for name in part.outputs if name.startswith("hidden_states.")]
        entry = {"part": part.name, "tokenizer": tokenizer, "embeddings": hidden[0] if hidden else "last_hidden_state"}
        if "text_embeds" in part.outputs:
            entry["pooled"] = "text_embeds"
        text_encoders.append(entry)
    sample, timestep, text, *extra = denoiser.inputs
    config = pipeline.vae.config
    variant = {"id": "fp32", "compute": "float32"}
    return {
        **COMMON,
        "id": model_id,
        **settings,
        "latent": {
            "channels": config.latent_channels,
            "downscale": 2 ** (len(config.block_out_channels) - 1),
            "scale": config.scaling_factor,
            "shift": config.shift_factor or 0,
        },
        "tokenizers": tokenizers,
        "textEncoders": text_encoders,
        "conditioning": conditioning,
        "denoiser": {
            "part": denoiser.name,
            "inputs": {
                "sample": sample,
                "timestep": timestep,
                "text": text,
                **{EXTRA_INPUTS[name]: name for name in extra},
            },
            "output": denoiser.outputs[0],
        },
        "decoder": {"part": "vae_decoder", "input": "latent_sample", "output": "sample"},
        "encoder": {"part": "vae_encoder", "input": "sample", "output": "latent_sample"},
        "parts": {
            part.name: {
                "variants": [
                    {
                        **variant,
                        "graph": f"{part.name}/model.onnx",
                        "weights": [f"{part.name}/model.onnx_data"],
                    }
                ]
            }
            for part in parts
        },
        "files": _describe_files(folder),
    }


def _describe_files(folder: Path) -> dict[str, Any]:
    return {
        str(path.relative_to(folder)): {
            "sizeBytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
