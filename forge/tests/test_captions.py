"""Captions name what the picture shows, and nothing a held-out pair would teach."""

import random
from dataclasses import replace

import pytest

from forge import concepts
from forge.captions import DROP_SHARE, caption_for, empty_caption, prompt_for, with_article
from forge.concepts import all_concepts
from forge.grounds import GROUNDS, NEUTRAL


def test_a_ground_is_named_exactly_when_there_is_one() -> None:
    rng, cat = random.Random(0), all_concepts()["cat"]
    words = set(GROUNDS) | {"gray", "violet"}
    for _ in range(300):
        assert not words & set(caption_for(cat, NEUTRAL, None, rng).replace(",", "").split())
        assert {"purple", "violet"} & set(caption_for(cat, "purple", None, rng).replace(",", "").split())


def test_a_skin_tone_is_often_named_and_never_invented() -> None:
    rng, astronaut = random.Random(0), all_concepts()["astronaut"]
    named = sum("dark" in caption_for(astronaut, NEUTRAL, "dark", rng) for _ in range(400))
    assert 180 < named < 300
    assert not any("skin" in caption_for(astronaut, NEUTRAL, None, rng) for _ in range(200))


def test_the_plain_prompt() -> None:
    concepts = all_concepts()
    assert prompt_for(concepts["red-apple"], NEUTRAL) == "an apple"
    assert prompt_for(concepts["cat"], "blue") == "a cat on a blue background"


def test_a_name_that_two_things_share_is_in_no_caption(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is learned under it would be the mean of both."""
    apple, cat = (replace(all_concepts()[i], aliases=aliases) for i, aliases in (("red-apple", ("fruit", "thing")), ("cat", ("pet", "thing"))))
    monkeypatch.setattr(concepts, "vocabulary", lambda: (apple, cat))
    monkeypatch.setattr(concepts, "all_concepts", lambda: {c.id: c for c in (apple, cat)})
    concepts.own_aliases.cache_clear()
    assert concepts.own_aliases() == {"red-apple": ("fruit",), "cat": ("pet",)}
    rng = random.Random(0)
    told = " ".join(caption_for(cat, NEUTRAL, None, rng) for _ in range(200))
    concepts.own_aliases.cache_clear()
    assert "pet" in told and "thing" not in told


def test_articles() -> None:
    assert [with_article(n) for n in ("owl", "ufo", "unicorn", "glasses", "bus", "bread")] == ["an owl", "a ufo", "a unicorn", "glasses", "a bus", "bread"]


def test_dropped_captions_are_mostly_empty() -> None:
    rng = random.Random(0)
    drawn = [empty_caption(rng) for _ in range(400)]
    assert 0.65 < drawn.count("") / 400 < 0.85 and 0.10 <= DROP_SHARE <= 0.15
