"""Trains one adapter beside the frozen denoiser, by x-prediction, at the times that one, two and four steps visit.

Later on guidance is folded in at the later times, as it is in the base (forge/flow.py, `folded_target`).

From then on most of the later times are met as sampling meets them: the sampler's own steps from pure noise (forge/own_path.py),
so that the net learns to mend what it began. Things that are still drawn badly, measured by what sets them apart from other
styles, are shown more often (forge/hardness.py).

The denoiser is the shipped one (8-bit weights as floats, guidance folded in), so what is learned fits the very weights it
will stand beside.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from torch import Tensor

from forge.flow import GUIDANCE, add_noise, folded_target
from forge.hardness import Hardness
from forge.lora.adapter import BLOCKS, EVERYWHERE, Matrices, insert, matrices_of
from forge.lora.base import Base
from forge.lora.examples import Examples
from forge.own_path import draw_route, own_steps, unasked
from forge.steering import couple
from forge.training import Clock, checkpoint_path, load, save, say, set_rate, start

VISITED = (1.0, 0.75, 0.5, 0.25)
LAYERS = {"blocks": BLOCKS, "everywhere": EVERYWHERE}


@dataclass(frozen=True)
class LoraPlan:
    rank: int = 8
    layers: str = "everywhere"
    rate: float = 1e-3
    up_scale: float = 8.0
    """The rate of B is this much higher than that of A, which stands in front of it (LoRA+, arXiv 2402.12354)."""
    warm_steps: int = 20
    batch: int = 32
    first_shares: tuple[float, float, float, float] = (0.85, 0.05, 0.05, 0.05)
    shares: tuple[float, float, float, float] = (0.5, 0.2, 0.2, 0.1)
    """How often each visited time is trained, until guidance is folded in and from then on: what is drawn is decided at pure
    noise, where a sample costs one pass; a later one costs up to five."""
    weight_floor: float = 0.8
    guided_from: float = 0.75
    """Progress from which on guidance is folded in."""
    guidance: float = GUIDANCE
    own_share: float = 0.8
    """Share of the later times, from there on, that are walked to."""
    drop_share: float = 0.08
    """Captions left out, so that there is an answer to no text."""
    snapshot_minutes: float = 2.0


def draw_visited(count: int, shares: tuple[float, ...], generator: torch.Generator) -> Tensor:
    index = torch.multinomial(torch.tensor(shares), count, replacement=True, generator=generator)
    return torch.tensor(VISITED)[index]


def train(base: Base, run: str, name: str, examples: Callable[[], Examples], samples: int, minutes: float, plan: LoraPlan = LoraPlan(), seed: int = 17) -> Matrices:
    """Trains or resumes `lora-NAME.pt` of the run; `base` gets the adapter into its denoiser and is of no other use then."""
    start(seed)
    path = checkpoint_path(run, f"lora-{name}")
    kept = load(path)
    written = json.loads(json.dumps(asdict(plan)))
    if kept and kept["plan"] != written:
        raise ValueError(f"{path} was trained by another plan; remove it, or give another --id.")
    clock, step = Clock(samples, minutes), 0
    if kept:
        clock.done, clock.seconds, step = kept["samples"], kept["minutes"] * 60, kept["step"]
        # Finished, unless a longer plan is asked for now.
        if kept["finished"] and clock.progress >= 1:
            return kept["matrices"]
    net, text = base.denoiser, base.text_encoder
    adapted = insert(net, LAYERS[plan.layers], plan.rank)
    net = net.to(memory_format=torch.channels_last)
    groups = [{"params": [a.down for a in adapted.values()], "scale": 1.0}, {"params": [a.up for a in adapted.values()], "scale": plan.up_scale}]
    parameters = [p for g in groups for p in g["params"]]
    optimizer = torch.optim.AdamW(groups, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    if kept:
        with torch.no_grad():
            for layer, (down, up) in kept["matrices"].items():
                adapted[layer].down.copy_(down)
                adapted[layer].up.copy_(up)
        if kept["optimizer"]:
            optimizer.load_state_dict(kept["optimizer"])
    shown = examples()
    hardness = Hardness(len(shown.concepts), shown.gaps)
    with torch.no_grad():
        nothing = text(torch.from_numpy(base.encode([""])))
    rng, generator = random.Random(seed + clock.done), torch.Generator().manual_seed(seed + clock.done)
    say("lora", id=name, examples=shown.count, layers=len(adapted), thousand=sum(p.numel() for p in parameters) / 1000, rank=plan.rank)

    def snapshot(finished: bool) -> Matrices:
        matrices = matrices_of(adapted)
        save(path, {"matrices": matrices, "optimizer": optimizer.state_dict(), "plan": written, "samples": clock.done,
                    "minutes": clock.seconds / 60, "step": step, "examples": shown.count, "finished": finished})
        return matrices

    clock.pause()
    saved, mean = clock.seconds, None
    while (progress := clock.progress) < 1:
        set_rate([optimizer], plan.rate * min(1.0, (step + 1) / plan.warm_steps) * max(0.02, 1 - progress))
        clean, captions, steer, named = shown.batch(plan.batch, rng)
        dropped = torch.tensor([rng.random() < plan.drop_share for _ in captions])
        captions = ["" if d else c for c, d in zip(captions, dropped)]
        named[dropped] = -1
        guided = progress >= plan.guided_from
        t = draw_visited(len(clean), plan.shares if guided else plan.first_shares, generator)
        noise = couple(torch.randn(clean.shape, generator=generator), steer, generator)
        noisy = add_noise(clean, noise, t)
        own = ((t < 1) & (torch.rand(len(t), generator=generator) < plan.own_share * guided)).nonzero().flatten()
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                words = text(torch.from_numpy(base.encode(captions)))
                if len(own) > 0:
                    noisy[own], t[own] = own_steps(net, words[own], noise[own], *draw_route(generator))
                noisy = noisy.to(memory_format=torch.channels_last)
            predicted = net(noisy, t * 1000, words).float()
        target = clean
        if guided:
            target = folded_target(clean, predicted.detach(), t, dropped, plan.guidance, lambda rows: unasked(net, nothing, noisy[rows], t[rows]))
        error = (predicted - target).pow(2).mean((1, 2, 3))
        loss = (error / t.clamp(min=plan.weight_floor).pow(2)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        clock.advance(plan.batch)
        step += 1
        met = (t == 1) & (named >= 0)
        hardness.learn(named[met], error.detach()[met])
        pure = float(error.detach()[t == 1].mean())
        mean = pure if mean is None or mean != mean else mean if pure != pure else 0.97 * mean + 0.03 * pure
        if step % 20 == 0:
            shown.weigh(hardness.weights())
            say("lora", id=name, step=step, done=clock.done, progress=progress, rate=clock.rate, pure_noise_error=mean)
        if clock.seconds - saved > plan.snapshot_minutes * 60:
            snapshot(False)
            clock.pause()
            saved = clock.seconds
    say("lora", id=name, finished=1, samples=clock.done, minutes=clock.seconds / 60)
    return snapshot(True)
