"""The held-out splits are fixed, disjoint from training, and blind to order."""

import hashlib
import random
from pathlib import Path

from forge.captions import trainable_grounds
from forge.concepts import starter_concepts, starter_lines
from forge.grounds import GROUNDS
from forge.latents import plan
from forge.pictures import load_pictures
from forge.splits import SHARES, control_concepts, derive_controls, is_held_out, place

IDS = (Path(__file__).parent / "fixtures" / "concept_ids.txt").read_text().split()


def test_membership_never_changes() -> None:
    """Pins every decision of H1 to H4 over the starter list: a changed hash is a changed split."""
    starter = sorted(i for i, _ in starter_lines())
    pairs = [("H2", c, g) for c in starter for g in GROUNDS]
    pairs += [("H1", a, b) for n, a in enumerate(starter) for b in starter[n + 1 :]]
    pairs += [("H3", c, n) for c in starter for n in ("two", "three", "four")]
    pairs += [("H4", c, h) for c in starter for h in ("red", "orange", "yellow", "green", "blue", "purple", "pink")]
    bits = "".join(str(int(is_held_out(*p))) for p in pairs)
    assert hashlib.sha256(bits.encode()).hexdigest() == "695f8fd867e70d7068d0dcc6cba6e2a56b1e127761f7fc85b4e3e4d40a69aad2"


def test_order_of_a_pair_does_not_matter() -> None:
    assert place("H1", "cat", "dog") == place("H1", "dog", "cat")
    assert place("H1", "cat", "dog") != place("H2", "cat", "dog")


def test_shares_are_as_declared() -> None:
    for split, share in SHARES.items():
        hits = sum(is_held_out(split, a, b) for a in IDS[:120] for b in IDS[120:240])
        assert abs(hits / 14_400 - share) < 0.01


def test_controls_are_the_derived_ones_and_never_starters() -> None:
    assert list(control_concepts()) == derive_controls(IDS)
    assert len(set(control_concepts())) == 40
    assert not set(control_concepts()) & {i for i, _ in starter_lines()}


def test_the_plan_of_training_pictures_holds_no_held_out_pair_and_no_control() -> None:
    placements = plan(load_pictures(32))
    assert placements
    for p in placements:
        assert not is_held_out("H2", p.concept, p.ground)
        assert p.concept not in control_concepts()


def test_every_skin_tone_has_as_many_pictures() -> None:
    tones = [p.tone for p in plan(load_pictures(32)) if p.concept == "astronaut"]
    assert {tones.count(t) for t in (None, "light", "dark")} == {len(tones) // 3}


def test_some_pairs_of_the_fixture_are_held_out() -> None:
    """Guards the tests above against a sampler that is never tempted."""
    named = sum(len(trainable_grounds(c)) - 1 for c in starter_concepts())
    assert named < len(starter_concepts()) * len(GROUNDS)


def test_the_training_sampler_yields_only_planned_pairs() -> None:
    from forge.latents import Latents
    import torch

    placements = plan(load_pictures(32))
    shard = {"latents": torch.zeros(len(placements), 1), "concept": [p.concept for p in placements],
             "ground": [p.ground for p in placements], "tone": [p.tone or "" for p in placements]}
    latents, rng = Latents([shard]), random.Random(0)
    drawn = {latents.draw(rng)[:2] for _ in range(4000)}
    assert drawn == {(p.concept, p.ground) for p in placements}
    assert not any(is_held_out("H2", *pair) for pair in drawn)
