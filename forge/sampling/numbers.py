"""Numbers on their way to JSON and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch


def rounded(values: torch.Tensor) -> list[float]:
    """Eight significant digits: under a float32's own rounding."""
    return [float(f"{value:.8g}") for value in values.flatten().double().tolist()]


def differences(found: Any, expected: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ by more than rounding: 2e-5 of the largest number beside it; of sines of angles up to 7500 in
    float32, whose last bit there is 5e-4, 1e-3."""
    if is_numbers(found) and is_numbers(expected) and len(found) == len(expected):
        size = max((abs(value) for value in expected), default=0.0)
        worst = max((abs(a - b) for a, b in zip(found, expected)), default=0.0)
        if not worst <= (1e-3 if place.endswith(".embedding") else 2e-5) * size:
            yield f"{place}: off by {worst:.2g} of {size:.2g}"
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for index, (a, b) in enumerate(zip(found, expected)):
            yield from differences(a, b, f"{place}[{index}]")
    elif isinstance(found, dict) and isinstance(expected, dict) and found.keys() == expected.keys():
        for key in expected:
            yield from differences(found[key], expected[key], f"{place}.{key}")
    elif found != expected:
        yield f"{place}: not the same"


def is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, float | int) for item in value)
