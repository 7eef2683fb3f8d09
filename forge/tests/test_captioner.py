"""Every stage of the captioner at a tiny size, up to an exported folder with goldens; and what it is never shown."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from forge.captioner import evaluate, golden, lexicon, safety, starter, train
from forge.captioner.captions import WRONGS, Facts, caption, question, relation_of, wrong
from forge.captioner.held_out import SPLITS, HeldOut, judge, read
from forge.captioner.net import small_config
from forge.captioner.runner import Runner
from forge.captioner.scenes import SEEN_STYLES, SIDE, Views, is_clean, may_be_seen
from forge.captioner.train_vision import train_vision
from forge.pictures import load_pictures
from forge.scenes import ASPECTS
from forge.splits import CAPTIONER_RENDER, CAPTIONER_UNSEEN_STYLE, control_concepts
from forge.training import checkpoint_path, load

SHAPE = {"width": 32, "vision_layers": 2, "text_layers": 2, "heads": 2, "vision_inner": 64, "text_inner": 64, "shared_width": 16}
RUN = "captioner-smoke"


@pytest.fixture(scope="module")
def views() -> Views:
    return Views(load_pictures(64), 5)


@pytest.fixture(scope="module")
def scenes(views: Views):
    return [views.scene() for _ in range(400)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = small_config(16, {"pad": 0, "bos": 1, "sep": 2}, **SHAPE).vision_config
    train_vision(RUN, 24, float("inf"), batch=8, size=64, config=config)
    train.train(RUN, 24, float("inf"), batch=8, size=64, each=1, shape=SHAPE)
    out = tmp_path_factory.mktemp("captioner") / "model"
    starter.export(RUN, out)
    starter.export(RUN, out, safety=safety.measure(out, 0.03, load_pictures(256)))
    return out


def test_nothing_held_back_is_shown(scenes):
    for scene, style in scenes:
        assert is_clean(scene) and style in SEEN_STYLES and style != CAPTIONER_UNSEEN_STYLE
        assert not {t.concept for t in scene.things} & set(control_concepts())
        if scene.kind in ("single", "hue", "place"):
            width, height = ASPECTS[scene.aspect]
            thing, short = scene.things[0], min(width, height)
            assert may_be_seen(thing.side / short, ((thing.centre[0] - width / 2) / short, (thing.centre[1] - height / 2) / short))


def test_held_out_scenes_are_held_back():
    drawer = HeldOut(load_pictures(64), 3)
    assert any(drawer.keys[split] for split in SPLITS)
    for split in ("H1", "H2", "H3", "H4"):
        assert all(not is_clean(s) for s in drawer.scenes(split, 8))
    for scene in drawer.scenes("H7", 8):
        thing = scene.things[0]
        assert not may_be_seen(thing.side / 256, (thing.centre[0] / 256 - 0.5, thing.centre[1] / 256 - 0.5))
    assert CAPTIONER_RENDER["scale"][0] < CAPTIONER_RENDER["scale"][1]


def test_a_caption_read_back_is_the_scene(scenes):
    tokenizer = lexicon.tokenizer()
    for scene, style in scenes:
        text = tokenizer.decode(tokenizer.encode(caption(scene, style), add_special_tokens=False).ids)
        assert all(judge(read(text), Facts.of(scene, style)).values()), (caption(scene, style), text)
        assert tokenizer.token_to_id("[UNK]") not in tokenizer.encode(text).ids


def test_wrong_captions_are_wrong_in_one_fact(scenes):
    rng, seen = random.Random(1), set()
    for scene, style in scenes:
        truth = Facts.of(scene, style)
        for kind in WRONGS:
            made = wrong(scene, style, rng, kind)
            if made is None:
                continue
            found = judge(read(made[1]), truth)
            fact = {"relation": "relation", "colour": "colour", "count": "count", "sibling": "concept"}[kind]
            assert not found[fact] or kind == "relation" and not found["relation"], (caption(scene, style), made)
            seen.add(kind)
    assert seen >= {"relation", "colour", "count"}


def test_questions_have_true_answers(scenes):
    rng = random.Random(2)
    yes = []
    for scene, style in scenes:
        kind, asked, answer = question(scene, style, rng)
        assert asked.endswith("?") and answer
        if kind == "there":
            yes.append(answer == "yes")
        if kind == "where":
            side = relation_of(scene)
            assert answer in {"left": ("on the left", "on the right"), "right": ("on the left", "on the right")}.get(side, ("at the top", "at the bottom"))
    assert 0.3 < np.mean(yes) < 0.7


def test_pictures_fit_the_preprocessing(views: Views):
    view = views.view()
    assert view.picture.shape == (SIDE, SIDE, 3) and view.picture.dtype == np.uint8


def test_grouped_texts_are_what_the_class_says():
    tokenizer = lexicon.tokenizer()
    torch.manual_seed(1)
    blip = train.build(tokenizer, SHAPE).eval()
    ids = torch.randint(5, 60, (2, 3, 7))
    ids[:, 1, 5:] = 0
    states = torch.randn(2, 65, SHAPE["width"])
    flat = ids.view(6, 7)
    with torch.no_grad():
        right = blip.encoder(flat, attention_mask=(flat != 0).long(), encoder_hidden_states=states.repeat_interleave(3, 0)).last_hidden_state
        assert torch.allclose(train.encode(blip.encoder, ids, states)[flat != 0], right[flat != 0], atol=1e-5)


def test_training_ends_with_averaged_weights_and_is_left_alone(folder: Path):
    kept = load(checkpoint_path(RUN, "captioner"))
    assert kept["samples"] == 24
    before = checkpoint_path(RUN, "captioner").stat().st_mtime_ns
    train.train(RUN, 999, float("inf"), shape=SHAPE)
    assert checkpoint_path(RUN, "captioner").stat().st_mtime_ns == before


def test_goldens_hold_for_the_exported_folder(folder: Path, tmp_path: Path):
    made = golden.golden(RUN, folder, tmp_path, part=0.03, generated=False)
    assert golden.check(folder, tmp_path) == []
    assert 0 <= made["agreement"]["greedy"] <= 1


def test_scores_come_out_for_any_weights(folder: Path, tmp_path: Path):
    told = evaluate.evaluate(folder, part=0.02, generator=0, results=tmp_path / "scores.json")
    assert set(told["rows"]["answers, held-out"]) <= {"what", "what colour", "how many", "is there"}
    assert 0 <= told["rows"]["matching, held-out"]["all"]["low"] <= 1


def test_shipped_weights_come_back(folder: Path):
    blip, _ = starter.reload(folder)
    runner, picture = Runner(folder), np.full((SIDE, SIDE, 3), 90, np.uint8)
    with torch.no_grad():
        right = blip.vision(torch.from_numpy(runner.pixels(picture))).last_hidden_state.numpy()
    assert np.abs(runner.see(picture)["last_hidden_state"] - right).max() < 1e-3
