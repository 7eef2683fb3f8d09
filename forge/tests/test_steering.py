"""What a caption leaves open lies in the noise: exactly, and without changing how noise is distributed."""

import random

import torch

from forge.denoiser import Steer
from forge.pictures import load_pictures
from forge.scene_captions import caption_of
from forge.scenes import ASPECTS, KINDS
from forge.steering import ACROSS, DRAWING, FREE, STEP, UPRIGHT, USUAL, SteeredPlanner, couple, quantile, steer_of


def planner(seed: int = 0) -> SteeredPlanner:
    return SteeredPlanner(load_pictures(32), random.Random(seed))


def test_steered_noise_is_still_standard_normal_and_lies_where_it_was_told() -> None:
    generator = torch.Generator().manual_seed(0)
    third = torch.randint(3, (6000, 4, 1), generator=generator) / 3
    steer = torch.cat([third, third + 1 / 3], -1)
    noise = couple(torch.randn(6000, 12, 4, 4, generator=generator), steer, generator)
    means = noise[:, :4].mean((2, 3)) * 4
    assert (means.mean(0).abs() < 0.06).all() and ((means.std(0) - 1).abs() < 0.05).all()
    assert abs(float(noise.std()) - 1) < 0.01 and abs(float((noise**4).mean()) - 3) < 0.05
    low, high = quantile(steer[..., 0]), quantile(steer[..., 1])
    assert ((means >= low - 1e-3) & (means <= high + 1e-3)).all()


def test_the_net_reads_every_choice_at_pure_noise_and_none_later() -> None:
    steer = Steer(12, 20)
    with torch.no_grad():
        steer.linear.weight.copy_(torch.eye(20))
    generator = torch.Generator().manual_seed(1)
    sixth = torch.randint(6, (600, 4, 1), generator=generator) / 6
    noise = couple(torch.randn(600, 12, 16, 16, generator=generator), torch.cat([sixth + 0.01, sixth + 0.15], -1), generator)
    read = steer(noise, torch.full((600,), 1000.0)).view(600, 4, 5)
    assert torch.equal((read > 0.5).sum(-1), (sixth[..., 0] * 6).round().long())
    assert not steer(noise, torch.full((600,), 900.0)).any()


def test_noise_close_to_a_cut_is_still_on_one_side_of_it() -> None:
    """A hundredth of a deviation away: read as half of both, it would be drawn as two pictures at once."""
    steer = Steer(12, 20)
    with torch.no_grad():
        steer.linear.weight.copy_(torch.eye(20))
    for side in (-0.01, 0.01):
        noise = torch.full((1, 12, 16, 16), (float(quantile(torch.tensor(1 / 3))) + side) / 16)
        read = float(steer(noise, torch.tensor([1000.0])).detach()[0, 1])
        assert read > 0.97 if side > 0 else read < 0.03


def test_a_scene_is_the_same_whenever_its_noise_is_in_the_same_parts() -> None:
    """Of one caption's scenes: equal quantiles mean equal pictures."""
    made = planner()
    seen: dict = {}
    for _ in range(300):
        scene = made.single("square", "astronaut")
        key = (scene.steer, scene.size, scene.ground, scene.things[0].gender)
        assert seen.setdefault(key, scene.things) == scene.things
    assert len(set(seen.values())) > 20


def test_choices_are_as_frequent_as_their_quantiles_say() -> None:
    made = planner()
    scenes = [s for s in (made.single("square", "cat") for _ in range(2000)) if s.size is None]
    left = [s for s in scenes if s.things[0].centre[0] == 128 - STEP]
    assert abs(len(left) / len(scenes) - 1 / 3) < 0.05 and all(s.steer[ACROSS] == (0.0, 1 / 3) and s.things[0].side == USUAL for s in left)


def test_things_lie_on_the_tokens_and_inside_the_frame() -> None:
    made = planner()
    for aspect, (width, height) in ASPECTS.items():
        for kind in KINDS:
            for _ in range(40):
                scene = made.draw(kind, aspect)
                assert all(s == FREE or 0 <= s[0] < s[1] <= 1 for s in scene.steer)
                if kind == "count" and aspect != "square" and len(scene.things) > 2:
                    continue
                for thing in scene.things:
                    x, y = thing.centre
                    assert x % STEP == 0 and y % STEP == 0
                    assert x - thing.side / 2 >= 0 and x + thing.side / 2 <= width and y - thing.side / 2 >= 0 and y + thing.side / 2 <= height


def test_a_told_relation_or_skin_leaves_the_noise_free() -> None:
    made, rng = planner(), random.Random(0)
    pairs = [made.pair("square") for _ in range(200)]
    assert all(s.steer[UPRIGHT] == s.steer[ACROSS] == FREE for s in pairs if s.relation in ("left", "right", "above", "below"))
    assert all(s.steer[ACROSS] != FREE for s in pairs if s.relation in ("next", "and"))
    person = next(s for s in (made.single("square", "astronaut") for _ in range(50)) if s.things[0].tone)
    captions = {caption_of(person, rng) for _ in range(60)}
    told = [c for c in captions if "skin" in c]
    assert told and all(steer_of(person, c)[DRAWING] == FREE for c in told)
    assert all(steer_of(person, c)[DRAWING] == person.steer[DRAWING] != FREE for c in captions if "skin" not in c)
