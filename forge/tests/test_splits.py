"""The held-out splits are fixed, disjoint from training, and blind to order."""

import hashlib
import random
from collections import Counter
from pathlib import Path

from forge.concepts import starter_lines
from forge.grounds import GROUNDS
from forge.latents import SIZES, Mix, plan
from forge.pictures import load_pictures
from forge.prompts import Sets
from forge.scene_captions import caption_of
from forge.scenes import Planner
from forge.splits import HELD_OUT_RELATIONS, SHARES, control_concepts, derive_controls, is_held_out, place
from forge.steering import BIG, SMALL

IDS = (Path(__file__).parent / "fixtures" / "concept_ids.txt").read_text().split()


def test_membership_never_changes() -> None:
    """Pins every decision of H1 to H4 over the starter list: a changed hash is a changed split."""
    starter = sorted(i for i, _ in starter_lines())
    pairs = [("H2", c, g) for c in starter for g in GROUNDS]
    pairs += [("H1", a, b) for n, a in enumerate(starter) for b in starter[n + 1 :]]
    pairs += [("H3", c, n) for c in starter for n in ("2", "3", "4")]
    pairs += [("H4", c, h) for c in starter for h in ("red", "orange", "yellow", "green", "blue", "purple", "pink")]
    bits = "".join(str(int(is_held_out(*p))) for p in pairs)
    assert hashlib.sha256(bits.encode()).hexdigest() == "be86d8c3062d7c3a0979ed878a576db1b8d97f3071ea7e0ec89d9124c05c9a31"


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


def held_back(scene) -> bool:
    """Does a split keep this scene from training?"""
    ids = [t.concept for t in scene.things]
    return (
        any(c in control_concepts() for c in ids)
        or any(is_held_out("H2", c, scene.ground) for c in ids if scene.ground in GROUNDS)
        or scene.kind == "pair" and is_held_out("H1", *ids)
        or scene.kind == "count" and is_held_out("H3", ids[0], str(len(ids)))
        or scene.kind == "hue" and is_held_out("H4", ids[0], scene.things[0].hue)
    )


def planned(mix: Mix) -> list:
    return [s for scenes in plan(load_pictures(32), mix).values() for s in scenes]


def test_the_plan_of_training_scenes_holds_nothing_held_back() -> None:
    scenes = planned(Mix(*({"square": 60, "wide": 20, "tall": 20} for _ in range(7))))
    assert {s.kind for s in scenes} == {"single", "pair", "count", "hue", "place"}
    assert not any(held_back(s) for s in scenes)


def test_the_sets_of_the_evaluation_are_what_they_say() -> None:
    """Held-out prompts are held back and trained ones are not: a planner that ignored the splits would fail both."""
    sets = Sets(load_pictures(32))
    held = {n: sets.draw(n, 50) for n in ("single, held-out (H2)", "pair, held-out (H1)", "count, held-out (H3)", "colour, held-out (H4)")}
    # The tests' seven concepts are too few for every split to hold one back; more than one does.
    assert sum(bool(drawn) for drawn in held.values()) >= 2
    assert all(held_back(p.scene) for drawn in held.values() for p in drawn)
    for name in ("single, trained", "pair, trained", "count, trained", "colour, trained"):
        drawn = sets.draw(name, 50)
        assert drawn and not any(held_back(p.scene) for p in drawn), name


def test_each_thing_is_shown_in_each_size_that_can_be_asked_for() -> None:
    nothing = {"square": 0, "wide": 0, "tall": 0}
    scenes = planned(Mix(*(nothing for _ in range(6)), {"square": 2, "wide": 1, "tall": 1}))
    shown = Counter((s.things[0].concept, s.aspect, s.size) for s in scenes)
    concepts = Planner(load_pictures(32), random.Random(0)).concepts
    assert shown == {(c, a, s): 2 if a == "square" else 1 for c in concepts for a, sizes in SIZES.items() for s in sizes}
    assert all(s.things[0].side == {"big": BIG, "small": SMALL}[s.size] for s in scenes)


def test_prompts_that_name_a_size_are_drawn_so() -> None:
    sets = Sets(load_pictures(32))
    for size in ("big", "small"):
        drawn = sets.draw(f"single, {size}", 20)
        assert drawn and all(p.scene.size == size and f" {size} " in f" {p.text} " for p in drawn)
        assert [p.scene.ground for p in drawn] == [p.scene.ground for p in sets.draw("single, held-out (H2)", 20)]


def test_each_drawing_of_a_person_has_scenes_of_its_own() -> None:
    """Genders and skin tones share a concept's scenes; with a few for each drawing more, none is left out."""
    nothing = {"square": 0, "wide": 0, "tall": 0}
    scenes = planned(Mix(*(nothing for _ in range(5)), {"square": 12, "wide": 2, "tall": 0}, nothing))
    planner = Planner(load_pictures(32), random.Random(0))
    for concept, rows in planner.rows.items():
        drawn = [s.things[0].row for s in scenes if s.things[0].concept == concept]
        assert len(drawn) == (14 * len(rows) if len(rows) > 1 else 0) and (not drawn or set(drawn) == {r for r, _, _ in rows})


def test_no_caption_uses_a_wording_of_h5() -> None:
    rng = random.Random(0)
    scenes = planned(Mix({"square": 1, "wide": 0, "tall": 0}, {"square": 300, "wide": 0, "tall": 0}, *({"square": 0, "wide": 0, "tall": 0} for _ in range(5))))
    captions = [caption_of(s, rng) for s in scenes for _ in range(4)]
    assert not any(w in c.replace("to the left of", "") for c in captions for w in HELD_OUT_RELATIONS)
    assert any(h in p.text for p in Sets(load_pictures(32)).draw("pair, new wording (H5)", 3) for h in HELD_OUT_RELATIONS)


def test_every_skin_tone_has_as_many_pictures() -> None:
    planner = Planner(load_pictures(32), random.Random(0))
    tones = [planner.drawing("astronaut")[1] for _ in range(1200)]
    assert all(abs(tones.count(t) / 1200 - 1 / 3) < 0.05 for t in (None, "light", "dark"))
