"""The held-out splits H1 to H8, fixed by hash before any training. Never change a line that decides membership.

A key is a set of words; its place is the sha256 of the sorted words, so the order of a pair cannot matter.
The training samplers ask `is_held_out` and never yield what it names; tests hold them to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache

from forge.concepts import is_core, starter_lines
from forge.paths import ROOT

SALT = "forge-splits-1"
SHARES = {"H1": 0.10, "H2": 0.10, "H3": 0.10, "H4": 0.15}
CONTROL_COUNT = 40
HELD_OUT_RELATIONS = ("left of", "on top of", "under")
"""H5: relation paraphrases no caption is trained with."""
CAPTIONER_RENDER = {"scale": (0.55, 0.70), "shift": (0.15, 0.25)}
"""H7: object scale and shift (shares of the frame) the captioner never sees in training."""
CAPTIONER_UNSEEN_STYLE = "blob"
"""H8: the style the captioner never sees in training."""


def place(split: str, *key: str) -> float:
    """A number in [0, 1) that depends on the split and on the unordered key alone."""
    text = "|".join([SALT, split, *sorted(key)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64


def is_held_out(split: str, *key: str) -> bool:
    """H1 (object, object), H2 (concept, ground), H3 (concept, count), H4 (concept, hue): may this never be trained?"""
    return place(split, *key) < SHARES[split]


def derive_controls(ids: Iterable[str]) -> list[str]:
    """How controls.txt was made: of all core ids outside the starter list, the 40 with the lowest hashes."""
    starter = {i for i, _ in starter_lines()}
    return sorted((i for i in ids if is_core(i) and i not in starter), key=lambda i: place("H6", i))[:CONTROL_COUNT]


@lru_cache(maxsize=1)
def control_concepts() -> tuple[str, ...]:
    """H6: the 40 concepts no generator is ever trained on (the committed list)."""
    return tuple((ROOT / "controls.txt").read_text().split())
