"""The evaluator is the pinned one, and the scores' arithmetic is right."""

import hashlib
import json
import random

import pytest
import torch

from forge.concepts import BASE_STYLE, starter_concepts, starter_lines
from forge.evaluate import holds
from forge.measures import kernel_distance, nearest_ratio, share, spread, wilson
from forge.evaluator.frozen import PIN, WEIGHTS, FrozenEvaluator, windows_along
from forge.pictures import load_pictures
from forge.scenes import Planner, render
from forge.splits import control_concepts

PINNED = "2d5e49ff1decb1e42da9c87c79789813c00141edaade1306de65efcdf20768a5"


def test_weights_are_the_pinned_ones() -> None:
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == json.loads(PIN.read_text())["sha256"] == PINNED
    assert WEIGHTS.stat().st_size <= 3.5 * 2**20


def test_it_knows_all_starters_and_controls() -> None:
    classes = set(FrozenEvaluator().classes)
    assert len(classes) >= 600
    assert {i for i, _ in starter_lines()} | set(control_concepts()) <= classes


def test_other_weights_are_refused(tmp_path) -> None:
    other = tmp_path / "weights.safetensors"
    other.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0\0")
    with pytest.raises(RuntimeError, match="pinned"):
        FrozenEvaluator(other)


def test_rank_counts_better_candidates_only() -> None:
    evaluator = FrozenEvaluator()
    logits = torch.zeros(1, len(evaluator.classes))
    logits[0, evaluator.index["cat"]], logits[0, evaluator.index["dog"]] = 2, 3
    assert evaluator.ranks(logits, ["cat"], ["cat", "dog", "fish"]) == [2]
    assert evaluator.ranks(logits, ["cat"], ["cat", "fish"]) == [1]


def test_wilson_interval_matches_the_textbook() -> None:
    low, high = wilson(8, 10)
    assert low == pytest.approx(0.4902, abs=1e-4) and high == pytest.approx(0.9433, abs=1e-4)
    assert share([True] * 8 + [False] * 2)["share"] == 0.8


def test_kernel_distance_is_zero_for_one_distribution_and_grows_with_a_shift() -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(400, 8, generator=generator), torch.randn(400, 8, generator=generator)
    assert abs(kernel_distance(a, b)) < 0.05 < kernel_distance(a, b + 0.5) < kernel_distance(a, b + 1)


def test_a_copy_is_near_and_a_stranger_is_not() -> None:
    training = torch.randn(50, 8, generator=torch.Generator().manual_seed(0))
    assert nearest_ratio(training + 1e-4, training) < 0.01 < 0.6 < nearest_ratio(torch.full((5, 8), 50.0), training)


def test_spread_is_the_mean_distance() -> None:
    assert spread([torch.tensor([[0.0, 0.0], [3.0, 4.0]])]) == pytest.approx(5)


def test_relations_are_seen_from_the_second_thing() -> None:
    assert holds("left", (60, 128), (190, 128)) and not holds("left", (190, 128), (60, 128)) and not holds("left", (120, 0), (130, 0))
    assert holds("above", (128, 60), (128, 190)) and holds("below", (128, 190), (128, 60)) and holds("right", (190, 0), (60, 0))


def test_of_wide_and_tall_pictures_it_sees_both_ends() -> None:
    pictures = load_pictures(64)
    planner = Planner(pictures, random.Random(0), tuple(c for c in starter_concepts() if (BASE_STYLE, c.id) in pictures.by_concept)[:4])
    square = torch.nn.functional.interpolate(render(pictures, [planner.single("square", c) for c in planner.concepts], random.Random(0)), 192)
    evaluator = FrozenEvaluator()
    alone = evaluator.look(square)
    for axis, shape in ((3, (192, 320)), (2, (320, 192))):
        ground = square[:, :, :1, :1].expand(-1, -1, *shape)
        for at_end in (False, True):
            picture = ground.clone()
            picture.narrow(axis, 128 if at_end else 0, 192).copy_(square)
            windows = windows_along(picture)
            assert len(windows) == 5 and all(w.shape[2:] == (192, 192) for w in windows)
            assert evaluator.look(picture).concept.argmax(1).tolist() == alone.concept.argmax(1).tolist()
