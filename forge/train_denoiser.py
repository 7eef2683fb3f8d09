"""Trains the denoiser and the text encoder together on the encoded latents, by x-prediction on the flow path."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from forge.captions import DROP_SHARE, caption_for, empty_caption
from forge.concepts import all_concepts
from forge.denoiser import Denoiser, DenoiserShape
from forge.flow import add_noise, draw_times
from forge.latents import Latents
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import Encode, tokenizer_folder
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start


@dataclass(frozen=True)
class Plan:
    """The recipe's numbers. The rate falls linearly over the last part; the batch doubles where it begins to fall."""

    rate: float = 1.5e-3
    muon_scale: float = 1.33
    """Muon's rate is this much higher."""
    warm_steps: int = 100
    flat_share: float = 0.55
    last_rate_share: float = 0.02
    batch: int = 48
    late_batch: int = 64
    weight_floor: float = 0.8
    """Loss weight is 1 / max(t, floor)^2."""
    snapshot_minutes: float = 4.0


class Batches:
    """Training batches (latents, caption ids); the only door from the latents to the training loop."""

    def __init__(self, latents: Latents, encode: Encode, seed: int):
        self.latents, self.encode, self.rng = latents, encode, random.Random(seed)
        self.concepts = all_concepts()

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        rows, captions = [], []
        for _ in range(count):
            concept, ground, tone, row = self.latents.draw(self.rng)
            rows.append(row)
            drop = self.rng.random() < DROP_SHARE
            captions.append(empty_caption(self.rng) if drop else caption_for(self.concepts[concept], ground, tone, self.rng))
        return self.latents.values[rows].float(), torch.from_numpy(self.encode(captions))


def split_parameters(nets: list[nn.Module]) -> tuple[list[nn.Parameter], list[nn.Parameter]]:
    """(matrices of the blocks, for Muon; everything else, for AdamW)."""
    matrices, rest = [], []
    for net in nets:
        for name, p in net.named_parameters():
            in_block = "transformer_blocks" in name or "encoder.layers" in name
            (matrices if in_block and p.ndim == 2 and min(p.shape) >= 64 else rest).append(p)
    return matrices, rest


def rate_at(progress: float, step: int, plan: Plan) -> float:
    warm = min(1.0, (step + 1) / plan.warm_steps)
    fall = 1.0 if progress < plan.flat_share else max(plan.last_rate_share, (1 - progress) / (1 - plan.flat_share))
    return plan.rate * warm * fall


def train(run: str, samples: int, minutes: float, plan: Plan = Plan(), shape: DenoiserShape = DenoiserShape(),
          text_shape: TextShape = TextShape(), seed: int = 11) -> None:
    """Trains or resumes; every snapshot `denoiser.pt` is exportable (averaged weights), the last one says finished."""
    start(seed)
    final, path = checkpoint_path(run, "denoiser"), checkpoint_path(run, "denoiser-training")
    if final.exists() and load(final)["finished"]:
        return
    net, text = Denoiser(shape), TextEncoder(text_shape)
    step, clock = 0, Clock(samples, minutes)
    generator = torch.Generator().manual_seed(seed)
    kept = load(path)
    if kept:
        net.load_state_dict(kept["net"])
        text.load_state_dict(kept["text"])
    net = net.to(memory_format=torch.channels_last)
    parameters = [*net.parameters(), *text.parameters()]
    matrices, rest = split_parameters([net, text])
    optimizers = [
        FlatMuon(matrices, plan.rate),
        torch.optim.AdamW(rest, lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]
    optimizers[0].param_groups[0]["scale"] = plan.muon_scale
    average = Average(parameters, 0.998)
    if kept:
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        step, clock.done, clock.seconds = kept["step"], kept["done"], kept["seconds"]
        generator.manual_seed(seed + clock.done)
    batches = Batches(Latents.of_run(run), Encode(tokenizer_folder(run), text_shape.window), seed + clock.done)
    count = len(batches.latents.concepts)
    say("denoiser", million=sum(p.numel() for p in net.parameters()) / 1e6, text_million=sum(p.numel() for p in text.parameters()) / 1e6,
        muon_million=sum(p.numel() for p in matrices) / 1e6, concepts=count, latents=len(batches.latents.values))

    def snapshot(finished: bool) -> None:
        save(path, {"net": net.state_dict(), "text": text.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                    "average": average.state(), "step": step, "done": clock.done, "seconds": clock.seconds})
        average.swap()
        save(final, {"net": {k: v.contiguous() for k, v in net.state_dict().items()}, "text": text.state_dict(), "finished": finished,
                     "concepts": batches.latents.concepts, "samples": clock.done, "minutes": clock.seconds / 60})
        average.swap()

    clock.pause()
    saved, mean_loss = clock.seconds, None
    while clock.progress < 1:
        progress = clock.progress
        set_rate(optimizers, rate_at(progress, step, plan))
        size = plan.batch if progress < plan.flat_share else plan.late_batch
        clean, ids = batches.batch(size)
        t, noise = draw_times(size, generator), torch.randn(clean.shape, generator=generator)
        noisy = add_noise(clean, noise, t).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            predicted = net(noisy, t * 1000, text(ids))
        error = (predicted.float() - clean).pow(2).mean((1, 2, 3))
        loss = (error / t.clamp(min=plan.weight_floor).pow(2)).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        clock.advance(size)
        step += 1
        value = float(loss.detach())
        mean_loss = value if mean_loss is None else 0.99 * mean_loss + 0.01 * value
        if step % 100 == 0:
            say("denoiser", step=step, done=clock.done, exposures=clock.done / count, progress=clock.progress, rate=clock.rate, loss=mean_loss)
        if clock.seconds - saved > plan.snapshot_minutes * 60:
            snapshot(False)
            clock.pause()
            saved = clock.seconds
    snapshot(True)
    say("denoiser", finished=1, samples=clock.done, minutes=clock.seconds / 60, exposures=clock.done / count)
