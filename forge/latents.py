"""Latents of the training pictures, encoded once: each allowed (concept, ground) in several small placements.

Only pairs that H2 lets through are ever encoded, so nothing downstream can train on a held-out pair.
Shards let two processes share the work: `python -m forge latents --shard 0/2` and `1/2`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor

from forge.autoencoder import AutoencoderShape, Encoder
from forge.captions import trainable_grounds
from forge.concepts import BASE_STYLE, starter_concepts
from forge.grounds import ALL_GROUNDS
from forge.pictures import Pictures, compose, load_pictures
from forge.training import checkpoint_path, load, save, say, start

PLACEMENTS = 4
PLACEMENTS_PER_TONE = 2
"""People come in the default drawing and five skin tones; each tone gets the same number of placements."""


@dataclass(frozen=True)
class Placement:
    """One training picture: what, where, on what."""

    concept: str
    ground: str
    tone: str | None
    row: int
    scale: float
    shift: tuple[float, float]


def placement_of(rng: random.Random) -> tuple[float, tuple[float, float]]:
    """Object scale about 0.82 of the frame, moved by at most 2 % of it."""
    return rng.uniform(0.79, 0.85), (rng.uniform(-0.02, 0.02), rng.uniform(-0.02, 0.02))


def plan(pictures: Pictures, count: int | None = None, placements: int = PLACEMENTS) -> list[Placement]:
    """The same list for the same data, whatever the shard."""
    rng = random.Random(7)
    out = []
    for concept in starter_concepts(count):
        rows = pictures.by_concept.get((BASE_STYLE, concept.id), [])
        each = placements if len(rows) == 1 else max(1, placements * PLACEMENTS_PER_TONE // PLACEMENTS)
        for ground in trainable_grounds(concept):
            for row in rows:
                for _ in range(each):
                    scale, shift = placement_of(rng)
                    out.append(Placement(concept.id, ground, pictures.entries[row].tone, row, scale, shift))
    return out


def render(pictures: Pictures, placements: list[Placement]) -> Tensor:
    """Pictures of the placements, [B, 3, size, size]."""
    return compose(
        pictures.take([p.row for p in placements]),
        torch.tensor([ALL_GROUNDS[p.ground] for p in placements]),
        torch.tensor([p.scale for p in placements]),
        torch.tensor([p.shift for p in placements]),
    )


def encode(run: str, count: int | None = None, shard: tuple[int, int] = (0, 1), shape: AutoencoderShape = AutoencoderShape(),
           size: int = 256, placements: int = PLACEMENTS) -> None:
    """Encodes one shard; a finished shard is left alone."""
    start(3)
    path = checkpoint_path(run, f"latents-{shard[0]}-of-{shard[1]}")
    if path.exists():
        return
    pictures = load_pictures(size)
    encoder = Encoder(shape)
    encoder.load_state_dict(load(checkpoint_path(run, "autoencoder"))["encoder"])
    encoder = encoder.to(memory_format=torch.channels_last)
    mine = plan(pictures, count, placements)[shard[0] :: shard[1]]
    parts = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for n in range(0, len(mine), 16):
            x = render(pictures, mine[n : n + 16]).contiguous(memory_format=torch.channels_last)
            parts.append(encoder(x).half().contiguous())
            if n % 1600 == 0:
                say("latents", done=n, of=len(mine))
    save(path, {"latents": torch.cat(parts), "concept": [p.concept for p in mine], "ground": [p.ground for p in mine], "tone": [p.tone or "" for p in mine]})


class Latents:
    """All shards, looked up by (concept, ground). `draw` is the training sampler: it can only yield trainable pairs."""

    NEUTRAL_SHARE = 0.25

    def __init__(self, shards: list[dict]):
        self.values = torch.cat([s["latents"] for s in shards])
        self.tones = [t or None for s in shards for t in s["tone"]]
        self.rows: dict[str, dict[str, list[int]]] = {}
        names = [(c, g) for s in shards for c, g in zip(s["concept"], s["ground"])]
        for n, (concept, ground) in enumerate(names):
            self.rows.setdefault(concept, {}).setdefault(ground, []).append(n)
        self.concepts = sorted(self.rows)

    @classmethod
    def of_run(cls, run: str) -> Latents:
        paths = sorted(checkpoint_path(run, "latents").parent.glob("latents-*-of-*.pt"))
        return cls([load(p) for p in paths])

    def draw(self, rng: random.Random) -> tuple[str, str, str | None, int]:
        """(concept, ground, tone, row): concepts evenly, a quarter of them on the neutral ground, tones evenly."""
        concept = rng.choice(self.concepts)
        grounds = self.rows[concept]
        named = [g for g in grounds if g != "neutral"]
        ground = "neutral" if rng.random() < self.NEUTRAL_SHARE or not named else rng.choice(named)
        row = rng.choice(grounds[ground])
        return concept, ground, self.tones[row], row
