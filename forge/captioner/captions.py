"""What is said about a scene: one plain caption, looser ones, captions that are wrong by one fact, questions with answers.

    caption  := [number] [hue] name [ground] [style] | name relation name [ground] [style]
Skin tones and genders are not named: the captioner does not guess them.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from forge.captions import COLOUR_SYNONYMS, with_article
from forge.captioner.scenes import captioner_concepts, hue_class, is_clean
from forge.concepts import BASE_STYLE, all_concepts
from forge.grounds import GROUNDS, NEUTRAL
from forge.hues import HUE_NAMES, hues_of
from forge.scene_captions import NUMBERS, caption_of, plural
from forge.scenes import PLACES, Scene, everyday

STYLE_WORDS = {"fluent-flat": ", flat style", "fluent-line": ", line style", "noto": ", noto style"}
STYLE_ANSWERS = {BASE_STYLE: "3d", "fluent-flat": "flat", "fluent-line": "line", "noto": "noto"}
SIDES = {"left": "to the left of", "right": "to the right of", "above": "above", "below": "below"}
OPPOSITE = {"left": "right", "right": "left", "above": "below", "below": "above"}
PREFIXES = ("a picture of", "an image of", "a drawing of", "this is")
LEADS_SHARE, LOOSE_SHARE = 0.12, 0.4


def name_of(concept: str) -> str:
    return all_concepts()[concept].title


def relation_of(scene: Scene) -> str:
    """Where the first thing is, seen from the second, from the places themselves."""
    (ax, ay), (bx, by) = scene.things[0].centre, scene.things[1].centre
    if abs(ax - bx) > abs(ay - by):
        return "left" if ax < bx else "right"
    return "above" if ay < by else "below"


def ordered(scene: Scene) -> Scene:
    """A pair with the left or upper thing first, so that each picture has one caption."""
    if scene.kind != "pair":
        return scene
    turned = relation_of(scene) in ("right", "below")
    things = scene.things[::-1] if turned else scene.things
    return replace(scene, things=things, relation=relation_of(replace(scene, things=things)))


def _ground(text: str, ground: str) -> str:
    if ground in PLACES:
        return f"{text} {ground}"
    return text if ground == NEUTRAL else f"{text} on {'an' if ground[0] in 'aeiou' else 'a'} {ground} background"


def _tail(style: str) -> str:
    return STYLE_WORDS.get(style, "")


@dataclass(frozen=True)
class Facts:
    """What a caption says. `relation` is between the first and the second name; `hue` of the first."""

    names: tuple[str, ...]
    number: int
    hue: str | None
    relation: str | None
    ground: str
    style: str

    @classmethod
    def of(cls, scene: Scene, style: str) -> Facts:
        scene = ordered(scene)
        ids = tuple(dict.fromkeys(t.concept for t in scene.things))
        return cls(ids, len(scene.things) if scene.kind == "count" else 1, scene.things[0].hue, scene.relation if scene.kind == "pair" else None, scene.ground, style)

    def words(self) -> str:
        first = name_of(self.names[0])
        if self.number > 1:
            text = f"{NUMBERS[self.number]} {plural(first)}"
        else:
            text = with_article(f"{self.hue} {first}" if self.hue else first)
        if self.relation:
            text = f"{text} {SIDES[self.relation]} {with_article(name_of(self.names[1]))}"
        return _ground(text, self.ground) + _tail(self.style)


def caption(scene: Scene, style: str) -> str:
    """The caption the decoder learns: the same scene always has the same."""
    return Facts.of(scene, style).words()


def loose(scene: Scene, style: str, rng: random.Random) -> str:
    """A true caption as people may put it, for matching and contrast."""
    if rng.random() < LOOSE_SHARE:
        # Tones and genders would be said of drawings whose caption leaves them out.
        plain = replace(scene, things=tuple(replace(t, tone=None, gender=None) for t in scene.things))
        return caption_of(plain, rng) + (_tail(style) if rng.random() < 0.5 else "")
    facts = Facts.of(scene, style)
    if facts.relation and rng.random() < 0.4:
        facts = replace(facts, names=facts.names[::-1], relation=OPPOSITE[facts.relation])
    text = replace(facts, style=style if rng.random() < 0.7 else BASE_STYLE).words()
    return f"{rng.choice(PREFIXES[:3])} {text}" if rng.random() < LEADS_SHARE else text


@lru_cache(maxsize=1)
def _groups() -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for c in captioner_concepts():
        groups.setdefault(c.group, []).append(c.id)
    return groups


def sibling(concept: str, rng: random.Random, among: set[str] | None = None) -> str | None:
    """Another thing of the same group, a near one in the list most of the time."""
    group = [c for c in _groups()[all_concepts()[concept].group] if among is None or c in among]
    others = [c for c in group if c != concept and name_of(c) != name_of(concept)]
    if not others:
        return None
    if rng.random() < 0.5 and concept in group:
        at = group.index(concept)
        near = [c for c in group[max(0, at - 4) : at + 5] if c in others]
        return rng.choice(near or others)
    return rng.choice(others)


WRONGS = ("relation", "colour", "count", "sibling")


def wrong(scene: Scene, style: str, rng: random.Random, kind: str | None = None, clean: bool = True) -> tuple[str, str] | None:
    """(which fact, a caption that is wrong in it alone); None where the scene has no such fact. With `clean`, never one that a
    split keeps back: a captioner must not learn that held-back pairs are always wrong."""
    facts = Facts.of(scene, style)
    makers: dict[str, Callable[[], Facts | None]] = {
        "relation": lambda: replace(facts, relation=OPPOSITE[facts.relation]) if facts.relation else None,
        "colour": lambda: _other_colour(facts, rng), "count": lambda: _other_count(facts, rng), "sibling": lambda: _other_thing(facts, rng),
    }
    kinds = [kind] if kind else rng.sample(WRONGS, len(WRONGS))
    for k in kinds:
        for _ in range(6):
            made = makers[k]()
            if made is None:
                break
            if not clean or _is_clean(made):
                if made.relation and rng.random() < 0.4:
                    made = replace(made, names=made.names[::-1], relation=OPPOSITE[made.relation])
                return k, made.words()
    return None


def _is_clean(facts: Facts) -> bool:
    kind = "pair" if facts.relation else "count" if facts.number > 1 else "hue" if facts.hue else "single"
    from forge.scenes import Thing

    things = tuple(Thing(n, 0, None, None, (0.0, 0.0), 1.0, facts.hue if i == 0 else None) for i, n in enumerate(facts.names))
    return is_clean(Scene(kind, "square", things * facts.number if kind == "count" else things, facts.ground))


def _other_colour(facts: Facts, rng: random.Random) -> Facts | None:
    if facts.hue and rng.random() < 0.7:
        others = [h for h in hues_of(facts.names[0]) if h != facts.hue]
        return replace(facts, hue=rng.choice(others)) if others else None
    if facts.ground in PLACES:
        return replace(facts, ground=rng.choice([p for p in PLACES if p != facts.ground]))
    if facts.ground == NEUTRAL and rng.random() < 0.7:
        return None
    return replace(facts, ground=rng.choice([g for g in GROUNDS if g != facts.ground]))


def _other_count(facts: Facts, rng: random.Random) -> Facts | None:
    if facts.relation or facts.hue:
        return None
    if facts.number == 1 and (facts.names[0] not in set(everyday()) or rng.random() < 0.4):
        return None
    options = [n for n in (facts.number - 1, facts.number + 1) if 1 <= n <= 4]
    return replace(facts, number=rng.choice(options))


def _other_thing(facts: Facts, rng: random.Random) -> Facts | None:
    several = facts.relation is not None or facts.number > 1
    at = rng.randrange(len(facts.names))
    other = sibling(facts.names[at], rng, set(everyday()) if several else None)
    if other is None or other in facts.names or (facts.hue and facts.hue not in hues_of(other)):
        return None
    return replace(facts, names=tuple(other if n == at else c for n, c in enumerate(facts.names)))


# -- questions

QUESTION_KINDS = {"what": 0.22, "ground": 0.16, "hue": 0.08, "count": 0.16, "there": 0.24, "where": 0.10, "style": 0.04}
BEIGE = "beige"
"""What the ground is called that no caption names."""


def question(scene: Scene, style: str, rng: random.Random, kind: str | None = None) -> tuple[str, str, str]:
    """(kind, question, answer). Where the scene has no answer to the drawn kind, another is drawn."""
    while True:
        drawn = kind or rng.choices(list(QUESTION_KINDS), list(QUESTION_KINDS.values()))[0]
        made = _ASK[drawn](ordered(scene), style, rng)
        if made:
            return (drawn, *made)
        if kind:
            return ("", "", "")


Asked = tuple[str, str] | None


def _what(scene: Scene, style: str, rng: random.Random) -> Asked:
    names = [name_of(t.concept) for t in scene.things]
    if scene.kind == "pair":
        first, second = names
        sideways = scene.relation == "left"
        draw = rng.random()
        if draw < 0.45:
            ends = (("on the left", "on the left side"), ("on the right", "on the right side")) if sideways else (("at the top", "on top", "above"), ("at the bottom", "below"))
            at = rng.randrange(2)
            return rng.choice(("what is {}?", "what do you see {}?", "which thing is {}?")).format(rng.choice(ends[at])), names[at]
        if draw < 0.9:
            at = rng.randrange(2)
            side = ("left", "right") if sideways else ("above", "below")
            return rng.choice(("what is {} the {}?", "which thing is {} the {}?")).format(SIDES[side[at]], names[1 - at]), names[at]
        return rng.choice(("what is in the picture?", "what is this?", "what do you see?")), f"{first} and {second}"
    return rng.choice(("what is this?", "what is in the picture?", "what do you see?", "what is shown?", "what are these?" if scene.kind == "count" else "what is it?")), names[0]


def _asked_ground(scene: Scene, style: str, rng: random.Random) -> Asked:
    if scene.ground in PLACES:
        return rng.choice(("where is it?", "where is the {}?".format(name_of(scene.things[0].concept)))), scene.ground
    colour = BEIGE if scene.ground == NEUTRAL else scene.ground
    forms = ("what colour is the background?", "what color is the background?", "what is the colour of the background?", "which colour is behind it?", "what colour is the background?")
    return rng.choice(forms), colour


def _asked_hue(scene: Scene, style: str, rng: random.Random) -> Asked:
    if scene.kind == "count":
        return None
    told = [(t, hue_class(t, style)) for t in scene.things]
    told = [(t, h) for t, h in told if h >= 0]
    if not told:
        return None
    thing, hue = rng.choice(told)
    return rng.choice(("what colour is the {}?", "what color is the {}?", "which colour is the {}?")).format(name_of(thing.concept)), HUE_NAMES[hue]


def _asked_count(scene: Scene, style: str, rng: random.Random) -> Asked:
    number = len(scene.things) if scene.kind == "count" else 1
    words = {1: "one", **NUMBERS}
    name = name_of(rng.choice(scene.things).concept)
    draw = rng.random()
    if draw < 0.15:
        other = rng.choice(everyday())
        if other in {t.concept for t in scene.things}:
            return None
        return rng.choice(("how many {} are there?", "how many {} do you see?")).format(plural(name_of(other))), "none"
    if draw < 0.35 or scene.kind != "count" and draw < 0.6:
        return rng.choice(("how many things are there?", "how many are there?", "how many objects are in the picture?")), words[len(scene.things)]
    return rng.choice(("how many {} are there?", "how many {} do you see?", "how many {} are in the picture?")).format(plural(name)), words[number]


def _asked_there(scene: Scene, style: str, rng: random.Random) -> Asked:
    here = [t.concept for t in scene.things]
    draw, yes = rng.random(), rng.random() < 0.5
    if draw < 0.62 or scene.kind == "count" and draw < 0.8:
        concept = rng.choice(here)
        if not yes:
            other = sibling(concept, rng) if rng.random() < 0.5 else rng.choice(everyday())
            if other is None or other in here or name_of(other) in {name_of(h) for h in here}:
                return None
            concept = other
        thing = with_article(name_of(concept))
        return rng.choice(("is there {}?", "is there {} in the picture?", "can you see {}?", "is this {}?" if scene.kind in ("single", "hue", "place") else "is there {}?")).format(thing), "yes" if yes else "no"
    if scene.kind == "pair" and draw < 0.82:
        a, b = here
        side = scene.relation if yes else OPPOSITE[scene.relation]
        if rng.random() < 0.5:
            a, b, side = b, a, OPPOSITE[side]
        return f"is the {name_of(a)} {SIDES[side]} the {name_of(b)}?", "yes" if yes else "no"
    if scene.ground in GROUNDS:
        colour = scene.ground if yes else rng.choice([g for g in GROUNDS if g != scene.ground])
        return rng.choice(("is the background {}?", "is it on a {} background?")).format(COLOUR_SYNONYMS.get(colour, colour) if rng.random() < 0.2 else colour), "yes" if yes else "no"
    return None


def _asked_where(scene: Scene, style: str, rng: random.Random) -> Asked:
    if scene.kind != "pair":
        return None
    at = rng.randrange(2)
    side = scene.relation if at == 0 else OPPOSITE[scene.relation]
    answers = {"left": "on the left", "right": "on the right", "above": "at the top", "below": "at the bottom"}
    return rng.choice(("where is the {}?", "on which side is the {}?")).format(name_of(scene.things[at].concept)), answers[side]


def _asked_style(scene: Scene, style: str, rng: random.Random) -> Asked:
    if style not in STYLE_ANSWERS:
        return None
    return rng.choice(("what style is this?", "which style is it?", "how is it drawn?")), STYLE_ANSWERS[style]


_ASK: dict[str, Callable[[Scene, str, random.Random], Asked]] = {
    "what": _what, "ground": _asked_ground, "hue": _asked_hue, "count": _asked_count, "there": _asked_there, "where": _asked_where, "style": _asked_style,
}


@lru_cache(maxsize=1)
def lexicon() -> list[str]:
    """Every word of captions, questions and answers: one piece each. Split as BERT splits, at marks."""
    import re

    from forge.captions import _GROUND_FORMS, _LEADS, _TAILS
    from forge.scene_captions import _PLACE_FORMS, RELATION_FORMS, SIZE_WORDS

    texts = [*_GROUND_FORMS, *_LEADS, *_TAILS, *(w for ws in SIZE_WORDS.values() for w in ws), *PREFIXES, *STYLE_WORDS.values(), *STYLE_ANSWERS.values()]
    texts += [f for forms in (*_PLACE_FORMS.values(), *RELATION_FORMS.values()) for f in forms] + [*SIDES.values(), *NUMBERS.values(), *COLOUR_SYNONYMS.values(), *GROUNDS, *HUE_NAMES]
    texts += ["what colour color is the of this it these are there where which how many do you see can in picture shown on at top bottom left right side above below behind",
              "background thing things object objects style drawn yes no none one beige 3d image photo drawing", "skin tone light medium dark with and an a"]
    for concept in captioner_concepts():
        names = [concept.title, concept.name, *concept.aliases]
        texts += [*names, *(plural(n) for n in names if n)]
    words = {w for t in texts for w in re.findall(r"[a-z0-9]+", t.lower())}
    return sorted(w for w in words if len(w) > 1)
