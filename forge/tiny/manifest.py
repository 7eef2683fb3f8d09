"""What the manifest of a tiny pipeline says otherwise than its shape would: names, and the defaults of the tests."""

from __future__ import annotations

from typing import Any

from forge.convert.manifest import FREE, write_json
from forge.tiny.models import GUIDANCE_WIDTH

__all__ = ["about", "write_json"]

COMMON: dict[str, Any] = {
    "summary": "Random weights in the real shape, for tests: it draws noise, the same noise everywhere.",
    "licence": {"spdx": "CC0-1.0", "plain": "Random numbers; do with them what you like."},
}
BY_MODEL: dict[str, dict[str, Any]] = {
    "tiny-sd": {
        "name": "Tiny Stable Diffusion",
        "family": "tiny-sd",
        "guidance": {**FREE, "default": 7},
        "steps": {"default": 6, "min": 1, "max": 50},
        "samplers": {"default": "euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-sdxl": {
        "name": "Tiny Stable Diffusion XL",
        "family": "tiny-sdxl",
        "guidance": {**FREE, "default": 6},
        "steps": {"default": 5, "min": 1, "max": 50},
        "samplers": {"default": "euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-flow": {
        "name": "Tiny Stable Diffusion 3",
        "family": "tiny-flow",
        "guidance": {**FREE, "default": 4},
        "steps": {"default": 6, "min": 1, "max": 50},
        "samplers": {"default": "flow-euler"},
        "schedules": {"default": "normal"},
    },
    "tiny-lcm": {
        "name": "Tiny Latent Consistency",
        "family": "tiny-sd",
        "guidance": {"kind": "embedded", "form": "sinusoidal", "width": GUIDANCE_WIDTH, "default": 8, "max": 14},
        "steps": {"default": 4, "min": 1, "max": 8},
        "samplers": {"default": "lcm", "only": ["lcm"]},
        "schedules": {"default": "normal", "only": ["normal"]},
    },
}


def about(model_id: str) -> dict[str, Any]:
    return {"id": model_id, **COMMON, **BY_MODEL[model_id]}
