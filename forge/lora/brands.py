"""The four starter brands: one style of the shared drawings each, over the starter.

They are taught on the everyday things (forge/scenes.py) alone: a brand draws each thing anew, so each needs its exposures,
and real drawings of these are what the pinned judge knows best. How far a style reaches beyond them is measured.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass

from forge.autoencoder import Encoder
from forge.concepts import BASE_STYLE, STYLES, Concept
from forge.lora.base import known_concepts
from forge.lora.examples import BrandMix, Example, Examples, brand_scenes, encode, encode_scenes, in_style
from forge.pictures import Pictures, load_pictures
from forge.scene_captions import caption_of
from forge.scenes import everyday, render
from forge.steering import SteeredPlanner
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
    rank: int


BRANDS = (
    Brand("flat", "Flat", "fluent-flat", "#f0602f", "Flat areas of bright colour.", "Fluent Emoji by Microsoft", "MIT", rank=12),
    Brand("line", "Line", "fluent-line", "#23252b", "Bold black line and shape, without colour.", "Fluent Emoji by Microsoft", "MIT", rank=12),
    Brand("noto", "Noto", "noto", "#1a73e8", "Rich shading and small true details.", "Noto Emoji by Google", "Apache-2.0", rank=16),
    Brand("blob", "Blob", "blob", "#f2b01e", "Rounded, quiet shapes.", "Blobmoji by C1710 and Google", "Apache-2.0", rank=16),
)


def brand(id: str) -> Brand:
    return next(b for b in BRANDS if b.id == id)


def taught() -> tuple[Concept, ...]:
    """What brands are taught on, of what the starter knows."""
    common = set(everyday())
    return tuple(c for c in known_concepts() if c.id in common)


GAP_SCENES = 2
"""Scenes that a gap is the mean of: what differs between two drawings differs on every ground."""


def gaps_of(pictures: Pictures, style: str, concepts: tuple[Concept, ...], encoder: Encoder, seed: int = 3) -> dict[str, float]:
    """Concept -> mean squared distance of its latents in `style` from the nearest other style's of the same scenes."""
    planner, gaps = SteeredPlanner(pictures, random.Random(seed), concepts), {}
    for c in concepts:
        scenes = [planner.single("square", c.id) for _ in range(GAP_SCENES)]
        drawn = {s: [scene if s == BASE_STYLE else in_style(scene, pictures, s) for scene in scenes] for s in STYLES}
        # One seed for all, so that what chance adds to a rendered scene is no difference of styles.
        latents = {s: encode(encoder, render(pictures, styled, random.Random(seed))).float() for s, styled in drawn.items() if all(styled)}
        if style in latents and len(latents) > 1:
            gaps[c.id] = min(float((latents[s] - latents[style]).pow(2).mean()) for s in latents if s != style)
    return gaps


def examples_of(run: str, style: str, encoder: Encoder, mix: BrandMix = BrandMix(), seed: int = 31) -> Examples:
    """The style's scenes of the everyday things; their latents are encoded once, and kept under the scenes' own hash."""
    pictures = load_pictures(256)
    scenes = brand_scenes(pictures, style, taught(), mix, seed)
    path = checkpoint_path(run, f"latents-{style}-{hashlib.sha256(repr(scenes).encode()).hexdigest()[:12]}")
    kept = load(path)
    if kept is None:
        kept = {a: t for a, group in scenes.items() if (t := encode_scenes(pictures, group, encoder, f"{style} {a}")) is not None}
        save(path, kept)
    gaps = gaps_of(pictures, style, taught(), encoder)
    return Examples({a: [Example(z, lambda r, s=s: caption_of(s, r), s) for z, s in zip(kept[a], scenes[a], strict=True)] for a in kept}, gaps)
