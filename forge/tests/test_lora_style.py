"""The judges of style and of names are the pinned ones, and their training runs."""

import hashlib
import json

import pytest
import torch

from forge.concepts import STYLES
from forge.evaluator import train as evaluator_train
from forge.evaluator.frozen import FrozenEvaluator
from forge.evaluator.train import Renders as EvaluatorRenders
from forge.lora import name_judge, style_train
from forge.lora.style_judge import PIN, WEIGHTS, StyleJudge
from forge.lora.style_net import VIEW
from forge.lora.style_train import Renders
from forge.pictures import load_pictures
from forge.training import checkpoint_path, load
from forge.training import save as save_checkpoint

PINNED_NAMES = "e73054de0181c00d65bbccaae2b25a8dbbd08b743f0f416b7146f732123d5f06"
PINNED = "a1731311b595d4daf2f68be401676e37eaa6c19e2c95cade93d5eaf66f338eb3"


def test_weights_are_the_pinned_ones() -> None:
    assert hashlib.sha256(WEIGHTS.read_bytes()).hexdigest() == json.loads(PIN.read_text())["sha256"] == PINNED
    assert WEIGHTS.stat().st_size <= 3 * 2**20


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    other = tmp_path / "style.safetensors"
    other.write_bytes(WEIGHTS.read_bytes()[:-1] + b"\0\0")
    monkeypatch.setattr("forge.lora.style_judge.WEIGHTS", other)
    with pytest.raises(RuntimeError, match="pinned"):
        StyleJudge()


def test_names_are_judged_by_the_pinned_weights_alone(tmp_path) -> None:
    assert hashlib.sha256(name_judge.WEIGHTS.read_bytes()).hexdigest() == json.loads(name_judge.PIN.read_text())["sha256"] == PINNED_NAMES
    other = tmp_path / "names.safetensors"
    other.write_bytes(name_judge.WEIGHTS.read_bytes()[:-1] + b"\0")
    with pytest.raises(RuntimeError, match="pinned"):
        FrozenEvaluator(other, name_judge.PIN)


def test_the_judge_of_names_sees_all_styles_evenly() -> None:
    pictures = load_pictures(64)
    concepts = sorted({e.concept for e in pictures.entries if all((s, e.concept) in pictures.by_concept for s in STYLES)})
    drawn = EvaluatorRenders(pictures, concepts, torch.Generator().manual_seed(2), base_share=0.0).batch(400)
    alone = drawn.style[drawn.count == 0]
    share_of = alone.bincount(minlength=len(STYLES)).float() / len(alone)
    assert share_of[1:].min() > 0.12 and share_of.max() < 0.4


def test_a_judge_is_never_pinned_after_what_it_judges(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(name_judge, "WEIGHTS", tmp_path / "names.safetensors")
    monkeypatch.setattr(name_judge, "PIN", tmp_path / "names-pin.json")
    evaluator_train.train("names-smoke", 32, float("inf"), batch=16, widths=(8, 16, 32), size=64, base_share=0.0, name=name_judge.STAGE)
    digest = name_judge.freeze("names-smoke")
    assert hashlib.sha256(name_judge.WEIGHTS.read_bytes()).hexdigest() == digest
    save_checkpoint(checkpoint_path("names-smoke", "lora-line"), {})
    assert name_judge.freeze("names-smoke") == digest
    name_judge.PIN.write_text('{"sha256": "another"}')
    with pytest.raises(RuntimeError, match="never after"):
        name_judge.freeze("names-smoke")


def test_renders_are_of_every_style_and_soft_more_often_than_not() -> None:
    pictures = load_pictures(64)
    concepts = sorted({e.concept for e in pictures.entries})
    renders = Renders(pictures, concepts, torch.Generator().manual_seed(0), VIEW)
    x, label = renders.batch(64)
    assert x.shape == (64, 3, VIEW, VIEW) and x.abs().max() <= 1 and set(label.tolist()) == set(range(len(STYLES)))


def test_it_tells_line_drawings_from_the_others() -> None:
    """A line drawing has no colour of its own: a fixture's drawings are enough to see that the right weights answer."""
    pictures = load_pictures(64)
    renders = Renders(pictures, sorted({e.concept for e in pictures.entries}), torch.Generator().manual_seed(1), 256)
    x, label = renders.plain(40)
    seen = StyleJudge().name(x)
    right = [a == STYLES[n] for a, n in zip(seen, label.tolist())]
    assert sum(right) >= 30


def test_training_resumes() -> None:
    style_train.train("style-smoke", 32, float("inf"), batch=16, widths=(8, 16, 32), size=64)
    path = checkpoint_path("style-smoke", "style")
    torch.save(load(path) | {"finished": False}, path)
    style_train.train("style-smoke", 64, float("inf"), batch=16, widths=(8, 16, 32), size=64)
    assert load(path)["finished"] and load(path)["samples"] == 64
