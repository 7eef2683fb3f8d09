"""The tiny BLIP's folder and goldens follow from the code, and its graphs say what transformers' classes say."""

import base64
import json

import numpy as np
import pytest
import torch

from forge.captioner import tiny
from forge.captioner.reference import squeezed
from forge.captioner.runner import Runner
from forge.tests.near import apart

GOLDEN = json.loads((tiny.GOLDENS / "captioner-tiny.json").read_text())


@pytest.fixture(scope="module")
def runner() -> Runner:
    return Runner(tiny.MODEL)


def _bytes(text: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape)


def test_goldens_are_those_of_the_libraries():
    assert list(apart(json.loads(json.dumps(tiny.golden())), GOLDEN)) == []


@pytest.mark.parametrize("entry", GOLDEN["pictures"], ids=lambda e: e["name"])
def test_graphs_agree_with_transformers(runner: Runner, entry: dict):
    small = _bytes(entry["squeezed"], (tiny.SIDE, tiny.SIDE, 3))
    seen = runner.see(small)
    states = seen["last_hidden_state"]
    context = runner.context(states)
    given, right = entry["forced"]["tokens"], np.frombuffer(base64.b64decode(entry["forced"]["logits"]), "<f4").reshape(len(entry["forced"]["tokens"]), -1)
    at_once, _ = runner.step(np.array([given]), runner.empty(1), context)
    assert np.abs(at_once[0] - right).max() < 1e-4 * np.abs(right).max()
    cache, steps = runner.empty(1), []
    for token in given:
        logits, cache = runner.step(np.array([[token]]), cache, context)
        steps.append(logits[0, 0])
    assert np.abs(np.stack(steps) - right).max() < 1e-4 * np.abs(right).max()

    assert runner.caption(states) == entry["greedy"]
    assert runner.caption(states, beams=3) == entry["beams3"]
    assert runner.caption(states, prefix=entry["prefix"]["text"]) == entry["prefix"]["tokens"]
    for told in entry["answers"]:
        assert runner.encode(told["question"]) == told["ids"]
        assert runner.answer(states, told["question"]) == told["tokens"]
        assert runner.answer(states, told["question"], beams=3) == told["beams3"]
    texts = [m["text"] for m in entry["matches"]]
    # Several texts at once, the shorter ones padded, are what each is alone.
    assert np.allclose(runner.similar(texts, seen), [m["similarity"] for m in entry["matches"]], atol=1e-5)
    assert np.allclose(runner.fits(texts, states), [m["logits"] for m in entry["matches"]], atol=1e-4)


def test_squeezing_is_pillows_bicubic():
    for entry, picture in zip(GOLDEN["pictures"], tiny.pictures().values(), strict=True):
        assert np.array_equal(squeezed(picture, tiny.SIDE), _bytes(entry["squeezed"], (tiny.SIDE, tiny.SIDE, 3)))


def test_tasks_share_their_parts():
    blip, _ = tiny.tiny_blip()
    assert blip.captioning.vision_model is blip.matching.vision_model is blip.answering.vision_model
    assert blip.captioning.text_decoder is blip.answering.text_decoder
    assert blip.answering.text_encoder is blip.matching.text_encoder
    assert torch.equal(blip.decoder.cls.predictions.decoder.weight, blip.encoder.embeddings.word_embeddings.weight)
