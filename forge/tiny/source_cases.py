"""What is asked of the tiny pipelines when they start from a picture: with a strength, and with a mask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from forge.tiny.cases import Case
from forge.tiny.models import SIDE_PX

Bytes = NDArray[np.uint8]

SHA = {"init": "1" * 64, "mask": "2" * 64}
"""Stand for the files that the studio would keep; the tests hand their pixels over."""
CROPPED_PX = 128
"""Side of the picture of which only a part is drawn."""


@dataclass(frozen=True)
class SourceCase:
    base: Case
    strength: float
    mask: str | None = None
    """A name of `masks`; None is image to image."""
    padding: int | None = None
    """Only the masked area, with so much around it."""

    @property
    def id(self) -> str:
        return self.base.id

    @property
    def side(self) -> int:
        return SIDE_PX if self.padding is None else CROPPED_PX

    def init(self) -> Bytes:
        return picture(self.side)

    def mask_bytes(self) -> Bytes | None:
        return None if self.mask is None else masks(self.side)[self.mask]

    def request(self) -> dict[str, Any]:
        """The studio's GenerateRequest."""
        init: dict[str, Any] = {"sha256": SHA["init"], "strength": self.strength, "fit": "stretch"}
        if self.mask is not None:
            only = None if self.padding is None else {"paddingPx": self.padding}
            init["mask"] = {"sha256": SHA["mask"], "content": "original", "blurPx": 0, "onlyMasked": only}
        return {**self.base.request(), "init": init}


def picture(side: int) -> Bytes:
    """Stripes, a disc and a slope of colours: something at every frequency that the networks see."""
    y, x = np.mgrid[0:side, 0:side] / side
    disc = (x - 0.6) ** 2 + (y - 0.4) ** 2 < 0.06
    stripes = np.sin(x * 19) * np.sin(y * 7) > 0
    channels = (200 * x + 55 * disc, 180 * y + 60 * stripes, 255 * (1 - x) * (1 - y) + 120 * disc)
    return np.clip(np.stack(channels, axis=-1), 0, 255).round().astype(np.uint8)


def masks(side: int) -> dict[str, Bytes]:
    """Whole cells of the latent, in which the reference's way to make a mask small is the studio's too."""
    none = np.zeros((side, side), np.uint8)
    block, other = none.copy(), none.copy()
    if side == SIDE_PX:
        block[8:56, 16:64] = 255
        block[24:32, 24:40] = 0
        other[:, :24] = 255
    else:
        # 72 of 96 pixels: six cells of eight where 96 become 64.
        block[36:108, 24:96] = 255
        other[12:84, 48:120] = 255
    return {"block": block, "other": other}


def _case(name: str, model: str, sampler: str, schedule: str, seed: int, steps: int, guidance: float, **more: Any) -> Case:
    return Case(f"{model}-{name}", model, sampler, schedule, seed, steps, guidance, **more)


def _sd(name: str, sampler: str, schedule: str, seed: int, strength: float, steps: int = 8, **more: Any) -> SourceCase:
    return SourceCase(_case(f"img2img-{name}", "tiny-sd", sampler, schedule, seed, steps, 7.0, **more), strength)


def _paint(
    name: str, model: str, sampler: str, schedule: str, seed: int, strength: float, steps: int = 8,
    guidance: float = 7.0, padding: int | None = None,
) -> SourceCase:
    return SourceCase(_case(f"inpaint-{name}", model, sampler, schedule, seed, steps, guidance), strength, "block", padding)


SOURCE_CASES: tuple[SourceCase, ...] = (
    _sd("euler", "euler", "normal", 61, 0.7),
    _sd("euler-a", "euler-a", "normal", 62, 0.8),
    _sd("heun", "heun", "karras", 63, 0.75),
    _sd("ddim", "ddim", "leading", 64, 0.8),
    _sd("dpmpp-2m", "dpmpp-2m", "karras", 65, 0.6),
    _sd("dpmpp-sde", "dpmpp-sde", "karras", 66, 0.75),
    _sd("unipc", "unipc", "normal", 67, 0.7),
    _sd("lcm", "lcm", "normal", 68, 0.75, steps=4),
    _sd("tcd", "tcd", "normal", 69, 0.75, steps=4, step_args={"eta": 0.3}),
    _sd("whole", "euler", "trailing", 70, 1.0, steps=5),
    SourceCase(_case("img2img-euler", "tiny-sdxl", "euler", "normal", 71, 6, 6.0), 0.7),
    SourceCase(_case("img2img-euler", "tiny-flow", "flow-euler", "normal", 72, 5, 4.0), 0.7),
    SourceCase(_case("img2img-heun", "tiny-flow", "heun", "normal", 73, 5, 4.0), 0.6),
    SourceCase(_case("img2img-dpmpp-2m", "tiny-flow", "dpmpp-2m", "normal", 74, 5, 4.0), 0.8),
    SourceCase(_case("img2img-guided", "tiny-lcm", "lcm", "normal", 75, 4, 8.0, negative=""), 0.75),
    _paint("euler", "tiny-sd", "euler", "normal", 81, 0.75),
    _paint("euler-a", "tiny-sd", "euler-a", "normal", 82, 0.8),
    _paint("heun", "tiny-sd", "heun", "normal", 83, 0.7, steps=6),
    _paint("ddim", "tiny-sd", "ddim", "leading", 84, 0.8),
    _paint("dpmpp-2m", "tiny-sd", "dpmpp-2m", "karras", 85, 0.75),
    _paint("dpmpp-sde", "tiny-sd", "dpmpp-sde", "karras", 86, 0.75),
    _paint("unipc", "tiny-sd", "unipc", "normal", 87, 0.75),
    _paint("lcm", "tiny-sd", "lcm", "normal", 88, 0.75, steps=4),
    _paint("whole", "tiny-sd", "euler", "normal", 89, 1.0, steps=6),
    _paint("only-masked", "tiny-sd", "euler", "normal", 90, 0.8, padding=12),
    _paint("euler", "tiny-sdxl", "euler", "normal", 91, 0.75, steps=6, guidance=6.0),
    _paint("euler", "tiny-flow", "flow-euler", "normal", 92, 0.8, steps=5, guidance=4.0),
    _paint("heun", "tiny-flow", "heun", "normal", 93, 0.8, steps=5, guidance=4.0),
)
