"""Exposures by error: what is badly drawn is shown more often, in the base's training and in a brand's."""

import random
from collections import Counter
from dataclasses import replace

import torch

from forge.autoencoder import AutoencoderShape, Encoder
from forge.captions import corpus
from forge.concepts import BASE_STYLE, STYLES, starter_concepts
from forge.hardness import Hardness
from forge.latents import Latents, to_row
from forge.lora.brands import gaps_of
from forge.lora.examples import Example, Examples
from forge.pictures import Pictures, load_pictures
from forge.scenes import Scene, Thing, everyday
from forge.tokenizer import WINDOW, Encode, build_tokenizer, tokenizer_folder, write_tokenizer
from forge.train_denoiser import Batches


def single(concept: str) -> Scene:
    return Scene("single", "square", (Thing(concept, 0, None, None, (128.0, 128.0), 186.0),), "red")


def test_weights_follow_the_error_within_their_limits() -> None:
    hardness = Hardness(4)
    assert hardness.weights().tolist() == [1, 1, 1, 1]
    hardness.learn(torch.tensor([0, 1, 2]), torch.tensor([0.001, 0.2, 1.0]))
    low, middle, high, unmet = hardness.weights().tolist()
    assert low == torch.tensor(Hardness.LIMITS[0]) and unmet == 1 and middle < 1 < high
    even = Hardness(2)
    even.learn(torch.tensor([0, 1]), torch.tensor([0.1, 0.2]))
    assert torch.isclose(even.weights()[1] / even.weights()[0], torch.tensor(4.0)), "by the square"
    for _ in range(30):
        hardness.learn(torch.tensor([2]), torch.tensor([0.2]))
    assert abs(hardness.weights()[2] - hardness.weights()[1]) < 1e-3


def test_the_same_error_counts_more_where_the_next_style_is_near() -> None:
    hardness = Hardness(3, torch.tensor([0.2, 0.4, 0.0]))
    hardness.learn(torch.tensor([0, 1]), torch.tensor([0.1, 0.1]))
    near, far, _ = hardness.weights().tolist()
    assert abs(near / far - 2) < 1e-4, "by the gap's inverse"
    hardness.learn(torch.tensor([2]), torch.tensor([0.1]))
    assert hardness.weights().isfinite().all(), "not even where two styles draw the same"


def test_a_brands_gaps_are_to_the_nearest_other_style() -> None:
    pictures = load_pictures(64)
    cat = tuple(c for c in starter_concepts() if c.id == "cat")
    torch.manual_seed(0)
    encoder = Encoder(AutoencoderShape(widths=(16, 16, 32)))
    def gap(*styles: str) -> float:
        kept = [n for n, e in enumerate(pictures.entries) if e.style in styles]
        return gaps_of(Pictures(pictures.rgba[kept], [pictures.entries[n] for n in kept]), "noto", cat, encoder)["cat"]

    alone = {s: gap("noto", BASE_STYLE, s) for s in STYLES}
    assert gap(*STYLES) == min(alone.values()) < alone[BASE_STYLE], "the nearest, which is not the base"
    examples = Examples({"square": [Example(torch.zeros(12, 16, 16), lambda _: "a thing", single(c)) for c in ("cat", "cow", "dog")]}, {"cat": 0.2, "dog": 0.4})
    assert torch.allclose(examples.gaps, torch.tensor([0.2, 0.3, 0.4])), "of a thing without a gap, the middle"


def test_a_brand_shows_the_hard_thing_more_often() -> None:
    examples = Examples({"square": [Example(torch.zeros(12, 16, 16), lambda _: "a thing", single(c)) for c in ("cat", "dog")] + [Example(torch.zeros(12, 16, 16), lambda _: "none")]})
    examples.weigh(torch.tensor([3.0, 0.3]))
    met = Counter(n for seed in range(40) for n in examples.batch(25, random.Random(seed))[3].tolist())
    assert examples.concepts == ["cat", "dog"]
    assert 2.3 < met[0] / met[-1] < 3.9 and 0.15 < met[1] / met[-1] < 0.5


def test_the_base_shows_the_hard_thing_more_often() -> None:
    shard = {"square": {"latents": torch.zeros(2, 12, 16, 16).half(), "scenes": [to_row(single(c)) for c in everyday()[:2]]}}
    write_tokenizer(build_tokenizer(corpus(), 1024), tokenizer_folder("hardness"))
    batches = Batches(Latents([shard]), Encode(tokenizer_folder("hardness"), WINDOW), 1)
    batches.weigh(torch.tensor([3.0, 0.5]))
    batch = batches.batch(600, {"single": 1.0}, (("square", 1.0),))
    met = Counter(batch.named.tolist())
    assert 4 < met[0] / met[1] < 9 and batches.index == {c: n for n, c in enumerate(sorted(everyday()[:2]))}
    assert bool((batch.named[batch.dropped] == -1).all())


def test_a_thing_whose_size_is_told_is_a_kind_of_its_own_and_says_nothing_of_its_error() -> None:
    one, other = everyday()[:2]
    scenes = [single(one), replace(single(one), size="big"), replace(single(other), size="big")]
    shard = {"square": {"latents": torch.arange(3.0).view(3, 1, 1, 1).expand(3, 12, 16, 16).half(), "scenes": [to_row(s) for s in scenes]}}
    write_tokenizer(build_tokenizer(corpus(), 1024), tokenizer_folder("hardness"))
    batches = Batches(Latents([shard]), Encode(tokenizer_folder("hardness"), WINDOW), 1)
    told, usual = (batches.batch(200, {kind: 1.0}, (("square", 1.0),)) for kind in ("sized", "single"))
    assert set(told.clean[:, 0, 0, 0].tolist()) == {1.0, 2.0} and set(told.named.tolist()) == {-1}
    met = usual.named == batches.index[one]
    assert met.any() and set(usual.clean[met][:, 0, 0, 0].tolist()) == {0.0} and set(usual.named[~met].tolist()) == {-1}
    # The other thing has no scene of its usual size: it is drawn in the one it has, and counted nowhere.
    assert 2.0 in usual.clean[~met][:, 0, 0, 0].tolist() and 1.0 not in usual.clean[:, 0, 0, 0].tolist()
    assert Examples({"square": [Example(torch.zeros(12, 16, 16), lambda _: "a thing", s) for s in scenes]}).named == {"square": [0, -1, -1]}
