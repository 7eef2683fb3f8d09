"""The caption grammar for singles on coloured grounds, and a little of what people type around it.

    caption := [lead] object [ground]         "a cat on a blue background", "cat", "red apple, white background"
    object  := everyday name 60 % | Unicode name | alias or keyword (30 %)
    ground  := one of ten colours; where a caption names none, the picture has the soft neutral ground
"""

from __future__ import annotations

import random

from forge.concepts import Concept, own_aliases
from forge.grounds import GROUNDS, NEUTRAL

_VOWELS = "aeiou"
_LEADS = ("a picture of ", "an image of ", "a drawing of ", "an icon of ", "a 3d render of ", "a cute ", "draw ", "a photo of ", "an emoji of ")
_TAILS = (", 3d render", ", soft light", ", high quality", ", cute", ", icon", " emoji", ", simple background")
_GROUND_FORMS = (
    "{o} on a {g} background", "{o} on a {g} background", "{o} on a {g} background", "{o} on {g}", "{o}, {g} background",
    "{o} with a {g} background", "{o} {g} background", "{o} in front of a {g} background", "{g} background, {o}", "{o} against {g}",
)
_UNWANTED = (
    "blurry", "low quality", "ugly", "bad anatomy", "watermark", "text", "deformed", "jpeg artifacts", "worst quality",
    "extra limbs", "cropped", "noise", "distorted", "bad", "signature",
)
COLOUR_SYNONYMS = {"grey": "gray", "purple": "violet"}
DROP_SHARE = 0.12


def with_article(name: str) -> str:
    """'an owl', 'a cat'; plurals and names that carry no article stay bare."""
    if name.endswith("s") and not name.endswith(("ss", "us", "bus")) or name in {"bread", "milk", "coffee", "popcorn", "spaghetti", "bacon", "garlic"}:
        return name
    return ("an " if name[0] in _VOWELS and not name.startswith(("uni", "ufo")) else "a ") + name


def prompt_for(concept: Concept, ground: str) -> str:
    """The plain prompt of an evaluation: the first form of the grammar."""
    thing = with_article(concept.title)
    return thing if ground == NEUTRAL else f"{thing} on a {ground} background"


def caption_for(concept: Concept, ground: str, tone: str | None, rng: random.Random, gender: str | None = None) -> str:
    """One random caption of a picture."""
    draw = rng.random()
    if draw < 0.30 and (aliases := own_aliases()[concept.id]):
        name = rng.choice(aliases)
    else:
        name = concept.title if draw < 0.85 else concept.name
    if gender:
        from forge.scene_captions import gendered

        name = gendered(name, gender)
    if tone and rng.random() < 0.6:
        form = rng.choice(("{n} with {t} skin tone", "{n} with {t} skin", "{n}, {t} skin tone", "{t} skinned {n}"))
        name = form.format(n=name, t=tone.replace("-", " "))
    draw = rng.random()
    if draw < 0.55:
        thing = with_article(name)
    elif draw < 0.85:
        thing = name
    elif draw < 0.90:
        thing = "the " + name
    else:
        thing = rng.choice(_LEADS) + name
    if ground != NEUTRAL:
        colour = COLOUR_SYNONYMS[ground] if ground in COLOUR_SYNONYMS and rng.random() < 0.4 else ground
        thing = rng.choice(_GROUND_FORMS).format(o=thing, g=colour)
    if rng.random() < 0.06:
        thing += rng.choice(_TAILS)
    return thing


def empty_caption(rng: random.Random) -> str:
    """What a dropped caption becomes: nothing, or (a quarter of the time) a usual negative prompt, so both guide alike."""
    return "" if rng.random() < 0.75 else ", ".join(rng.sample(_UNWANTED, rng.randint(1, 5)))


def corpus() -> list[str]:
    """Text the tokenizer is trained on: every core concept's names and keywords in captions, and the small words."""
    from forge.concepts import core_concepts, starter_concepts

    rng = random.Random(5)
    lines = [f"{w}, {v}" for w in _UNWANTED for v in _UNWANTED]
    for concept in starter_concepts():
        for name in (concept.title, concept.name, *concept.aliases):
            lines += [f"{with_article(name)} on a {g} background" for g in GROUNDS]
        lines += [caption_for(concept, g, t, rng) for g in GROUNDS for t in (None, *concept.tones)]
    for concept in core_concepts().values():
        for name in (concept.name, *concept.keywords):
            lines += [with_article(name), f"two {name}s", name] if name else []
    relations = ("to the left of", "to the right of", "above", "below", "next to", "and")
    sizes, counts = ("small", "big", "large", "tiny"), ("one", "two", "three", "four", "five")
    questions = ("what is this?", "what colour is the background?", "how many are there?", "is there a cat? yes no", "what is to the left of the dog?")
    lines += [f"a {s} {g} thing {r} {c} things" for s in sizes for g in GROUNDS for r in relations for c in counts]
    lines += [f"in {s} style" for s in ("flat", "line", "noto", "blob") for _ in range(40)] + list(questions) * 20
    lines += [f"{w} {c}" for w in ("on grass", "in the night sky", "on a beach", "in the snow", "gradient background") for c in counts * 6]
    return lines
