"""Colours of objects: which drawings have one hue that can be turned, and the turning itself."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

from forge.concepts import BASE_STYLE, starter_concepts
from forge.pictures import load_pictures

HUES: dict[str, float] = {"red": 0, "orange": 30, "yellow": 52, "green": 125, "blue": 215, "purple": 275, "pink": 330}
"""Degrees of the hue circle. Pink is a pale one: its saturation is lowered as well."""
HUE_NAMES = list(HUES)
PINK_SATURATION = 0.6
_NEAR = 28.0
_NOT_TURNED = ("Smileys & Emotion", "People & Body")


def to_hsv(rgb: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hue in degrees, saturation and value in [0, 1], each [B, H, W], of rgb [B, 3, H, W] in [0, 1]."""
    value, top = rgb.max(1)
    span = value - rgb.min(1).values
    r, g, b = rgb.unbind(1)
    safe = span.clamp(min=1e-6)
    hue = torch.where(top == 0, (g - b) / safe, torch.where(top == 1, (b - r) / safe + 2, (r - g) / safe + 4)) * 60
    return hue % 360, span / value.clamp(min=1e-6), value


def from_hsv(hue: Tensor, saturation: Tensor, value: Tensor) -> Tensor:
    """The inverse of `to_hsv`: [B, 3, H, W]."""
    def channel(offset: float) -> Tensor:
        k = (offset + hue / 60) % 6
        return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)

    return torch.stack([channel(5), channel(3), channel(1)], 1)


def distance(a: Tensor | float, b: Tensor | float) -> Tensor:
    """Degrees between two hues along the shorter way."""
    return (torch.as_tensor(a - b) + 180).remainder(360).sub(180).abs()


@lru_cache(maxsize=1)
def own_hues() -> dict[str, float]:
    """Id -> own hue of every starter concept whose drawing has one strong hue: at least 45 % of it is coloured, and 80 % of that
    within 28 degrees of the mean."""
    pictures, found = load_pictures(80), {}
    for concept in starter_concepts():
        if concept.group in _NOT_TURNED:
            continue
        rgba = pictures.take(pictures.by_concept[(BASE_STYLE, concept.id)][:1])
        opaque = rgba[:, 3] > 0.5
        hue, saturation, value = to_hsv(rgba[:, :3] / rgba[:, 3:].clamp(min=1e-3))
        coloured = opaque & (saturation > 0.35) & (value > 0.25)
        if coloured.sum() < 0.45 * opaque.sum():
            continue
        angle = torch.deg2rad(hue[coloured])
        mean = float(torch.rad2deg(torch.atan2(angle.sin().mean(), angle.cos().mean())) % 360)
        if (distance(hue[coloured], mean) < _NEAR).float().mean() >= 0.8:
            found[concept.id] = mean
    return found


def hues_of(concept_id: str) -> list[str]:
    """Hues this concept may be asked for: all but its own and its neighbours' on the circle."""
    own = own_hues().get(concept_id)
    return [] if own is None else [h for h, degrees in HUES.items() if float(distance(degrees, own)) > _NEAR]


def turn(rgba: Tensor, own: Tensor, target: list[str]) -> Tensor:
    """Premultiplied drawings [B, 4, H, W] with their hue turned from `own` [B] degrees to the named ones."""
    alpha = rgba[:, 3:].clamp(min=1e-3)
    hue, saturation, value = to_hsv((rgba[:, :3] / alpha).clamp(0, 1))
    goal = torch.tensor([HUES[t] for t in target])
    scale = torch.tensor([PINK_SATURATION if t == "pink" else 1.0 for t in target])
    turned = from_hsv((hue + (goal - own)[:, None, None]) % 360, saturation * scale[:, None, None], value)
    return torch.cat([turned * alpha, rgba[:, 3:]], 1)
