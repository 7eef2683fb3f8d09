"""What is asked of each tiny pipeline, and which reference scheduler answers.

Two decisions: `dpmpp-sde` is DPMSolverMultistepScheduler's `sde-dpmsolver++` of order 2, whose noise comes from the
seed's own stream (DPMSolverSDEScheduler wants a Brownian tree); `tcd` walks with eta 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import diffusers
from diffusers import SchedulerMixin

from forge.tiny.models import DIFFUSION, FLOW_SHIFT, SIDE_PX

PROMPT = "a red house on a snowy hill"
NEGATIVE = "blurry noise, bad text"
WRONG_PROMPT = "blue night sea under the stars"

STABLE_DIFFUSION = {**DIFFUSION, "steps_offset": 1}
SPACING = {
    "normal": {"timestep_spacing": "linspace"},
    "leading": {"timestep_spacing": "leading"},
    "trailing": {"timestep_spacing": "trailing"},
    "karras": {"timestep_spacing": "linspace", "use_karras_sigmas": True},
    "exponential": {"timestep_spacing": "linspace", "use_exponential_sigmas": True},
}
CONSISTENCY = {"clip_sample": False, "set_alpha_to_one": True}
SAMPLERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "euler": ("EulerDiscreteScheduler", {}, "ve"),
    "euler-a": ("EulerAncestralDiscreteScheduler", {}, "ve"),
    "heun": ("HeunDiscreteScheduler", {}, "ve"),
    "ddim": ("DDIMScheduler", {"clip_sample": False, "set_alpha_to_one": False}, "vp"),
    "dpmpp-2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++", "solver_order": 2}, "vp"),
    "dpmpp-sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++", "solver_order": 2}, "vp"),
    "unipc": ("UniPCMultistepScheduler", {"solver_order": 2}, "vp"),
    "lcm": ("LCMScheduler", CONSISTENCY, "vp"),
    "tcd": ("TCDScheduler", CONSISTENCY, "vp"),
}
"""Sampler id: the reference class, its own arguments, and the coordinates that it keeps latents in."""
FLOW_SAMPLERS: dict[str, tuple[str, dict[str, Any], str]] = {
    "flow-euler": ("FlowMatchEulerDiscreteScheduler", {"shift": FLOW_SHIFT}, "flow"),
    "heun": ("FlowMatchHeunDiscreteScheduler", {"shift": FLOW_SHIFT}, "flow"),
    "dpmpp-2m": (
        "DPMSolverMultistepScheduler",
        {"use_flow_sigmas": True, "flow_shift": FLOW_SHIFT, "prediction_type": "flow_prediction"},
        "flow",
    ),
}
"""The same on the flow path."""
OTHER_SAMPLER = {
    "euler": "heun",
    "ddim": "dpmpp-2m",
    "dpmpp-2m": "dpmpp-sde",
    "dpmpp-sde": "dpmpp-2m",
    "unipc": "heun",
    "tcd": "heun",
}
"""The wrong sampler of the contrast check, where it is not Euler. (DDIM and Euler walk the same line.)"""


@dataclass(frozen=True)
class Case:
    id: str
    model_id: str
    sampler: str
    schedule: str
    seed: int
    steps: int
    guidance: float
    rescale: float = 0.0
    prompt: str = PROMPT
    negative: str = NEGATIVE
    prediction: str | None = None
    """In place of the manifest's `noise.prediction`."""
    picture: int = 0
    """Index in the request's batch; its seed is seed + index."""
    step_args: dict[str, Any] = field(default_factory=dict)

    def request(self) -> dict[str, Any]:
        """The studio's GenerateRequest."""
        return {
            "modelId": self.model_id,
            "prompt": self.prompt,
            "negativePrompt": self.negative,
            "seed": self.seed,
            "steps": self.steps,
            "sampler": self.sampler,
            "schedule": self.schedule,
            "guidanceScale": self.guidance,
            "guidanceRescale": self.rescale,
            "widthPx": SIDE_PX,
            "heightPx": SIDE_PX,
            "count": self.picture + 1,
        }

    @property
    def reference(self) -> tuple[str, dict[str, Any], str]:
        """The entry of SAMPLERS or FLOW_SAMPLERS."""
        return (FLOW_SAMPLERS if self.model_id == "tiny-flow" else SAMPLERS)[self.sampler]

    def scheduler_args(self) -> dict[str, Any]:
        name, own, coordinates = self.reference
        if coordinates == "flow":
            return own
        spacing = {} if self.sampler in ("lcm", "tcd") else SPACING[self.schedule]
        base = DIFFUSION if self.model_id == "tiny-lcm" else STABLE_DIFFUSION
        args = {**base, **own, **spacing}
        assert name != "EulerAncestralDiscreteScheduler" or "use_karras_sigmas" not in args
        return args if self.prediction is None else {**args, "prediction_type": self.prediction}

    def build_scheduler(self) -> SchedulerMixin:
        return getattr(diffusers, self.reference[0])(**self.scheduler_args())


def _sd(name: str, sampler: str, schedule: str, seed: int, steps: int = 6, guidance: float = 7.0, **more: Any) -> Case:
    return Case(f"tiny-sd-{name}", "tiny-sd", sampler, schedule, seed, steps, guidance, **more)


def _sdxl(
    name: str, sampler: str, schedule: str, seed: int, steps: int = 5, guidance: float = 6.0, **more: Any
) -> Case:
    return Case(f"tiny-sdxl-{name}", "tiny-sdxl", sampler, schedule, seed, steps, guidance, **more)


CASES: tuple[Case, ...] = (
    _sd("euler", "euler", "normal", 7),
    _sd("euler-karras", "euler", "karras", 8),
    _sd("euler-exponential", "euler", "exponential", 9),
    _sd("euler-leading", "euler", "leading", 10),
    _sd("euler-a", "euler-a", "normal", 11),
    _sd("heun", "heun", "normal", 12, steps=4),
    _sd("ddim", "ddim", "leading", 13, guidance=7.5),
    _sd("dpmpp-2m", "dpmpp-2m", "normal", 14, steps=5),
    _sd("dpmpp-2m-karras", "dpmpp-2m", "karras", 15, steps=8),
    _sd("dpmpp-sde", "dpmpp-sde", "karras", 16),
    _sd("unipc", "unipc", "normal", 17),
    _sd("lcm", "lcm", "normal", 18, steps=4, guidance=5.0),
    _sd("tcd", "tcd", "normal", 19, steps=4, guidance=5.0, step_args={"eta": 0.3}),
    _sd("v-prediction", "euler", "trailing", 20, prediction="v_prediction"),
    # Five steps divide the training timesteps: the reference's DDIM otherwise steps to a timestep beside the next.
    _sd("sample-prediction", "ddim", "trailing", 21, steps=5, guidance=3.0, prediction="sample"),
    _sd("rescale", "euler", "normal", 22, guidance=9.0, rescale=0.7),
    _sd("empty-negative", "euler", "normal", 23, negative=""),
    _sd("unguided", "dpmpp-2m", "trailing", 24, steps=4, guidance=1.0),
    _sd("second-picture", "euler", "normal", 4_294_967_295, picture=1),
    _sdxl("euler", "euler", "normal", 31),
    _sdxl("dpmpp-2m-karras", "dpmpp-2m", "karras", 32, steps=4, guidance=4.0),
    _sdxl("empty-negative", "euler", "trailing", 33, negative=""),
    Case("tiny-flow-euler", "tiny-flow", "flow-euler", "normal", 41, 4, 4.0),
    Case("tiny-flow-unguided", "tiny-flow", "flow-euler", "normal", 42, 4, 1.0),
    Case("tiny-flow-heun", "tiny-flow", "heun", "normal", 43, 4, 4.0),
    Case("tiny-flow-dpmpp-2m", "tiny-flow", "dpmpp-2m", "normal", 44, 5, 4.0),
    Case("tiny-lcm-guided", "tiny-lcm", "lcm", "normal", 51, 4, 8.0, negative=""),
    Case("tiny-lcm-gentle", "tiny-lcm", "lcm", "normal", 52, 2, 1.5, negative=""),
)
