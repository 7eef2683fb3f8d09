"""The frozen prompt sets of the starter's evaluation: 200 held-out (concept, ground) pairs and 200 control pairs."""

from __future__ import annotations

from dataclasses import dataclass

from forge.captions import prompt_for
from forge.concepts import Concept, all_concepts, starter_concepts
from forge.grounds import GROUNDS
from forge.splits import control_concepts, is_held_out, place

COUNT = 200


@dataclass(frozen=True)
class Prompt:
    concept: Concept
    ground: str

    @property
    def text(self) -> str:
        return prompt_for(self.concept, self.ground)


def held_out_prompts(concepts: int, count: int = COUNT) -> list[Prompt]:
    """H2 pairs of the trained concepts in hash order: which ones, nobody chose."""
    pairs = [Prompt(c, g) for c in starter_concepts(concepts) for g in GROUNDS if is_held_out("H2", c.id, g)]
    return sorted(pairs, key=lambda p: place("prompts", p.concept.id, p.ground))[:count]


def trained_prompts(concepts: int, count: int = COUNT) -> list[Prompt]:
    """Pairs that were trained, for comparison."""
    pairs = [Prompt(c, g) for c in starter_concepts(concepts) for g in GROUNDS if not is_held_out("H2", c.id, g)]
    return sorted(pairs, key=lambda p: place("prompts", p.concept.id, p.ground))[:count]


def control_prompts(count: int = COUNT) -> list[Prompt]:
    """H6: each of the 40 never-trained concepts on five grounds."""
    known = all_concepts()
    each = count // len(control_concepts())
    pairs = []
    for c in control_concepts():
        if c in known:
            grounds = sorted(GROUNDS, key=lambda g: place("prompts", c, g))[:each]
            pairs += [Prompt(known[c], g) for g in grounds]
    return pairs
