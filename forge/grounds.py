"""The ground colours a caption can name, and the one a picture has when no ground is named."""

from __future__ import annotations

GROUNDS: dict[str, tuple[float, float, float]] = {
    "white": (1.00, 1.00, 1.00),
    "black": (0.06, 0.06, 0.08),
    "grey": (0.60, 0.60, 0.62),
    "red": (0.86, 0.20, 0.20),
    "orange": (0.98, 0.58, 0.18),
    "yellow": (0.99, 0.85, 0.25),
    "green": (0.30, 0.69, 0.36),
    "blue": (0.22, 0.46, 0.88),
    "purple": (0.54, 0.30, 0.78),
    "pink": (0.98, 0.66, 0.78),
}
"""sRGB in [0, 1]. These ten can be named: `a cat on a blue background`."""

NEUTRAL = "neutral"
NEUTRAL_COLOUR = (0.93, 0.91, 0.87)
"""Soft warm grey: the ground of every caption that names none."""

ALL_GROUNDS: dict[str, tuple[float, float, float]] = {**GROUNDS, NEUTRAL: NEUTRAL_COLOUR}
GROUND_NAMES: list[str] = list(ALL_GROUNDS)
"""Index = class of the evaluator's ground head; the ten that can be named come first."""
