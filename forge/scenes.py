"""Composed scenes: what is in the picture, where, on what; and the pictures themselves.

A scene is a plan that knows the truth; its caption is written from the plan (forge/scene_captions.py), so a caption is
exact by construction. Plans are drawn from a seed and never hold what a split keeps back: H1 pairs of things, H2 (thing,
ground), H3 (thing, count), H4 (thing, hue), H6 controls.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor

from forge.concepts import BASE_STYLE, Concept, genders, starter_concepts, vocabulary
from forge.grounds import ALL_GROUNDS, GROUNDS, NEUTRAL
from forge.hues import hues_of, own_hues, turn
from forge.pictures import Pictures, place
from forge.splits import is_held_out

ASPECTS: dict[str, tuple[int, int]] = {"square": (256, 256), "wide": (320, 192), "tall": (192, 320)}
"""Name -> (width, height) in pixels; all have 240 to 256 latent cells."""
PLACES = ("on grass", "on a beach", "in the snow", "in the night sky")
KINDS = ("single", "pair", "count", "hue", "place")
RELATIONS = ("left", "right", "above", "below", "next", "and")
EVERYDAY = 200
"""Scenes of several things are made of the first so many of the starter list alone: relations are learned sooner over
fewer objects."""


@dataclass(frozen=True)
class Thing:
    """One drawing in a scene. `row` is its place in the pictures, centre and side are pixels of the canvas."""

    concept: str
    row: int
    tone: str | None
    gender: str | None
    centre: tuple[float, float]
    side: float
    hue: str | None = None


@dataclass(frozen=True)
class Scene:
    """`relation` is where the first thing is, seen from the second. `size` is a word the caption may use. `form` is which
    of its fixed forms a place on the ground has (None: drawn by chance); `steer` is forge/steering.py's."""

    kind: str
    aspect: str
    things: tuple[Thing, ...]
    ground: str
    relation: str | None = None
    size: str | None = None
    form: int | None = None
    steer: tuple[tuple[float, float], ...] = ()


@lru_cache(maxsize=1)
def everyday() -> tuple[str, ...]:
    """Ids of the things that scenes are made of."""
    return tuple(c.id for c in starter_concepts() if c.group not in ("Symbols", "Flags"))[:EVERYDAY]


def grounds_for(*concepts: str) -> list[str]:
    """Named grounds on which none of these is held back (H2)."""
    return [g for g in GROUNDS if not any(is_held_out("H2", c, g) for c in concepts)]


class Planner:
    """Draws scenes. `weights[id]` is how often a concept is drawn among the singles (1 where it is not named)."""

    NEUTRAL_SHARE = 0.25

    def __init__(self, pictures: Pictures, rng: random.Random, concepts: tuple[Concept, ...] | None = None, weights: dict[str, float] | None = None):
        self.rng = rng
        self.concepts = [c.id for c in (concepts or vocabulary())]
        self.cumulative = list(_running(weights.get(c, 1.0) if weights else 1.0 for c in self.concepts))
        known = set(self.concepts)
        self.everyday = [c for c in everyday() if c in known]
        self.hued = [c for c in own_hues() if c in known and any(not is_held_out("H4", c, h) for h in hues_of(c))]
        self.rows: dict[str, list[tuple[int, str | None, str | None]]] = {}
        for c in self.concepts:
            self.rows[c] = [(row, pictures.entries[row].tone, g) for i, g in genders(c) for row in pictures.by_concept.get((BASE_STYLE, i), [])]

    def any_concept(self) -> str:
        return self.rng.choices(self.concepts, cum_weights=self.cumulative)[0]

    def _thing(self, concept: str, centre: tuple[float, float], side: float, hue: str | None = None, row: tuple | None = None) -> Thing:
        row, tone, gender = row or self.drawing(concept)
        jitter = lambda: self.rng.uniform(-0.02, 0.02) * side  # noqa: E731
        return Thing(concept, row, tone, gender, (centre[0] + jitter(), centre[1] + jitter()), side * self.rng.uniform(0.97, 1.03), hue)

    def drawing(self, concept: str) -> tuple[int, str | None, str | None]:
        """(row, tone, gender): genders evenly, then tones evenly."""
        rows = self.rows[concept]
        gender = self.rng.choice(sorted({g or "" for _, _, g in rows})) or None
        return self.rng.choice([r for r in rows if r[2] == gender])

    def ground(self, *concepts: str) -> str:
        named = grounds_for(*concepts)
        return NEUTRAL if not named or self.rng.random() < self.NEUTRAL_SHARE else self.rng.choice(named)

    def single(self, aspect: str, concept: str | None = None) -> Scene:
        concept = concept or self.any_concept()
        width, height = ASPECTS[aspect]
        draw, size, share = self.rng.random(), None, 0.82 if aspect == "square" else 0.88
        if draw < 0.08:
            size, share = ("small", 0.5) if draw < 0.04 else ("big", 0.96)
        thing = self._thing(concept, (width / 2, height / 2), share * min(width, height))
        return Scene("single", aspect, (thing,), self.ground(concept), size=size)

    def hue(self, aspect: str) -> Scene:
        concept = self.rng.choice(self.hued)
        hue = self.rng.choice([h for h in hues_of(concept) if not is_held_out("H4", concept, h)])
        width, height = ASPECTS[aspect]
        thing = self._thing(concept, (width / 2, height / 2), (0.82 if aspect == "square" else 0.88) * min(width, height), hue)
        # A thing on a ground of its own colour teaches nothing.
        grounds = [g for g in grounds_for(concept) if g != hue]
        ground = NEUTRAL if self.rng.random() < 0.4 or not grounds else self.rng.choice(grounds)
        return Scene("hue", aspect, (thing,), ground)

    def place(self, aspect: str) -> Scene:
        concept = self.rng.choice(self.everyday)
        width, height = ASPECTS[aspect]
        thing = self._thing(concept, (width / 2, height * 0.55), 0.72 * min(width, height))
        return Scene("place", aspect, (thing,), self.rng.choice(PLACES))

    def pair(self, aspect: str) -> Scene:
        while True:
            a, b = self.rng.sample(self.everyday, 2)
            if not is_held_out("H1", a, b):
                break
        upright = aspect == "tall" or aspect == "square" and self.rng.random() < 0.5
        first, second = pair_places(aspect, upright)
        turned = self.rng.random() < 0.5
        side = 0.46 * min(max(ASPECTS[aspect]), 2 * min(ASPECTS[aspect]))
        things = (self._thing(a, second if turned else first, side), self._thing(b, first if turned else second, side))
        exact = ("below" if turned else "above") if upright else ("right" if turned else "left")
        loose = "and" if upright else self.rng.choice(("next", "and"))
        relation = exact if self.rng.random() < 0.75 else loose
        return Scene("pair", aspect, things, self.ground(a, b), relation)

    def count(self, aspect: str) -> Scene:
        while True:
            concept, number = self.rng.choice(self.everyday), self.rng.choice((2, 3, 4))
            if not is_held_out("H3", concept, str(number)):
                break
        row = self.drawing(concept)
        places, side = count_places(aspect, number)
        return Scene("count", aspect, tuple(self._thing(concept, p, side, row=row) for p in places), self.ground(concept))

    def draw(self, kind: str, aspect: str) -> Scene:
        make: dict[str, Callable[[str], Scene]] = {"single": self.single, "pair": self.pair, "count": self.count, "hue": self.hue, "place": self.place}
        return make[kind](aspect)


def _running(values):
    total = 0.0
    for v in values:
        total += v
        yield total


def pair_places(aspect: str, upright: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """Centres of two things: (left, right) or (above, below)."""
    width, height = ASPECTS[aspect]
    if upright:
        return (width / 2, height * 0.26), (width / 2, height * 0.74)
    return (width * 0.26, height / 2), (width * 0.74, height / 2)


def count_places(aspect: str, number: int) -> tuple[list[tuple[float, float]], float]:
    """Centres and side of two to four copies."""
    width, height = ASPECTS[aspect]
    if number == 2:
        return list(pair_places(aspect, aspect == "tall")), 0.46 * min(max(width, height), 2 * min(width, height))
    if aspect == "square":
        rows = [1, 2] if number == 3 else [2, 2]
        places = [(width * (0.5 if n == 1 else 0.26 + 0.48 * k), height * (0.26 + 0.48 * r)) for r, n in enumerate(rows) for k in range(n)]
        return places, 0.44 * width
    along = [(k + 0.5) / number for k in range(number)]
    side = 0.94 / number * max(width, height)
    if aspect == "wide":
        return [(width * x, height / 2) for x in along], min(side, 0.8 * height)
    return [(width / 2, height * y) for y in along], min(side, 0.8 * width)


def paint_ground(name: str, width: int, height: int, rng: random.Random) -> Tensor:
    """A ground [3, H, W] in [0, 1]: a flat colour, or one of the places."""
    colour = lambda *rgb: torch.tensor(rgb).view(3, 1, 1)  # noqa: E731
    if name in ALL_GROUNDS:
        return colour(*ALL_GROUNDS[name]).expand(3, height, width).clone()
    y = torch.linspace(0, 1, height).view(1, height, 1).expand(1, height, width)
    horizon = rng.uniform(0.58, 0.66)
    wave = 0.02 * torch.sin(torch.linspace(0, rng.uniform(4, 8), width) + rng.uniform(0, 6)).view(1, 1, width)
    edge = ((y - horizon - wave) * height / 2).sigmoid()
    if name == "on grass":
        above, below = colour(0.62, 0.84, 0.98).lerp(colour(0.86, 0.95, 1.0), y), colour(0.45, 0.76, 0.33).lerp(colour(0.24, 0.56, 0.24), (y - horizon).clamp(0, 1) * 2)
    elif name == "on a beach":
        sea = ((y - horizon + 0.16) * height / 2).sigmoid()
        above = colour(0.60, 0.86, 0.99).lerp(colour(0.14, 0.60, 0.80), sea)
        below = colour(0.98, 0.89, 0.67).lerp(colour(0.93, 0.78, 0.52), (y - horizon).clamp(0, 1) * 2)
    elif name == "in the snow":
        above, below = colour(0.70, 0.82, 0.93).lerp(colour(0.86, 0.92, 0.98), y), colour(0.98, 0.99, 1.0).lerp(colour(0.86, 0.91, 0.97), (y - horizon).clamp(0, 1) * 2)
    else:
        sky = colour(0.05, 0.07, 0.22).lerp(colour(0.20, 0.18, 0.42), y).clone()
        xs, ys = torch.arange(width).view(1, width), torch.arange(height).view(height, 1)
        for _ in range(26):
            cx, cy, r = rng.uniform(0, width), rng.uniform(0, height), rng.uniform(0.8, 2.2)
            glow = torch.exp(-((xs - cx) ** 2 + (ys - cy) ** 2) / (r * r))
            sky = sky + glow * (1 - sky)
        return sky
    return above * (1 - edge) + below * edge


def render(pictures: Pictures, scenes: list[Scene], rng: random.Random, scale: float = 1.0) -> Tensor:
    """Pictures of scenes of one aspect: [B, 3, H, W] in [-1, 1]; `scale` shrinks the canvas (an evaluator's view)."""
    width, height = (round(v * scale) for v in ASPECTS[scenes[0].aspect])
    canvas = torch.stack([paint_ground(s.ground, width, height, rng if s.form is None else random.Random(s.form)) for s in scenes])
    for slot in range(max(len(s.things) for s in scenes)):
        here = [n for n, s in enumerate(scenes) if len(s.things) > slot]
        things = [scenes[n].things[slot] for n in here]
        rgba = pictures.take([t.row for t in things])
        hued = [k for k, t in enumerate(things) if t.hue]
        if hued:
            own = torch.tensor([own_hues()[things[k].concept] for k in hued])
            rgba[hued] = turn(rgba[hued], own, [things[k].hue for k in hued])
        centre, side = torch.tensor([t.centre for t in things]) * scale, torch.tensor([t.side for t in things]) * scale
        canvas[here] = place(canvas[here], rgba, centre, side)
    return canvas * 2 - 1
