"""Which walks are traced: every sampler on every schedule that its path has, at 1 to 20 steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Noise = dict[str, Any]
"""A manifest's `noise` (src/core/models/manifest.ts), key for key."""

DIFFUSION_SAMPLERS = ["euler", "euler-a", "heun", "ddim", "dpmpp-2m", "dpmpp-sde", "unipc", "lcm", "tcd"]
FLOW_SAMPLERS = ["flow-euler", "heun", "dpmpp-2m", "dpmpp-sde", "unipc", "lcm"]
FLOW_SCHEDULES = ["normal", "karras", "exponential", "simple", "sgm-uniform", "trailing"]
SCHEDULES = [*FLOW_SCHEDULES, "leading"]
STEPS = [1, 2, 4, 8, 20]


@dataclass(frozen=True)
class Case:
    sampler: str
    schedule: str
    noise: Noise
    steps: int


def diffusion(prediction: str = "epsilon", beta: str = "scaled_linear", zero_snr: bool = False) -> Noise:
    """Stable Diffusion's settings unless told otherwise: an offset of 1, and a walk that ends at the first timestep."""
    ends = (0.00085, 0.012) if beta == "scaled_linear" else (0.0001, 0.02)
    return {
        "path": "diffusion", "prediction": prediction, "trainTimesteps": 1000,
        "betaStart": ends[0], "betaEnd": ends[1], "betaSchedule": beta,
        "rescaleZeroSnr": zero_snr, "stepsOffset": 1, "finalAlphaOne": zero_snr,
    }


def flow(prediction: str = "v_prediction", shift: float = 3.0) -> Noise:
    return {"path": "flow", "prediction": prediction, "trainTimesteps": 1000, "shift": shift}


def cases() -> Iterator[Case]:
    for sampler in DIFFUSION_SAMPLERS:
        for steps in STEPS:
            for schedule in SCHEDULES:
                yield Case(sampler, schedule, diffusion(), steps)
            # Zero terminal SNR starts where nothing is left of the data: the schedules that do start there.
            for schedule in ["trailing", "normal"]:
                yield Case(sampler, schedule, diffusion("v_prediction", zero_snr=True), steps)
        for steps in [1, 4, 20]:
            for schedule in ["normal", "karras", "trailing"]:
                yield Case(sampler, schedule, diffusion("v_prediction"), steps)
                yield Case(sampler, schedule, diffusion("sample"), steps)
        for schedule in ["normal", "karras", "exponential", "leading"]:
            yield Case(sampler, schedule, diffusion(beta="linear"), 8)
            yield Case(sampler, schedule, diffusion("v_prediction", beta="squaredcos_cap_v2"), 8)
    for sampler in FLOW_SAMPLERS:
        for steps in STEPS:
            for schedule in FLOW_SCHEDULES:
                yield Case(sampler, schedule, flow(), steps)
        for steps in [1, 4, 20]:
            yield Case(sampler, "normal", flow("sample"), steps)
            yield Case(sampler, "trailing", flow(shift=1.0), steps)
