"""Noise steers: what a caption leaves open (place, skin tone, which of two stands left) is decided by the noise itself.

A flow from noise to pictures may pair the two in any way as long as each keeps its own distribution. Paired by chance, the
answer to pure noise is the mean of all pictures that a caption allows: a blur, which few steps then have to mend. Here
four channel means of the noise, normally distributed as ever, say which of the allowed pictures it belongs to; so there is
one right answer at pure noise, and a seed's composition is settled by the seed. (The idea of optimal-transport couplings,
arXiv 2302.00482, with the coupling chosen by hand.)

Scenes keep to a grid as well: every size of a drawing lies on the latent's 2x2 patches in one way, so what is learned of it
in one place holds in all others.
"""

from __future__ import annotations

import math
import random

import torch
from torch import Tensor

from forge.grounds import NEUTRAL
from forge.hues import hues_of
from forge.scenes import ASPECTS, PLACES, Planner, Scene, Thing, count_places, grounds_for
from forge.splits import is_held_out

FACTORS = 4
"""Channel means that steer: the first channels of the latent."""
UPRIGHT, ACROSS, DOWN, DRAWING = range(FACTORS)
CUTS = (1 / 6, 1 / 3, 1 / 2, 2 / 3, 5 / 6)
"""Where the quantiles of a factor may be cut into choices: halves, thirds and sixths."""
FREE = (0.0, 1.0)
BIG, USUAL, SMALL = 230.0, 186.0, 116.0
"""Sides of a drawing in pixels: where a caption says so, one thing in any aspect, several things. Few sizes, because each is
learned by itself."""
STEP = 32
"""Pixels of a token: a latent cell is 16 px, and the transformer sees 2x2 cells."""
SPOTS = {
    "square": {"across": ((64.0, 128.0), (192.0, 128.0)), "down": ((128.0, 64.0), (128.0, 192.0))},
    "wide": {"across": ((96.0, 96.0), (224.0, 96.0))},
    "tall": {"down": ((96.0, 96.0), (96.0, 224.0))},
}
"""Centres of two things beside each other and above each other."""


def quantile(u: Tensor) -> Tensor:
    """The standard normal's quantile function."""
    return math.sqrt(2) * torch.erfinv((2 * u - 1).clamp(-0.9999, 0.9999))


def couple(noise: Tensor, steer: Tensor, generator: torch.Generator) -> Tensor:
    """Noise [B, C, H, W] whose first four channel means lie in the quantiles `steer` [B, 4, 2] (low, high) allows; over
    scenes drawn as often as their shares it stays standard normal. Works in place."""
    u = torch.rand(steer.shape[:2], generator=generator)
    wanted = quantile(steer[..., 0] + (steer[..., 1] - steer[..., 0]) * u) / math.sqrt(noise.shape[2] * noise.shape[3])
    part = noise[:, :FACTORS]
    part += (wanted - part.mean((2, 3)))[:, :, None, None]
    return noise


def steer_of(scene: Scene | None, caption: str) -> tuple[tuple[float, float], ...]:
    """The quantiles of a scene under one caption: a skin tone that is told is not the noise's to decide, and of a picture
    that is no scene nothing is."""
    steer = scene.steer if scene and scene.steer else (FREE,) * FACTORS
    return (*steer[:DRAWING], FREE) if "skin" in caption else steer


def _cut(u: float, ways: int) -> tuple[int, tuple[float, float]]:
    """Which of `ways` equal parts u lies in, and that part."""
    n = min(int(u * ways), ways - 1)
    return n, (n / ways, (n + 1) / ways)


class SteeredPlanner(Planner):
    """Scenes without chance shifts: what is open is cut into choices, and each scene knows the quantiles of its own."""

    def drawing(self, concept: str) -> tuple[int, str | None, str | None]:
        """(row, tone, gender) with genders evenly; tones by the steering draw of this scene."""
        rows = self.rows[concept]
        gender = self.rng.choice(sorted({g or "" for _, _, g in rows})) or None
        own = [r for r in rows if r[2] == gender]
        n, part = _cut(self.draws[DRAWING], len(own))
        if len(own) > 1:
            self.taken[DRAWING] = (max(self.taken[DRAWING][0], part[0]), min(self.taken[DRAWING][1], part[1]))
        return own[n]

    def _thing(self, concept: str, centre: tuple[float, float], side: float, hue: str | None = None, row: tuple | None = None) -> Thing:
        row, tone, gender = row or self.drawing(concept)
        return Thing(concept, row, tone, gender, centre, side, hue)

    def _choose(self, factor: int, ways: int) -> int:
        n, self.taken[factor] = _cut(self.draws[factor], ways)
        return n

    def _alone(self, aspect: str, size: str | None = None) -> tuple[tuple[float, float], float]:
        """Centre and side of one thing in the frame: one of three places along each side that has the room."""
        width, height = ASPECTS[aspect]
        if size:
            return (width / 2, height / 2), SMALL if size == "small" else BIG
        across, down = {"square": (STEP, STEP), "wide": (2 * STEP, 0), "tall": (0, 2 * STEP)}[aspect]
        x = width / 2 + (across * (self._choose(ACROSS, 3) - 1) if across else 0)
        y = height / 2 + (down * (self._choose(DOWN, 3) - 1) if down else 0)
        return (x, y), USUAL

    def single(self, aspect: str, concept: str | None = None, size: str | None = None) -> Scene:
        concept, draw = concept or self.any_concept(), self.rng.random()
        size = size or ("small" if draw < 0.04 else "big" if draw < 0.08 and aspect == "square" else None)
        self._begin()
        thing = self._thing(concept, *self._alone(aspect, size))
        return Scene("single", aspect, (thing,), self.ground(concept), size=size, steer=tuple(self.taken))

    def hue(self, aspect: str) -> Scene:
        concept = self.rng.choice(self.hued)
        hue = self.rng.choice([h for h in hues_of(concept) if not is_held_out("H4", concept, h)])
        self._begin()
        thing = self._thing(concept, *self._alone(aspect), hue)
        # A thing on a ground of its own colour teaches nothing.
        grounds = [g for g in grounds_for(concept) if g != hue]
        ground = NEUTRAL if self.rng.random() < 0.4 or not grounds else self.rng.choice(grounds)
        return Scene("hue", aspect, (thing,), ground, steer=tuple(self.taken))

    def place(self, aspect: str) -> Scene:
        concept, (width, height) = self.rng.choice(self.everyday), ASPECTS[aspect]
        self._begin()
        x = width / 2 + (0 if aspect == "tall" else STEP * (self._choose(ACROSS, 3) - 1))
        thing = self._thing(concept, (x, height / 2 + (STEP if aspect == "square" else 0)), USUAL)
        return Scene("place", aspect, (thing,), self.rng.choice(PLACES), form=self._choose(DOWN, 3), steer=tuple(self.taken))

    def pair(self, aspect: str) -> Scene:
        while True:
            a, b = self.rng.sample(self.everyday, 2)
            if not is_held_out("H1", a, b):
                break
        self._begin()
        ways = list(SPOTS[aspect])
        exact, way, turned = self.rng.random() < 0.75, self.rng.choice(ways), self.rng.random() < 0.5
        relation = None
        if not exact:
            relation = "and" if way == "down" and len(ways) == 1 else self.rng.choice(("next", "and"))
            if relation == "next":
                way = "across"
            elif len(ways) > 1:
                way = ways[self._choose(UPRIGHT, 2)]
            turned = self._choose(ACROSS, 2) == 1
        spots = SPOTS[aspect][way]
        things = (self._thing(a, spots[turned], SMALL), self._thing(b, spots[not turned], SMALL))
        told = ("below" if turned else "above") if way == "down" else ("right" if turned else "left")
        return Scene("pair", aspect, things, self.ground(a, b), relation or told, steer=tuple(self.taken))

    def count(self, aspect: str) -> Scene:
        while True:
            concept, number = self.rng.choice(self.everyday), self.rng.choice((2, 3, 4))
            if not is_held_out("H3", concept, str(number)):
                break
        self._begin()
        row = self.drawing(concept)
        places, side = steered_places(aspect, number)
        return Scene("count", aspect, tuple(self._thing(concept, p, side, row=row) for p in places), self.ground(concept), steer=tuple(self.taken))

    def _begin(self) -> None:
        self.draws = [self.rng.random() for _ in range(FACTORS)]
        self.taken = [FREE] * FACTORS


def steered_places(aspect: str, number: int) -> tuple[list[tuple[float, float]], float]:
    """Centres and side of two to four copies, on the grid wherever they fit it."""
    if number == 2:
        return list(SPOTS[aspect].get("across") or SPOTS[aspect]["down"]), SMALL
    if aspect == "square":
        top = [(128.0, 64.0)] if number == 3 else [(64.0, 64.0), (192.0, 64.0)]
        return [*top, (64.0, 192.0), (192.0, 192.0)], SMALL
    return count_places(aspect, number)
