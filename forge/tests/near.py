"""Recorded numbers beside those of this machine: a CPU with other vector instructions rounds the last bits otherwise."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np

NEAR = 1e-4
"""Of the largest number beside it."""


def same_tensor(found: Any, expected: Any) -> bool:
    """Are both the same float32 tensor in base64, but for rounding?"""
    try:
        a, b = (np.frombuffer(base64.b64decode(x, validate=True), "<f4") for x in (found, expected))
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and bool(np.isfinite(a).all()) and bool(np.abs(a - b).max(initial=0) <= NEAR * np.abs(b).max(initial=0))


def apart(found: Any, expected: Any, place: str = "") -> Iterator[str]:
    """Where two JSON values differ: text, whole numbers and pixels in anything, floats and tensors by more than `NEAR`."""
    if isinstance(expected, dict) and isinstance(found, dict) and found.keys() == expected.keys():
        for key in expected:
            yield from apart(found[key], expected[key], f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        size = max((abs(v) for v in expected if isinstance(v, float)), default=1.0)
        for n, (a, b) in enumerate(zip(found, expected)):
            if isinstance(a, float) and isinstance(b, float):
                if not abs(a - b) <= NEAR * size:
                    yield f"{place}[{n}]: {a} is not {b}"
            else:
                yield from apart(a, b, f"{place}[{n}]")
    elif isinstance(expected, float) and isinstance(found, float):
        if not abs(found - expected) <= NEAR * max(1.0, abs(expected)):
            yield f"{place}: {found} is not {expected}"
    elif found != expected and not same_tensor(found, expected):
        yield f"{place}: {str(found)[:40]} is not {str(expected)[:40]}"
