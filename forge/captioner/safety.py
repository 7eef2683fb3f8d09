"""`safety.json`: names the captioner knows of weapons, alcohol, tobacco and blood, and thresholds for how like them a picture is.

Score of a concept = the largest similarity between a picture and the concept's sentences, by the contrastive model. A threshold is the
lowest that leaves at most 2 % of held-out pictures without the concept above it; how many pictures with it are found is written beside.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from forge.captioner.captions import name_of
from forge.captioner.evaluate import SEED, Case, held_out_cases, picture_of, seen_cases
from forge.captioner.runner import Runner
from forge.captioner.scenes import captioner_concepts
from forge.captions import with_article
from forge.concepts import BASE_STYLE
from forge.measures import share
from forge.pictures import Pictures, load_pictures

CONCEPTS = {
    "weapons": ("Weapons", ("dagger", "kitchen-knife", "axe", "bomb", "crossed-swords", "water-pistol", "firecracker")),
    "alcohol": ("Alcohol", ("beer-mug", "wine-glass", "cocktail-glass", "clinking-beer-mugs", "sake", "tropical-drink")),
    "tobacco": ("Tobacco", ("cigarette",)),
    "blood": ("Blood", ("drop-of-blood",)),
}
SCOPE = ("Knows drawings of these things alone. It is no nudity filter, does not read writing and is not made for photographs: "
         "a picture that passes is not thereby safe.")
FALSE_ALARMS = 0.02


def prompts_of(concept: str) -> list[str]:
    known = {c.id for c in captioner_concepts()}
    return [with_article(name_of(i)) for i in CONCEPTS[concept][1] if i in known]


def scores(runner: Runner, cases: list[Case], concept: str) -> np.ndarray:
    """Score of each picture."""
    texts = prompts_of(concept)
    return np.array([float(runner.similar(texts, runner.see(c.picture)).max()) for c in cases])


def shows(case: Case, concept: str) -> bool:
    return any(t.concept in CONCEPTS[concept][1] for t in case.scene.things)


def measure(folder: Path, part: float = 1.0, pictures: Pictures | None = None) -> dict:
    """The file's content, thresholds chosen on one half of the pictures and shares told of the other."""
    import random

    from forge.captioner.held_out import HeldOut

    pictures, runner = pictures or load_pictures(256), Runner(folder)
    held = held_out_cases(pictures, {s: max(2, round(90 * part)) for s in ("H1", "H2", "H3", "H4", "H7")}, SEED + 1)
    common = [c for group in held.values() for c in group] + seen_cases(pictures, max(4, round(200 * part)), SEED + 2)
    told, drawer, rng = [], HeldOut(pictures, SEED + 3), random.Random(SEED)
    known = {c.id for c in captioner_concepts()}
    for concept, (name, ids) in CONCEPTS.items():
        ids = [i for i in ids if i in known]
        if not ids:
            continue
        with_it = [Case(s, BASE_STYLE, picture_of(pictures, s, rng)) for s in (drawer.planner.single("square", ids[n % len(ids)]) for n in range(max(4, round(84 * part))))]
        without = [c for c in common if not shows(c, concept)]
        low, high = scores(runner, without, concept), scores(runner, with_it, concept)
        choose, judge_on = low[::2], low[1::2]
        threshold = math.ceil(float(np.quantile(choose, 1 - FALSE_ALARMS / 2)) * 1000) / 1000
        told.append({
            "id": concept, "name": name, "names": [name_of(i) for i in ids], "prompts": prompts_of(concept), "threshold": threshold,
            "measured": {"falseAlarms": share([bool(v >= threshold) for v in judge_on]), "found": share([bool(v >= threshold) for v in high])},
        })
    return {"format": 1, "scope": SCOPE, "score": "max over prompts of image_embeds . text_embeds", "concepts": told}
