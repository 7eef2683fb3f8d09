"""Scenes the captioner was never trained on, and what a caption says, read back."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, replace
from functools import lru_cache

from forge.captioner.captions import SIDES, STYLE_WORDS, Facts, name_of
from forge.captioner.scenes import captioner_concepts
from forge.concepts import BASE_STYLE
from forge.grounds import GROUNDS, NEUTRAL
from forge.hues import HUE_NAMES, hues_of, own_hues
from forge.pictures import Pictures
from forge.scene_captions import NUMBERS, plural
from forge.scenes import ASPECTS, PLACES, Planner, Scene, count_places, pair_places
from forge.splits import CAPTIONER_RENDER, is_held_out

SPLITS = ("H1", "H2", "H3", "H4", "H7")


class HeldOut:
    """Draws scenes of one split each, from its own seed; none of a split that holds nothing back among these pictures."""

    def __init__(self, pictures: Pictures, seed: int):
        self.rng = random.Random(seed)
        self.planner = Planner(pictures, self.rng, captioner_concepts())
        several, known = self.planner.everyday, self.planner.concepts
        self.keys: dict[str, list[tuple]] = {
            "H1": [(a, b) for a in several for b in several if a != b and is_held_out("H1", a, b)],
            "H2": [(c, g) for c in known for g in GROUNDS if is_held_out("H2", c, g)],
            "H3": [(c, n) for c in several for n in NUMBERS if is_held_out("H3", c, str(n))],
            "H4": [(c, h) for c in own_hues() if c in self.planner.rows for h in hues_of(c) if is_held_out("H4", c, h)],
            "H7": [(c,) for c in known],
        }
        self.makers = {"H1": self._pair, "H2": self._ground, "H3": self._count, "H4": self._hue, "H7": self._render}

    def scenes(self, split: str, count: int) -> list[Scene]:
        return [self.makers[split](*self.rng.choice(self.keys[split])) for _ in range(count)] if self.keys[split] else []

    def _pair(self, a: str, b: str) -> Scene:
        aspect = self.rng.choice(("square", "square", "wide", "tall"))
        upright = aspect == "tall" or aspect == "square" and self.rng.random() < 0.5
        side = 0.46 * min(max(ASPECTS[aspect]), 2 * min(ASPECTS[aspect]))
        things = tuple(self.planner._thing(c, p, side) for c, p in zip((a, b), pair_places(aspect, upright)))
        return Scene("pair", aspect, things, self.planner.ground(a, b), "above" if upright else "left")

    def _ground(self, concept: str, ground: str) -> Scene:
        return replace(self.planner.single("square", concept), ground=ground, size=None)

    def _count(self, concept: str, number: int) -> Scene:
        aspect = self.rng.choice(("square", "square", "wide", "tall"))
        row = self.planner.drawing(concept)
        places, side = count_places(aspect, number)
        return Scene("count", aspect, tuple(self.planner._thing(concept, p, side, row=row) for p in places), self.planner.ground(concept))

    def _hue(self, concept: str, hue: str) -> Scene:
        scene = self.planner.single("square", concept)
        grounds = [g for g in GROUNDS if g != hue and not is_held_out("H2", concept, g)]
        return replace(scene, kind="hue", things=(replace(scene.things[0], hue=hue),), size=None, ground=self.rng.choice([NEUTRAL, *grounds]))

    def _render(self, concept: str) -> Scene:
        low, high = CAPTIONER_RENDER["scale"]
        near, far = CAPTIONER_RENDER["shift"]
        scene = self.planner.single("square", concept)
        shift = [self.rng.choice((-1, 1)) * self.rng.uniform(near, far) for _ in range(2)]
        moved = replace(scene.things[0], centre=(256 * (0.5 + shift[0]), 256 * (0.5 + shift[1])), side=256 * self.rng.uniform(low, high))
        return replace(scene, things=(moved,), size=None)


@lru_cache(maxsize=1)
def _names() -> tuple[dict[str, str], dict[str, str]]:
    one = {c.title: c.id for c in captioner_concepts()}
    return one, {plural(c.title): c.id for c in captioner_concepts()}


@dataclass(frozen=True)
class Said:
    """What a caption says; None where it says nothing that can be read."""

    names: tuple[str | None, ...]
    number: int
    hue: str | None
    relation: str | None
    ground: str
    style: str


def _object(text: str) -> tuple[str | None, str | None]:
    """(concept, hue) of 'a blue cat'."""
    text = re.sub(r"^(an?|the) ", "", text.strip())
    one, _ = _names()
    if text in one:
        return one[text], None
    first, _, rest = text.partition(" ")
    return (one.get(rest), first) if first in HUE_NAMES else (None, None)


def read(text: str) -> Said:
    """A caption of the plain grammar, read back. Spaces that word pieces leave around marks do not matter."""
    text = re.sub(r"\s*([,'-])\s*", lambda m: ", " if m[1] == "," else m[1], text.strip().lower())
    one, many = (dict((re.sub(r"\s*([,'-])\s*", r"\1", n), i) for n, i in names.items()) for names in _names())
    style = BASE_STYLE
    for name, words in STYLE_WORDS.items():
        if text.endswith(words):
            style, text = name, text.removesuffix(words)
    ground = NEUTRAL
    coloured = re.match(r"(.*) on an? (\w+) background$", text)
    if coloured:
        text, ground = coloured[1], coloured[2]
    else:
        for place in PLACES:
            if text.endswith(" " + place):
                text, ground = text.removesuffix(" " + place), place
    for relation, words in SIDES.items():
        left, found, right = text.partition(f" {words} ")
        if found:
            (a, hue), (b, _) = _object(left), _object(right)
            return Said((a, b), 1, hue, relation, ground, style)
    for number, word in NUMBERS.items():
        if text.startswith(word + " "):
            rest = text.removeprefix(word + " ")
            return Said((many.get(rest) or one.get(rest),), number, None, None, ground, style)
    concept, hue = _object(text)
    return Said((concept,), 1, hue, None, ground, style)


def judge(said: Said, truth: Facts) -> dict[str, bool]:
    """Which facts of the truth a caption got; only facts the scene has are asked for."""
    twins = lambda a, b: a == b or (a is not None and name_of(a) == name_of(b))  # noqa: E731
    named = len(said.names) == len(truth.names) and (all(map(twins, said.names, truth.names)) or all(map(twins, said.names, truth.names[::-1])))
    found = {"concept": named, "colour": said.ground == truth.ground and said.hue == truth.hue, "count": said.number == truth.number and len(said.names) == len(truth.names)}
    if truth.relation:
        found["relation"] = len(said.names) == 2 and all(map(twins, said.names, truth.names)) and said.relation == truth.relation
    return found

