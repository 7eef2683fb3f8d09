"""What an adapter learns from: latents of pictures and the captions that go with them.

A folder has pictures with a `.txt` of the same name beside each. A starter brand has the shared drawings of one style in
the generator's own scenes (forge/scenes.py), so it keeps to the same splits: no held-out pair is among them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from forge.autoencoder import Encoder
from forge.concepts import Concept, genders
from forge.grounds import NEUTRAL_COLOUR
from forge.pictures import Pictures
from forge.scenes import ASPECTS, Scene, render
from forge.steering import DRAWING, FREE, SteeredPlanner, steer_of
from forge.training import say

Caption = Callable[[random.Random], str]
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
SMALLEST = 128
"""Pixels of a picture's shorter side, below which nothing of a style is left to learn."""
BATCH = 16


class BadFolder(ValueError):
    """A sentence for the person who gave the folder."""


@dataclass(frozen=True)
class Example:
    """A latent [12, H, W] in fp16 and the caption it is shown with; of a scene, what its noise is steered by."""

    latent: Tensor
    caption: Caption
    scene: Scene | None = None


class Examples:
    """Examples by aspect; a batch is of one aspect, drawn in proportion. `gaps`: by concept, how far its drawings are from the
    nearest other style's (forge/hardness.py); what has none there counts as a thing of the middle."""

    def __init__(self, groups: dict[str, list[Example]], gaps: dict[str, float] | None = None):
        self.groups = {a: e for a, e in groups.items() if e}
        self.count = sum(map(len, self.groups.values()))
        alone = {a: [e.scene.things[0].concept if e.scene and e.scene.kind == "single" and not e.scene.size else None for e in group] for a, group in self.groups.items()}
        self.concepts = sorted({c for group in alone.values() for c in group if c})
        """What is shown alone in its usual size, of scenes; of a folder's pictures nothing is known."""
        known = [gaps[c] for c in self.concepts if c in gaps] if gaps else []
        middle = float(np.median(known)) if known else 1.0
        self.gaps = torch.tensor([(gaps or {}).get(c, middle) for c in self.concepts])
        index = {c: n for n, c in enumerate(self.concepts)}
        self.named = {a: [index.get(c, -1) for c in group] for a, group in alone.items()}
        self.weigh(torch.ones(len(self.concepts)))

    def weigh(self, hardness: Tensor) -> None:
        """From here on single things are drawn by `hardness` [concepts]; any other example has 1."""
        padded = [*hardness.tolist(), 1.0]
        self.weights = {a: list(itertools.accumulate(padded[n] for n in named)) for a, named in self.named.items()}

    def batch(self, count: int, rng: random.Random) -> tuple[Tensor, list[str], Tensor, Tensor]:
        """Latents [B, 12, H, W], captions, the quantiles of the noise that goes with them [B, 4, 2], and which of `concepts`
        each shows alone [B] (-1: none)."""
        aspect = rng.choices(list(self.groups), [len(e) for e in self.groups.values()])[0]
        chosen = rng.choices(range(len(self.groups[aspect])), cum_weights=self.weights[aspect], k=count)
        examples = [self.groups[aspect][n] for n in chosen]
        captions = [e.caption(rng) for e in examples]
        steer = torch.tensor([steer_of(e.scene, c) for e, c in zip(examples, captions)])
        return torch.stack([e.latent for e in examples]).float(), captions, steer, torch.tensor([self.named[aspect][n] for n in chosen])


@torch.no_grad()
def encode(encoder: Encoder, pictures: Tensor) -> Tensor:
    with torch.autocast("cpu", torch.bfloat16):
        return encoder(pictures.contiguous(memory_format=torch.channels_last)).half().contiguous()


def read_folder(folder: Path) -> list[tuple[Path, str]]:
    """Pictures and their captions, by name; raises BadFolder with what is missing."""
    if not folder.is_dir():
        raise BadFolder(f"{folder} is no folder.")
    pictures = sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES)
    if not pictures:
        raise BadFolder(f"{folder} holds no pictures ({', '.join(s[1:] for s in SUFFIXES)}).")
    bare = [p.name for p in pictures if not p.with_suffix(".txt").exists()]
    if bare:
        raise BadFolder(f"{len(bare)} of {len(pictures)} pictures have no caption: {', '.join(bare[:3])}. Put a .txt of the same name beside each.")
    pairs = [(p, " ".join(p.with_suffix(".txt").read_text(encoding="utf-8", errors="replace").split())) for p in pictures]
    empty = [p.name for p, caption in pairs if not caption]
    if empty:
        raise BadFolder(f"{len(empty)} captions are empty: {', '.join(empty[:3])}.")
    return pairs


def fit_picture(path: Path) -> tuple[str, Tensor]:
    """(aspect, picture [3, H, W] in [-1, 1]): the model's nearest shape, its middle; what is clear gets the neutral ground."""
    try:
        image = Image.open(path).convert("RGBA")
    except (UnidentifiedImageError, OSError) as error:
        raise BadFolder(f"{path.name} cannot be read as a picture.") from error
    if min(image.size) < SMALLEST:
        raise BadFolder(f"{path.name} is {image.width} x {image.height}; the shorter side has to have {SMALLEST} pixels or more.")
    aspect = min(ASPECTS, key=lambda a: abs(np.log(ASPECTS[a][0] / ASPECTS[a][1] * image.height / image.width)))
    width, height = ASPECTS[aspect]
    ground = Image.new("RGBA", image.size, tuple(round(255 * c) for c in NEUTRAL_COLOUR) + (255,))
    image = Image.alpha_composite(ground, image).convert("RGB")
    scale = max(width / image.width, height / image.height)
    image = image.resize((max(width, round(image.width * scale)), max(height, round(image.height * scale))), Image.Resampling.LANCZOS)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    pixels = np.asarray(image.crop((left, top, left + width, top + height)), dtype=np.float32)
    return aspect, torch.from_numpy(pixels).permute(2, 0, 1) / 127.5 - 1


def folder_examples(folder: Path, encoder: Encoder, trigger: str | None) -> Examples:
    """Each picture once, with its caption after the trigger word."""
    groups: dict[str, list[Example]] = {a: [] for a in ASPECTS}
    pairs = read_folder(folder)
    for n, (path, text) in enumerate(pairs):
        aspect, picture = fit_picture(path)
        caption = f"{trigger}, {text}" if trigger else text
        groups[aspect].append(Example(encode(encoder, picture[None])[0], lambda _, caption=caption: caption))
        if n % 50 == 0:
            say("lora", pictures=n, of=len(pairs))
    return Examples(groups)


@dataclass(frozen=True)
class BrandMix:
    """Scenes of a brand: singles of each concept by aspect, and others in all."""

    singles: tuple[tuple[str, int], ...] = (("square", 54), ("wide", 8), ("tall", 8))
    others: tuple[tuple[str, str, int], ...] = (("pair", "square", 2400), ("count", "square", 600), ("place", "square", 400))

    def part_of(self, part: float) -> BrandMix:
        """So much of every number, one at least: for a trial of the recipe."""
        few = lambda n: max(1, round(n * part))  # noqa: E731
        return BrandMix(tuple((a, few(n)) for a, n in self.singles), tuple((kind, a, few(n)) for kind, a, n in self.others))


def in_style(scene: Scene, pictures: Pictures, style: str) -> Scene | None:
    """The same scene drawn in another style, in its default skin tone; None where the style lacks a thing of it."""
    things = []
    for thing in scene.things:
        form = next(i for i, g in genders(thing.concept) if g == thing.gender)
        rows = pictures.by_concept.get((style, form))
        if not rows:
            return None
        things.append(replace(thing, row=rows[0], tone=None))
    # Nor does the noise have a tone to choose.
    return replace(scene, things=tuple(things), steer=(*scene.steer[:DRAWING], FREE) if scene.steer else ())


def brand_scenes(pictures: Pictures, style: str, concepts: tuple[Concept, ...], mix: BrandMix, seed: int) -> dict[str, list[Scene]]:
    planner = SteeredPlanner(pictures, random.Random(seed), concepts)
    drawn = [(a, planner.single(a, c.id)) for a, n in mix.singles for c in concepts for _ in range(n)]
    drawn += [(a, planner.draw(kind, a)) for kind, a, n in mix.others for _ in range(n)]
    scenes: dict[str, list[Scene]] = {a: [] for a in ASPECTS}
    for aspect, scene in drawn:
        if styled := in_style(scene, pictures, style):
            scenes[aspect].append(styled)
    return scenes


def encode_scenes(pictures: Pictures, scenes: list[Scene], encoder: Encoder, label: str, seed: int = 31) -> Tensor | None:
    """Latents of scenes of one aspect; None where there are none."""
    rng, latents = random.Random(seed), []
    for n in range(0, len(scenes), BATCH):
        latents.append(encode(encoder, render(pictures, scenes[n : n + BATCH], rng)))
        if n % 320 == 0:
            say("lora", scenes=label, encoded=n, of=len(scenes))
    return torch.cat(latents) if latents else None
