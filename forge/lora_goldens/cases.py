"""What is asked of each pipeline with which adapters. Requests are those of the plain goldens, which are the contrast."""

from __future__ import annotations

from dataclasses import dataclass

from forge.tiny.cases import CASES, Case


@dataclass(frozen=True)
class Use:
    """An adapter and its weights: `text` in every text encoder, `denoiser` in the denoiser."""

    adapter: str
    text: float = 1.0
    denoiser: float = 1.0


@dataclass(frozen=True)
class LoraCase:
    id: str
    base: str
    """The plain golden case with the same request."""
    uses: tuple[Use, ...]

    @property
    def case(self) -> Case:
        return next(case for case in CASES if case.id == self.base)


SD, SDXL, FLOW = "tiny-sd-euler", "tiny-sdxl-euler", "tiny-flow-euler"

LORA_CASES = (
    LoraCase("sd-kohya", SD, (Use("tiny-sd-kohya"),)),
    LoraCase("sd-diffusers-old", SD, (Use("tiny-sd-old"),)),
    LoraCase("sd-diffusers", SD, (Use("tiny-sd-diffusers"),)),
    LoraCase("sd-peft", SD, (Use("tiny-sd-peft"),)),
    LoraCase("sd-locon", SD, (Use("tiny-sd-locon"),)),
    LoraCase("sd-negative", SD, (Use("tiny-sd-kohya", -1.0, -1.0),)),
    LoraCase("sd-text-only", SD, (Use("tiny-sd-kohya", 1.5, 0.0),)),
    LoraCase("sd-denoiser-only", SD, (Use("tiny-sd-kohya", 0.0, 0.8),)),
    LoraCase(
        "sd-three",
        SD,
        (Use("tiny-sd-kohya", 0.5, 0.8), Use("tiny-sd-diffusers", 0.6, 0.6), Use("tiny-sd-peft", 0.0, -0.4)),
    ),
    LoraCase("sdxl-ldm", SDXL, (Use("tiny-sdxl-ldm"),)),
    LoraCase("sdxl-kohya", SDXL, (Use("tiny-sdxl-kohya"),)),
    LoraCase("sdxl-diffusers", SDXL, (Use("tiny-sdxl-diffusers"),)),
    LoraCase(
        "sdxl-three",
        SDXL,
        (Use("tiny-sdxl-ldm", 0.5, 0.7), Use("tiny-sdxl-kohya", -0.3, 0.5), Use("tiny-sdxl-diffusers", 0.4, -0.6)),
    ),
    LoraCase("flow-diffusers", FLOW, (Use("tiny-flow-diffusers"),)),
    LoraCase("flow-onetrainer", FLOW, (Use("tiny-flow-onetrainer"),)),
    LoraCase("flow-peft", FLOW, (Use("tiny-flow-peft"),)),
    LoraCase(
        "flow-three",
        FLOW,
        (Use("tiny-flow-diffusers", 0.5, 0.7), Use("tiny-flow-onetrainer", 1.0, -0.5), Use("tiny-flow-peft", 0.0, 0.6)),
    ),
)
