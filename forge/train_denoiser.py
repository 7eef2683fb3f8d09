"""Trains the denoiser and the text encoder together on the encoded scenes, by x-prediction on the flow path.

Two stages share one loop. `denoiser` learns from the pictures. `distil` goes on from it with guidance folded in: the target
moves away from the net's own answer to no text (forge/flow.py, `folded_target`), so that one pass answers what took two, and
learning from the pictures goes on meanwhile. In that stage a part of the later times is met as sampling meets them: on the way from the net's
own answers. As the noise decides what the picture is (forge/steering.py), there is a right answer there too, so the net
learns to mend what it began.

Single things are drawn the more often the worse they still are (forge/hardness.py): the vocabulary's easy half is learned long
before the other, and more of it teaches nothing.

Noise and pictures are paired as forge/steering.py says, so that pure noise has one right answer.

Several ranks (processes of one thread each) may share a stage: each draws its own batches, gradients are averaged.
"""

from __future__ import annotations

import itertools
import os
import random
from dataclasses import dataclass, replace
from pathlib import Path

import torch
import torch.distributed as dist
from torch import Tensor, nn

from forge.captions import DROP_SHARE, empty_caption
from forge.denoiser import Denoiser, DenoiserShape
from forge.flow import GUIDANCE, add_noise, draw_times, folded_target
from forge.hardness import Hardness
from forge.latents import Latents
from forge.own_path import draw_route, own_steps, unasked
from forge.scene_captions import caption_of
from forge.scenes import Scene
from forge.steering import couple, steer_of
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import Encode, tokenizer_folder
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start


Shares = tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Plan:
    """The recipe's numbers. The rate falls linearly over the last part."""

    rate: float = 1.5e-3
    muon_scale: float = 1.33
    """Muon's rate is this much higher."""
    warm_steps: int = 100
    flat_share: float = 0.7
    last_rate_share: float = 0.3
    batch: int = 48
    weight_floor: float = 0.8
    """Loss weight is 1 / max(t, floor)^2."""
    pure_share: float = 0.75
    """Share of samples at pure noise: what is drawn, and where, is learned there alone; the rest only refines."""
    known_weight: float = 0.5
    """How often a concept that the starting weights know already is drawn among singles; the others have 1."""
    first_shares: Shares = (("single", 0.64), ("sized", 0.06), ("pair", 0.14), ("count", 0.05), ("hue", 0.07), ("place", 0.04))
    last_shares: Shares = (("single", 0.40), ("sized", 0.04), ("pair", 0.33), ("count", 0.09), ("hue", 0.08), ("place", 0.06))
    """Kinds of scenes: things are named before they are told apart in pairs. One passes into the other over `mixing`."""
    aspects: Shares = (("square", 0.7), ("wide", 0.16), ("tall", 0.14))
    mixing: tuple[float, float] = (0.3, 0.6)
    own_share: float = 0.8
    """Share of the samples later than pure noise that begin at pure noise and take the sampler's own steps to where they are
    trained."""
    own_from: float = 0.6
    """Part of the stage before which there are none: the first step then names too little to be walked on from."""
    own_pure_share: float = 0.5
    """`pure_share` from there on."""
    snapshot_minutes: float = 4.0


DISTIL = Plan(
    rate=2e-3, warm_steps=100, flat_share=0.0, last_rate_share=0.01, own_from=0.0, own_pure_share=0.55, known_weight=1.0,
    last_shares=(("single", 0.54), ("sized", 0.20), ("pair", 0.08), ("count", 0.06), ("hue", 0.08), ("place", 0.04)), mixing=(-1.0, 0.0),
    aspects=(("square", 0.56), ("wide", 0.22), ("tall", 0.22)),
)
"""Its rate falls to nearly nothing. Pairs and counts are known by then; single things in wide and tall pictures are what the
first stage met least."""


def shares_at(progress: float, plan: Plan) -> dict[str, float]:
    """Shares of the kinds of scenes at this point of the stage."""
    start, end = plan.mixing
    mixed = min(1.0, max(0.0, (progress - start) / (end - start)))
    return {kind: a + mixed * (b - a) for (kind, a), (_, b) in zip(plan.first_shares, plan.last_shares, strict=True)}


@dataclass(frozen=True)
class Batch:
    """Latents [B, 12, H, W] of one aspect, caption ids [B, window], which captions were dropped [B] bool, and the quantiles
    that the noise's channel means may have [B, 4, 2]."""

    clean: Tensor
    ids: Tensor
    dropped: Tensor
    steer: Tensor
    named: Tensor
    """[B]: index of the concept of a single thing of the usual size among the latents' concepts, -1 of any other scene."""


class Batches:
    """Training batches; the only door from the latents to the training loop."""

    def __init__(self, latents: Latents, encode: Encode, seed: int, weights: dict[str, float] | None = None):
        self.latents, self.encode, self.rng = latents, encode, random.Random(seed)
        self.asked = torch.tensor([(weights or {}).get(c, 1.0) for c in latents.concepts])
        self.index = {c: n for n, c in enumerate(latents.concepts)}
        self.weigh(torch.ones(len(latents.concepts)))

    def weigh(self, hardness: Tensor) -> None:
        """From here on single things are drawn by `hardness` [concepts], times the weights that were asked for."""
        self.weights = list(itertools.accumulate((self.asked * hardness).tolist()))

    def batch(self, count: int, shares: dict[str, float] | None = None, aspects: Shares = Plan.aspects) -> Batch:
        names, weights = zip(*aspects)
        aspect = self.rng.choices(names, weights)[0]
        rows = [self.latents.draw(aspect, self.rng, self.weights, shares) for _ in range(count)]
        scenes: list[Scene] = [self.latents.scenes[aspect][r] for r in rows]
        dropped = [self.rng.random() < DROP_SHARE for _ in rows]
        captions = [empty_caption(self.rng) if d else caption_of(s, self.rng) for s, d in zip(scenes, dropped)]
        steer = torch.tensor([steer_of(s, c) for s, c in zip(scenes, captions)])
        named = torch.tensor([-1 if d or s.kind != "single" or s.size else self.index[s.things[0].concept] for s, d in zip(scenes, dropped)])
        return Batch(self.latents.values[aspect][rows].float(), torch.from_numpy(self.encode(captions)), torch.tensor(dropped), steer, named)


def split_parameters(nets: list[nn.Module]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(matrices and kernels, for Muon; everything else, tables among it, for AdamW)."""
    matrices, rest = [], []
    for net in nets:
        for name, p in net.named_parameters():
            maps = name.endswith("weight") and p.ndim >= 2 and "embedding" not in name and min(p.shape[0], p[0].numel()) >= 64
            (matrices if maps else rest).append(p)
    return matrices, rest


def rate_at(progress: float, step: int, plan: Plan) -> float:
    warm = min(1.0, (step + 1) / plan.warm_steps)
    fall = 1.0 if progress < plan.flat_share else 1 - (1 - plan.last_rate_share) * (progress - plan.flat_share) / (1 - plan.flat_share)
    return plan.rate * warm * fall


class Ranks:
    """This process among those that share a stage. Alone, everything here does nothing."""

    def __init__(self, rank: int, count: int, meeting: Path | None):
        self.rank, self.count = rank, count
        if count > 1:
            dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=count)

    def average_gradients(self, parameters: list[nn.Parameter]) -> None:
        if self.count == 1:
            return
        flat = torch.cat([p.grad.reshape(-1) for p in parameters])
        dist.all_reduce(flat)
        flat /= self.count
        offset = 0
        for p in parameters:
            p.grad.copy_(flat[offset : offset + p.numel()].view_as(p))
            offset += p.numel()

    def mine(self, parameters: list[nn.Parameter]) -> list[nn.Parameter]:
        """The share of the matrices that this rank orthogonalises (Muon's work is divided, not repeated)."""
        return parameters[self.rank :: self.count]

    @torch.no_grad()
    def agree(self, parameters: list[nn.Parameter], source: int = 0) -> None:
        """Everyone takes the weights of rank `source`."""
        if self.count > 1:
            flat = torch.cat([p.reshape(-1) for p in parameters])
            dist.broadcast(flat, source)
            offset = 0
            for p in parameters:
                p.copy_(flat[offset : offset + p.numel()].view_as(p))
                offset += p.numel()

    def exchange(self, matrices: list[nn.Parameter]) -> None:
        """After a step: each rank's share goes to the others."""
        for source in range(self.count):
            self.agree(matrices[source :: self.count], source)

    def same(self, value: float) -> float:
        """Rank 0's value, so that all leave the loop at the same step."""
        if self.count == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64)
        dist.broadcast(told, 0)
        return float(told)

    def leave(self) -> None:
        if self.count > 1:
            # Together: a rank that goes while another still talks to it takes that one down.
            dist.barrier()
            dist.destroy_process_group()


def train(run: str, stage: str, samples: int, minutes: float, plan: Plan | None = None, shape: DenoiserShape = DenoiserShape(),
          text_shape: TextShape = TextShape(), seed: int = 11, guidance: float = GUIDANCE, ranks: Ranks | None = None, concepts: int | None = None) -> None:
    """Trains or resumes `stage`: 'denoiser' (starting from `denoiser-start.pt` where there is one) or 'distil' (from
    `denoiser.pt`). Every snapshot `<stage>.pt` is exportable (averaged weights), the last says finished."""
    start(seed)
    plan, ranks = plan or (Plan() if stage == "denoiser" else DISTIL), ranks or Ranks(0, 1, None)
    final, path = checkpoint_path(run, stage), checkpoint_path(run, f"{stage}-training")
    if final.exists() and load(final)["finished"]:
        return
    net, text = Denoiser(shape), TextEncoder(text_shape)
    step, clock = 0, Clock(samples, minutes)
    kept = load(path)
    before = load(checkpoint_path(run, "denoiser" if stage == "distil" else "denoiser-start"))
    if source := kept or before:
        net.load_state_dict(source["net"])
        text.load_state_dict(source["text"])
    encode = Encode(tokenizer_folder(run), text_shape.window)
    nothing = torch.from_numpy(encode([""]))
    net = net.to(memory_format=torch.channels_last)
    parameters = [*net.parameters(), *text.parameters()]
    matrices, rest = split_parameters([net, text])
    optimizers = [
        FlatMuon(ranks.mine(matrices), plan.rate),
        torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]
    optimizers[0].param_groups[0]["scale"] = plan.muon_scale
    average = Average(parameters, 0.998)
    if kept:
        muon, adam = kept["optimizers"]
        optimizers[1].load_state_dict(adam)
        # Kept is rank 0's share of Muon's matrices, of as many ranks as there were: any other share begins its momentum anew.
        if ranks.rank == 0 and len(muon["param_groups"][0]["params"]) == len(optimizers[0].param_groups[0]["params"]):
            optimizers[0].load_state_dict(muon)
        average.restore(kept["average"])
        step, clock.done, clock.seconds = kept["step"], kept["done"], kept["seconds"]
    ranks.agree(parameters)
    generator = torch.Generator().manual_seed(seed + clock.done + 7919 * ranks.rank)
    known = {c: plan.known_weight for c in (before or {}).get("known", [])}
    batches = Batches(Latents.of_run(run, concepts), encode, seed + clock.done + 7919 * ranks.rank, known)
    count = len(batches.latents.concepts)
    # Each rank's own: what one meets is enough to tell the hard from the easy.
    hardness = Hardness(count)
    if ranks.rank == 0:
        say(stage, million=sum(p.numel() for p in net.parameters()) / 1e6, text_million=sum(p.numel() for p in text.parameters()) / 1e6,
            muon_million=sum(p.numel() for p in matrices) / 1e6, concepts=count, known=len(known), ranks=ranks.count,
            latents=sum(len(v) for v in batches.latents.values.values()))

    earlier = {k: (before or {}).get(k, 0) for k in ("samples", "minutes")}

    def snapshot(finished: bool) -> None:
        save(path, {"net": net.state_dict(), "text": text.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                    "average": average.state(), "step": step, "done": clock.done, "seconds": clock.seconds})
        average.swap()
        save(final, {"net": {k: v.contiguous() for k, v in net.state_dict().items()}, "text": text.state_dict(), "finished": finished,
                     "concepts": batches.latents.concepts, "known": list(known), "samples": clock.done + earlier["samples"],
                     "minutes": clock.seconds / 60 + earlier["minutes"], "guidance_folded": stage == "distil"})
        average.swap()

    clock.pause()
    saved, means = clock.seconds, {}
    while (progress := ranks.same(clock.progress)) < 1:
        set_rate(optimizers, rate_at(progress, step, plan))
        batch = batches.batch(plan.batch, shares_at(progress, plan), plan.aspects)
        clean, ids = batch.clean, batch.ids
        walks = progress >= plan.own_from
        t = draw_times(len(clean), generator, plan.own_pure_share if walks else plan.pure_share)
        noise = couple(torch.randn(clean.shape, generator=generator), batch.steer, generator)
        noisy = add_noise(clean, noise, t)
        own = ((t < 1) & (torch.rand(len(t), generator=generator) < plan.own_share * walks)).nonzero().flatten()
        if len(own) > 1:
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                own_text = text(ids[own])
            noisy[own], t[own] = own_steps(net, own_text, noise[own], *draw_route(generator))
        noisy = noisy.to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            predicted = net(noisy, t * 1000, text(ids)).float()
        target = clean
        if stage == "distil":
            target = folded_target(clean, predicted.detach(), t, batch.dropped, guidance, lambda rows: unasked(net, text(nothing), noisy[rows], t[rows]))
        error = (predicted - target).pow(2).mean((1, 2, 3))
        loss = (error / t.clamp(min=plan.weight_floor).pow(2)).mean()
        loss.backward()
        ranks.average_gradients(parameters)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        ranks.exchange(matrices)
        average.update()
        clock.advance(plan.batch * ranks.count)
        step += 1
        pure = t == 1
        met = pure & (batch.named >= 0)
        hardness.learn(batch.named[met], error.detach()[met])
        for name, part in (("loss", loss), ("pure", error[pure].mean()), ("near", error[t < 0.4].mean())):
            value = float(part.detach())
            if value == value:
                means[name] = value if name not in means else 0.99 * means[name] + 0.01 * value
        if step % 50 == 0:
            batches.weigh(hardness.weights())
        if step % 100 == 0:
            ranks.agree(parameters)
            if ranks.rank == 0:
                say(stage, step=step, done=clock.done, per_concept=clock.done / count, progress=progress, rate=clock.rate, **means)
        if ranks.rank == 0 and clock.seconds - saved > plan.snapshot_minutes * 60:
            snapshot(False)
            clock.pause()
            saved = clock.seconds
    if ranks.rank == 0:
        snapshot(True)
        say(stage, finished=1, samples=clock.done, minutes=clock.seconds / 60, per_concept=clock.done / count)
    ranks.leave()


def _rank_main(rank: int, count: int, meeting: str, run: str, stage: str, samples: int, minutes: float, batch: int | None, concepts: int | None) -> None:
    plan = Plan() if stage == "denoiser" else DISTIL
    train(run, stage, samples, minutes, replace(plan, batch=batch) if batch else plan, ranks=Ranks(rank, count, Path(meeting)), concepts=concepts)


def train_shared(run: str, stage: str, samples: int, minutes: float, count: int, batch: int | None = None, concepts: int | None = None) -> None:
    """`train` over `count` processes; `batch` is that of one process."""
    meeting = checkpoint_path(run, f"{stage}-meeting").with_suffix(f".{os.getpid()}")
    arguments = (count, str(meeting), run, stage, samples, minutes, batch, concepts)
    if count == 1:
        return _rank_main(0, *arguments)
    torch.multiprocessing.spawn(_rank_main, arguments, nprocs=count)
    meeting.unlink(missing_ok=True)
