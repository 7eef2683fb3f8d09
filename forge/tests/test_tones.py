"""The measure of skin tones: a real drawing is told for what it is, wherever it lies."""

import random

import torch

from forge.concepts import TONES, all_concepts
from forge.grounds import NEUTRAL
from forge.pictures import load_pictures
from forge.prompts import Sets
from forge.scenes import Scene, Thing, render
from forge.steering import STEP, USUAL
from forge.tones import nearest_tones, people, prompt_of


def test_a_real_drawing_is_told_by_its_tone_wherever_it_lies() -> None:
    sets = Sets(load_pictures(64))
    astronaut = all_concepts()["astronaut"]
    rows = sets.planner.rows["astronaut"]
    for n, (row, tone, gender) in enumerate(rows):
        spot = (128.0 + STEP * (n % 3 - 1), 128.0 + STEP * (n // 3 % 3 - 1))
        picture = render(sets.pictures, [Scene("single", "square", (Thing("astronaut", row, tone, gender, spot, USUAL),), NEUTRAL)], random.Random(0))
        noisy = picture + 0.2 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(n))
        assert nearest_tones(noisy, astronaut, sets) == [tone]
    assert len({t for _, t, _ in rows}) >= 3


def test_people_are_those_with_every_tone_in_hash_order() -> None:
    known = all_concepts()
    with_all = [c for c in known.values() if set(TONES) <= set(c.tones)]
    assert people(tuple(known.values()), 3) == people(tuple(reversed(known.values())), 3)
    assert all(c in with_all for c in people(tuple(known.values()), 3))


def test_the_prompt_says_the_tone_in_words() -> None:
    assert prompt_of(all_concepts()["astronaut"], "medium-dark") == "an astronaut with medium dark skin tone"
