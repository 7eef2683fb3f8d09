"""Captions of scenes, written from their plans.

    pair  := obj "to the left of" obj [ground] | obj "above" obj | obj "next to" obj | obj "and" obj ...
    count := ("two" | "three" | "four") plural [ground]
    hue   := "a blue cat" [ground]        place := obj "on grass" ...        size := "a small cat"
Each relation is said from either side; the wordings that H5 keeps back ("left of", "on top of", "under") are never used.
"""

from __future__ import annotations

import random

from forge.captions import COLOUR_SYNONYMS, _GROUND_FORMS, _LEADS, _TAILS, caption_for, with_article
from forge.concepts import Concept, all_concepts, own_aliases
from forge.grounds import NEUTRAL
from forge.scenes import Scene, Thing

RELATION_FORMS: dict[str, tuple[str, ...]] = {
    "left": ("{a} to the left of {b}", "{a} to the left of {b}", "{a} on the left side of {b}", "{b} to the right of {a}", "{a} on the left and {b} on the right"),
    "right": ("{a} to the right of {b}", "{a} to the right of {b}", "{a} on the right side of {b}", "{b} to the left of {a}", "{b} on the left and {a} on the right"),
    "above": ("{a} above {b}", "{a} above {b}", "{a} over {b}", "{b} below {a}", "{a} at the top and {b} at the bottom"),
    "below": ("{a} below {b}", "{a} below {b}", "{a} beneath {b}", "{b} above {a}", "{b} at the top and {a} at the bottom"),
    "next": ("{a} next to {b}", "{b} next to {a}", "{a} beside {b}", "{a} by {b}"),
    "and": ("{a} and {b}", "{b} and {a}", "{a} with {b}"),
}
NUMBERS = {2: "two", 3: "three", 4: "four"}
SIZE_WORDS = {"small": ("small", "small", "tiny", "little"), "big": ("big", "big", "large", "huge")}
_PLACE_FORMS = {
    "on grass": ("on grass", "on the grass", "in a meadow"), "on a beach": ("on a beach", "on the beach", "at the beach"),
    "in the snow": ("in the snow", "in snow", "on snow"), "in the night sky": ("in the night sky", "in a starry sky", "at night"),
}


def plural(name: str) -> str:
    """The plain English plural of a name's last word."""
    irregular = {"mouse": "mice", "goose": "geese", "fish": "fish", "sheep": "sheep", "deer": "deer", "tooth": "teeth", "leaf": "leaves", "wolf": "wolves",
                 "knife": "knives", "loaf": "loaves", "foot": "feet", "child": "children", "man": "men", "woman": "women", "person": "people"}
    head, _, last = name.rpartition(" ")
    lead = head + " " if head else ""
    if last in irregular:
        return lead + irregular[last]
    if last.endswith(("s", "x", "ch", "sh", "z")):
        return name if last.endswith("s") and not last.endswith("ss") else name + "es"
    if last.endswith("y") and last[-2:-1] not in "aeiou":
        return name[:-1] + "ies"
    return name + "s"


def gendered(name: str, gender: str | None) -> str:
    """'person running' and 'artist' with their gender: 'man running', 'woman artist'."""
    if not gender:
        return name
    return gender + name[len("person"):] if name.startswith("person") else f"{gender} {name}"


def _name(concept: Concept, rng: random.Random) -> str:
    aliases = own_aliases()[concept.id]
    return rng.choice(aliases) if aliases and rng.random() < 0.12 else concept.title


def _with_ground(text: str, ground: str, rng: random.Random) -> str:
    if ground == NEUTRAL:
        return text
    colour = COLOUR_SYNONYMS[ground] if ground in COLOUR_SYNONYMS and rng.random() < 0.4 else ground
    return rng.choice(_GROUND_FORMS).format(o=text, g=colour)


def _object(thing: Thing, rng: random.Random, adjective: str = "") -> str:
    name = gendered(_name(all_concepts()[thing.concept], rng), thing.gender)
    name = f"{adjective} {name}" if adjective else name
    return with_article(name) if rng.random() < 0.8 else name


def caption_of(scene: Scene, rng: random.Random) -> str:
    """One random caption of a scene; every word of it is true of the picture."""
    first = scene.things[0]
    match scene.kind:
        case "single" if scene.size is None:
            return caption_for(all_concepts()[first.concept], scene.ground, first.tone, rng, first.gender)
        case "single":
            text = _with_ground(_object(first, rng, rng.choice(SIZE_WORDS[scene.size])), scene.ground, rng)
        case "hue":
            text = _with_ground(_object(first, rng, first.hue), scene.ground, rng)
        case "place":
            text = f"{_object(first, rng)} {rng.choice(_PLACE_FORMS[scene.ground])}"
        case "count":
            name = plural(gendered(_name(all_concepts()[first.concept], rng), first.gender))
            text = _with_ground(f"{NUMBERS[len(scene.things)]} {name}", scene.ground, rng)
        case _:
            form = rng.choice(RELATION_FORMS[scene.relation])
            text = _with_ground(form.format(a=_object(first, rng), b=_object(scene.things[1], rng)), scene.ground, rng)
    draw = rng.random()
    if draw < 0.05:
        return rng.choice(_LEADS) + text.removeprefix("a ").removeprefix("an ")
    return text + rng.choice(_TAILS) if draw < 0.1 else text
