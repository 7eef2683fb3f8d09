"""Is the skin tone that is asked for the one that is drawn? Told without any net: of all drawings that exist of the concept
(genders, tones), wherever noise may place them, the one nearest to the generated picture says it.
"""

from __future__ import annotations

import random

import torch
import torch.nn.functional as F
from torch import Tensor

from forge.captions import with_article
from forge.concepts import TONES, Concept
from forge.flow import USUAL_STEPS
from forge.grounds import NEUTRAL
from forge.measures import Share, share
from forge.pipelines import Parts, generate
from forge.prompts import Sets
from forge.scenes import ASPECTS, Scene, Thing, render
from forge.splits import place
from forge.steering import STEP, USUAL

SCALE = 0.25
"""Of the side at which pictures are compared: a tone is no detail."""
ACROSS = (-STEP, 0, STEP)
PEOPLE = 30


def people(concepts: tuple[Concept, ...], count: int = PEOPLE) -> list[Concept]:
    """The first in hash order of those that have all five tones."""
    return sorted((c for c in concepts if set(TONES) <= set(c.tones)), key=lambda c: place("tone prompts", c.id))[:count]


def prompt_of(concept: Concept, tone: str) -> str:
    return f"{with_article(concept.title)} with {tone.replace('-', ' ')} skin tone"


def nearest_tones(pictures: Tensor, concept: Concept, sets: Sets) -> list[str | None]:
    """The tone of the drawing nearest to each of the pictures [B, 3, 256, 256] of this concept on the neutral ground; None is
    the default yellow."""
    rows = sets.planner.rows[concept.id]
    width, height = ASPECTS["square"]
    spots = [(width / 2 + x, height / 2 + y) for x in ACROSS for y in ACROSS]
    scenes = [Scene("single", "square", (Thing(concept.id, *row, spot, USUAL),), NEUTRAL) for row in rows for spot in spots]
    real = torch.cat([render(sets.pictures, scenes[n : n + 54], random.Random(0), SCALE) for n in range(0, len(scenes), 54)])
    seen = F.interpolate(pictures.clamp(-1, 1), scale_factor=SCALE, mode="area")
    nearest = torch.cdist(seen.flatten(1), real.flatten(1)).argmin(1)
    return [rows[n // len(spots)][1] for n in nearest.tolist()]


def tones_followed(parts: Parts, sets: Sets, count: int = PEOPLE) -> dict[str, Share]:
    """For each tone, and for all, how often it is the one drawn of `count` people."""
    hits: dict[str, list[bool]] = {tone: [] for tone in TONES}
    for concept in people(sets.concepts, count):
        pictures = generate(parts, [prompt_of(concept, tone) for tone in TONES], USUAL_STEPS)
        for tone, seen in zip(TONES, nearest_tones(pictures, concept, sets)):
            hits[tone].append(seen == tone)
    return {**{tone: share(h) for tone, h in hits.items()}, "all": share([h for own in hits.values() for h in own])}
