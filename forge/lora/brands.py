"""The four starter brands: one style of the shared drawings each, over the starter."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from forge.autoencoder import Encoder
from forge.lora.base import known_concepts
from forge.lora.examples import BrandMix, Example, Examples, brand_examples, brand_scenes
from forge.pictures import load_pictures
from forge.scene_captions import caption_of
from forge.training import checkpoint_path, load, save


@dataclass(frozen=True)
class Brand:
    """`style` is a zip of the shared data; `credit` and `licence` are its source's."""

    id: str
    name: str
    style: str
    colour: str
    summary: str
    credit: str
    licence: str


BRANDS = (
    Brand("flat", "Flat", "fluent-flat", "#f0602f", "Flat areas of bright colour.", "Fluent Emoji by Microsoft", "MIT"),
    Brand("line", "Line", "fluent-line", "#23252b", "Bold black line and shape, without colour.", "Fluent Emoji by Microsoft", "MIT"),
    Brand("noto", "Noto", "noto", "#1a73e8", "Rich shading and small true details.", "Noto Emoji by Google", "Apache-2.0"),
    Brand("blob", "Blob", "blob", "#f2b01e", "Rounded, quiet shapes.", "Blobmoji by C1710 and Google", "Apache-2.0"),
)


def brand(id: str) -> Brand:
    return next(b for b in BRANDS if b.id == id)


def examples_of(run: str, style: str, encoder: Encoder, mix: BrandMix = BrandMix(), seed: int = 31) -> Examples:
    """The style's scenes of what the starter knows; their latents are encoded once."""
    pictures, known, path = load_pictures(256), known_concepts(), checkpoint_path(run, f"latents-{style}")
    if kept := load(path):
        scenes = brand_scenes(pictures, style, known, mix, seed)
        return Examples({a: [Example(z, lambda r, s=s: caption_of(s, r)) for z, s in zip(kept[a], scenes[a], strict=True)] for a in kept})
    shown = brand_examples(pictures, style, known, encoder, mix, seed)
    save(path, {a: torch.stack([e.latent for e in group]) for a, group in shown.groups.items()})
    return shown
