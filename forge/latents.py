"""Latents of the training scenes, planned from one seed and encoded once.

A plan never holds a pair that a split keeps back (forge/scenes.py), so nothing downstream can train on one. The plan is
the same for the same data; shards let two processes share the encoding: `python -m forge latents --shard 0/2`, `1/2`.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, fields

import torch
from torch import Tensor

from forge.autoencoder import AutoencoderShape, Encoder
from forge.concepts import Concept, vocabulary
from forge.pictures import Pictures, load_pictures
from forge.scenes import ASPECTS, Scene, Thing, everyday, render
from forge.steering import SteeredPlanner
from forge.training import checkpoint_path, load, save, say, start

BATCH = 16


@dataclass(frozen=True)
class Mix:
    """How many scenes of each kind a plan has; singles are counted per concept, so that each is shown, `drawing` are more of
    them for each drawing of a concept that has several (genders, skin tones), and `sized` more for each concept and each size
    that a caption may name in that aspect."""

    single: dict[str, int]
    pair: dict[str, int]
    count: dict[str, int]
    hue: dict[str, int]
    place: dict[str, int]
    drawing: dict[str, int]
    sized: dict[str, int]


FULL_MIX = Mix(
    single={"square": 14, "wide": 3, "tall": 3},
    pair={"square": 5000, "wide": 3000, "tall": 2000},
    count={"square": 1800, "wide": 800, "tall": 600},
    hue={"square": 3000, "wide": 400, "tall": 400},
    place={"square": 1000, "wide": 500, "tall": 500},
    drawing={"square": 4, "wide": 1, "tall": 1},
    sized={"square": 4, "wide": 2, "tall": 2},
)


def part_of(mix: Mix, part: float) -> Mix:
    """So much of every number, one at least: the whole recipe can be tried with few scenes."""
    return Mix(**{f.name: {aspect: max(1, round(n * part)) for aspect, n in getattr(mix, f.name).items()} for f in fields(mix)})


SIZES = {"square": ("big", "small"), "wide": ("small",), "tall": ("small",)}
"""A big thing has no room in the others."""


def plan(pictures: Pictures, mix: Mix = FULL_MIX, concepts: tuple[Concept, ...] | None = None, seed: int = 7) -> dict[str, list[Scene]]:
    """Scenes by aspect; the same list for the same data, whatever the shard."""
    concepts = concepts or vocabulary()
    planner = SteeredPlanner(pictures, random.Random(seed), concepts)
    scenes: dict[str, list[Scene]] = {a: [] for a in ASPECTS}
    for aspect in ASPECTS:
        for concept in concepts:
            scenes[aspect] += [planner.single(aspect, concept.id) for _ in range(mix.single[aspect])]
        for kind in ("pair", "count", "hue", "place"):
            scenes[aspect] += [planner.draw(kind, aspect) for _ in range(getattr(mix, kind)[aspect])]
    for aspect in ASPECTS:
        for concept in planner.concepts:
            if len(rows := planner.rows[concept]) > 1:
                scenes[aspect] += [planner.single(aspect, concept) for _ in range(mix.drawing[aspect] * len(rows))]
    for aspect in ASPECTS:
        for concept in concepts:
            scenes[aspect] += [planner.single(aspect, concept.id, size) for size in SIZES[aspect] for _ in range(mix.sized[aspect])]
    return scenes


def to_row(scene: Scene) -> dict:
    return {**asdict(scene), "things": [asdict(t) for t in scene.things]}


def from_row(row: dict) -> Scene:
    things = tuple(Thing(**{**t, "centre": tuple(t["centre"])}) for t in row["things"])
    steer = tuple(tuple(part) for part in row["steer"])
    return Scene(**{f.name: row[f.name] for f in fields(Scene) if f.name not in ("things", "steer")}, things=things, steer=steer)


def encode(run: str, shard: tuple[int, int] = (0, 1), mix: Mix = FULL_MIX, concepts: tuple[Concept, ...] | None = None,
           shape: AutoencoderShape = AutoencoderShape(), size: int = 256, seed: int = 7) -> None:
    """Encodes one shard; a finished shard is left alone. `size` is that of the cached drawings."""
    start(3)
    path = checkpoint_path(run, f"latents-{shard[0]}-of-{shard[1]}")
    if path.exists():
        return
    pictures, rng = load_pictures(size), random.Random(shard[0])
    encoder = Encoder(shape)
    encoder.load_state_dict(load(checkpoint_path(run, "autoencoder"))["encoder"])
    encoder = encoder.to(memory_format=torch.channels_last)
    kept = {}
    for aspect, scenes in plan(pictures, mix, concepts, seed).items():
        mine, parts = scenes[shard[0] :: shard[1]], []
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for n in range(0, len(mine), BATCH):
                x = render(pictures, mine[n : n + BATCH], rng).contiguous(memory_format=torch.channels_last)
                parts.append(encoder(x).half().contiguous())
                if n % 1600 == 0:
                    say("latents", aspect=aspect, done=n, of=len(mine))
        kept[aspect] = {"latents": torch.cat(parts), "scenes": [to_row(s) for s in mine]}
    save(path, kept)


class Latents:
    """All shards. `draw` is the training sampler: it can only yield what was planned."""

    KIND_SHARES = {"single": 0.38, "sized": 0.02, "pair": 0.35, "count": 0.12, "hue": 0.08, "place": 0.05}
    """How often each kind is drawn, where a caller has no shares of its own. Things of a size that is told are a kind here: each is
    a picture of its own that its usual size does not teach, and by share of the singles alone they were met too seldom."""

    def __init__(self, shards: list[dict], count: int | None = None):
        """`count` keeps the singles of the vocabulary's first concepts alone (scenes hold everyday things anyway)."""
        taught, common = {c.id for c in vocabulary()[:count]}, set(everyday())
        self.values: dict[str, Tensor] = {}
        self.scenes: dict[str, list[Scene]] = {}
        self.groups: dict[str, dict[str, list[int]]] = {}
        self.singles: dict[str, dict[str, list[int]]] = {}
        self.sized: dict[str, dict[str, list[int]]] = {}
        for aspect in shards[0]:
            self.values[aspect] = torch.cat([s[aspect]["latents"] for s in shards])
            self.scenes[aspect] = [from_row(r) for s in shards for r in s[aspect]["scenes"]]
            groups = self.groups.setdefault(aspect, {})
            for n, scene in enumerate(self.scenes[aspect]):
                if scene.kind in ("pair", "count") and any(t.concept not in common for t in scene.things):
                    continue
                if scene.kind != "single":
                    groups.setdefault(scene.kind, []).append(n)
                elif (concept := scene.things[0].concept) in taught:
                    kind, of = ("sized", self.sized) if scene.size else ("single", self.singles)
                    groups.setdefault(kind, []).append(n)
                    of.setdefault(aspect, {}).setdefault(concept, []).append(n)
        # A thing that chance has shown in told sizes alone is drawn in these: a few scenes leave that open.
        for aspect, sized in self.sized.items():
            self.singles[aspect] = sized | self.singles.get(aspect, {})
        self.concepts = sorted(self.singles["square"])

    @classmethod
    def of_run(cls, run: str, count: int | None = None) -> Latents:
        paths = sorted(checkpoint_path(run, "latents").parent.glob("latents-*-of-*.pt"))
        return cls([load(p) for p in paths], count)

    def draw(self, aspect: str, rng: random.Random, weights: list[float] | None = None, shares: dict[str, float] | None = None) -> int:
        """A scene's index: kinds by their shares, singles by concept (evenly, or by cumulative `weights` over `concepts`)."""
        kinds = {k: s for k, s in (shares or self.KIND_SHARES).items() if k in self.groups[aspect]}
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == "single":
            concept = rng.choices(self.concepts, cum_weights=weights)[0] if weights else rng.choice(self.concepts)
            return rng.choice(self.singles[aspect][concept])
        if kind == "sized":
            return rng.choice(self.sized[aspect][rng.choice(list(self.sized[aspect]))])
        return rng.choice(self.groups[aspect][kind])
