"""The evaluator is the pinned one, and the scores' arithmetic is right."""

import hashlib
import json

import pytest
import torch

from forge.concepts import starter_lines
from forge.evaluate import share, wilson
from forge.evaluator.frozen import PIN, WEIGHTS, FrozenEvaluator
from forge.splits import control_concepts

PINNED = "e54897a78bb540e631416a7c37147d2ea5804f1d360b628a4910343e9832ab70"


def test_weights_are_the_pinned_ones() -> None:
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == json.loads(PIN.read_text())["sha256"] == PINNED
    assert WEIGHTS.stat().st_size <= 3 * 2**20


def test_it_knows_all_starters_and_controls() -> None:
    classes = set(FrozenEvaluator().classes)
    assert len(classes) >= 600
    assert {i for i, _ in starter_lines()} | set(control_concepts()) <= classes


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    other = tmp_path / "weights.safetensors"
    other.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0\0")
    monkeypatch.setattr("forge.evaluator.frozen.WEIGHTS", other)
    with pytest.raises(RuntimeError, match="pinned"):
        FrozenEvaluator()


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
