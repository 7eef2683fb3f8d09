"""How good the style judge is on real drawings: of concepts it was trained on, of the controls it never saw, and of both
through the autoencoder, which softens them as the generator's pictures are soft."""

from __future__ import annotations

import random

import torch

from forge.autoencoder import Decoder, Encoder
from forge.concepts import BASE_STYLE, STYLES, Concept
from forge.grounds import GROUNDS
from forge.lora.examples import in_style
from forge.lora.style_judge import StyleJudge
from forge.measures import Share, share
from forge.pictures import Pictures
from forge.scenes import Scene, render
from forge.splits import place
from forge.steering import SteeredPlanner


def styled_scenes(pictures: Pictures, concepts: tuple[Concept, ...], count: int, seed: int = 3) -> list[tuple[str, Scene]]:
    """(style, scene): the same things and grounds in each style that has them, where the generator puts them; which, by hash."""
    planner = SteeredPlanner(pictures, random.Random(seed), concepts)
    chosen = sorted(concepts, key=lambda c: place("style scenes", c.id))
    grounds = list(GROUNDS)
    scenes = []
    for n in range(count):
        c = chosen[n % len(chosen)]
        scene = planner.single("square", c.id)
        ground = grounds[int(place("style ground", c.id, str(n)) * len(grounds))]
        scene = Scene(scene.kind, scene.aspect, scene.things, ground, None, scene.size)
        for style in STYLES:
            styled = scene if style == BASE_STYLE else in_style(scene, pictures, style)
            if styled:
                scenes.append((style, styled))
    return scenes


@torch.no_grad()
def judge_scores(judge: StyleJudge, pictures: Pictures, concepts: tuple[Concept, ...], count: int, codec: tuple[Encoder, Decoder]) -> dict[str, Share]:
    """Shares of right answers: all styles together, each, and all through the autoencoder."""
    scenes = styled_scenes(pictures, concepts, count)
    rng, real, again = random.Random(1), [], []
    for n in range(0, len(scenes), 20):
        x = render(pictures, [s for _, s in scenes[n : n + 20]], rng)
        real.append(x)
        again.append(codec[1](codec[0](x)))
    truth = [style for style, _ in scenes]
    seen, soft = judge.name(torch.cat(real)), judge.name(torch.cat(again))
    out = {"all": share([a == b for a, b in zip(seen, truth)]), "all, through the autoencoder": share([a == b for a, b in zip(soft, truth)])}
    for style in STYLES:
        out[style] = share([a == b for a, b, in zip(seen, truth) if b == style])
        out[f"{style}, through the autoencoder"] = share([a == b for a, b in zip(soft, truth) if b == style])
    return out


def confusion(seen: dict[str, list[str]]) -> dict[str, dict[str, int]]:
    """asked -> seen -> how many."""
    return {asked: {s: answers.count(s) for s in STYLES} for asked, answers in seen.items()}
