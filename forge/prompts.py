"""The frozen prompt sets of the evaluation. Each prompt is a scene (so that a real picture of it can be drawn) and its
plain wording; which ones are taken is decided by hash, so nobody chose."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from forge.captions import prompt_for, with_article
from forge.concepts import Concept, all_concepts, vocabulary
from forge.grounds import GROUNDS, NEUTRAL
from forge.hues import hues_of, own_hues
from forge.pictures import Pictures
from forge.scene_captions import NUMBERS, plural
from forge.scenes import Planner, Scene, count_places, grounds_for, pair_places
from forge.splits import control_concepts, is_held_out, place
from forge.steering import SteeredPlanner

WORDING = {"left": "{a} to the left of {b}", "right": "{a} to the right of {b}", "above": "{a} above {b}", "below": "{a} below {b}"}
PARAPHRASE = {"left": "{a} left of {b}", "above": "{a} on top of {b}", "below": "{a} under {b}"}
"""H5: no caption was ever worded like this."""


@dataclass(frozen=True)
class Prompt:
    text: str
    scene: Scene

    @property
    def concepts(self) -> list[str]:
        return [t.concept for t in self.scene.things]


def _on(text: str, ground: str) -> str:
    return text if ground == NEUTRAL else f"{text} on a {ground} background"


class Sets:
    """Every prompt set over a vocabulary, by name; `pictures` gives the drawings for the real versions."""

    def __init__(self, pictures: Pictures, concepts: tuple[Concept, ...] | None = None):
        self.pictures, self.concepts = pictures, concepts or vocabulary()
        self.planner = Planner(pictures, random.Random(99), self.concepts)
        # Real pictures of one thing lie where the generator's may.
        self.placing = SteeredPlanner(pictures, random.Random(98), self.concepts)
        self.everyday = self.planner.everyday
        self.makers = {
            "single, held-out (H2)": lambda n: self.singles(True, n),
            "single, trained": lambda n: self.singles(False, n),
            "single, wide": lambda n: self.singles(True, n, "wide"),
            "single, tall": lambda n: self.singles(True, n, "tall"),
            "single, big": lambda n: self.sized("big", n),
            "single, small": lambda n: self.sized("small", n),
            "pair, held-out (H1)": lambda n: self.pairs(True, n),
            "pair, trained": lambda n: self.pairs(False, n),
            "pair, new wording (H5)": lambda n: self.pairs(False, n, PARAPHRASE),
            "count, held-out (H3)": lambda n: self.counts(True, n),
            "count, trained": lambda n: self.counts(False, n),
            "colour, held-out (H4)": lambda n: self.hues(True, n),
            "colour, trained": lambda n: self.hues(False, n),
            "never-trained controls (H6)": self.controls,
        }

    def draw(self, name: str, count: int) -> list[Prompt]:
        return self.makers[name](count)

    def _single(self, concept: Concept, ground: str, aspect: str = "square") -> Prompt:
        scene = self.placing.single(aspect, concept.id)
        while scene.size:
            scene = self.placing.single(aspect, concept.id)
        return Prompt(prompt_for(concept, ground), replace(scene, ground=ground))

    def singles(self, held: bool, count: int, aspect: str = "square") -> list[Prompt]:
        pairs = [(c, g) for c in self.concepts for g in GROUNDS if is_held_out("H2", c.id, g) == held]
        pairs.sort(key=lambda p: place(f"prompts {aspect}", p[0].id, p[1]))
        return [self._single(c, g, aspect) for c, g in pairs[:count]]

    def sized(self, size: str, count: int) -> list[Prompt]:
        """Held-out singles whose prompt tells their size: "a big cat on a red background"."""
        plain = self.singles(True, count)
        scenes = [replace(self.placing.single("square", p.concepts[0], size), ground=p.scene.ground) for p in plain]
        titles = [all_concepts()[p.concepts[0]].title for p in plain]
        return [Prompt(_on(with_article(f"{size} {t}"), p.scene.ground), scene) for t, p, scene in zip(titles, plain, scenes)]

    def of(self, concepts: list[Concept], count: int, held: bool = True) -> list[Prompt]:
        """Singles of some concepts alone, of (concept, ground) pairs that are held out (`held`) or that are not."""
        pairs = [(c, g) for c in concepts for g in GROUNDS if is_held_out("H2", c.id, g) == held]
        pairs.sort(key=lambda p: place("prompts", p[0].id, p[1]))
        return [self._single(c, g) for c, g in pairs[:count]]

    def controls(self, count: int) -> list[Prompt]:
        """H6: each never-trained concept on several grounds."""
        known, out = all_concepts(), []
        ids = [c for c in control_concepts() if c in known]
        self.placing.rows |= Planner(self.pictures, random.Random(0), tuple(known[c] for c in ids)).rows
        for c in ids:
            for g in sorted(GROUNDS, key=lambda g: place("prompts", c, g))[: max(1, count // len(ids))]:
                out.append(self._single(known[c], g))
        return out

    def pairs(self, held: bool, count: int, wording: dict[str, str] = WORDING) -> list[Prompt]:
        names = sorted(self.everyday, key=lambda c: place("pair prompts", c, str(held), str(len(wording))))
        candidates = ((names[i], names[(i * 7 + k * 13 + 1) % len(names)]) for k in range(len(names)) for i in range(len(names)))
        out: list[Prompt] = []
        relations, known = list(wording), all_concepts()
        for a, b in candidates:
            if len(out) == count:
                break
            if a == b or is_held_out("H1", a, b) != held:
                continue
            relation = relations[len(out) % len(relations)]
            grounds = grounds_for(a, b)
            ground = NEUTRAL if len(out) % 3 == 0 or not grounds else grounds[len(out) % len(grounds)]
            first, second = pair_places("square", relation in ("above", "below"))
            spots = (first, second) if relation in ("left", "above") else (second, first)
            things = tuple(self.planner._thing(c, s, 0.46 * 256) for c, s in zip((a, b), spots))
            text = wording[relation].format(a=with_article(known[a].title), b=with_article(known[b].title))
            out.append(Prompt(_on(text, ground), Scene("pair", "square", things, ground, relation)))
        return out

    def counts(self, held: bool, count: int) -> list[Prompt]:
        keys = [(c, n) for c in self.everyday for n in NUMBERS if is_held_out("H3", c, str(n)) == held]
        keys.sort(key=lambda k: place("count prompts", k[0], str(k[1])))
        out, known = [], all_concepts()
        for concept, number in keys[:count]:
            grounds = grounds_for(concept)
            ground = NEUTRAL if len(out) % 3 == 0 or not grounds else grounds[len(out) % len(grounds)]
            spots, side = count_places("square", number)
            row = self.planner.drawing(concept)
            scene = Scene("count", "square", tuple(self.planner._thing(concept, s, side, row=row) for s in spots), ground)
            out.append(Prompt(_on(f"{NUMBERS[number]} {plural(known[concept].title)}", ground), scene))
        return out

    def hues(self, held: bool, count: int) -> list[Prompt]:
        keys = [(c, h) for c in own_hues() if c in self.planner.rows for h in hues_of(c) if is_held_out("H4", c, h) == held]
        keys.sort(key=lambda k: place("hue prompts", *k))
        out, known = [], all_concepts()
        for concept, hue in keys[:count]:
            thing = self.planner._thing(concept, (128, 128), 0.82 * 256, hue)
            ground = NEUTRAL if len(out) % 2 == 0 else next((g for g in grounds_for(concept) if g != hue), NEUTRAL)
            out.append(Prompt(_on(f"a {hue} {known[concept].title}", ground), Scene("hue", "square", (thing,), ground)))
        return out
