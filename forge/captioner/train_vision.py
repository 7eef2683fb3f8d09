"""The vision tower's own training: dense labels (forge/captioner/sight.py), before there are any words."""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, IterableDataset
from transformers import BlipVisionModel

from forge.captioner.net import pixels_of, small_config
from forge.captioner.scenes import View, Views, roughened
from forge.captioner.sight import Labels, SightHeads
from forge.pictures import load_pictures
from forge.training import Average, Clock, checkpoint_path, load, save, say, set_rate, start

SEED = 611
RATE = 2e-3
BATCH = 64


class Stream(IterableDataset):
    """Batches of views with their roughened pictures, made in a process of their own."""

    def __init__(self, batch: int, seed: int, size: int = 256):
        self.batch, self.seed, self.size = batch, seed, size

    def __iter__(self) -> Iterator[tuple[Tensor, list[View]]]:
        torch.set_num_threads(1)
        views, rng = Views(load_pictures(self.size), self.seed), random.Random(self.seed + 1)
        while True:
            drawn = [views.view() for _ in range(self.batch)]
            yield torch.from_numpy(np.stack([roughened(v.picture, rng) for v in drawn])), drawn


def batches(batch: int, seed: int, size: int = 256) -> Iterator[tuple[Tensor, list[View]]]:
    return iter(DataLoader(Stream(batch, seed, size), batch_size=None, num_workers=1, prefetch_factor=6))


def optimizers_of(net: nn.Module, rate: float, heads: nn.Module | None = None) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, AdamW for everything else."""
    inner = [p for n, p in net.named_parameters() if p.ndim == 2 and ".layer" in n and p.requires_grad]
    chosen = {id(p) for p in inner}
    rest = [p for p in net.parameters() if id(p) not in chosen] + (list(heads.parameters()) if heads else [])
    return [
        torch.optim.Muon(inner, lr=rate, weight_decay=0.01, momentum=0.95, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW([{"params": rest, "scale": 0.75}], lr=rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True),
    ]


def vision_of(config) -> BlipVisionModel:
    tower = BlipVisionModel(config)
    # Unit noise on positions and the class token would drown the patches of a small tower.
    with torch.no_grad():
        tower.embeddings.position_embedding.normal_(0, 0.02)
        tower.embeddings.class_embedding.normal_(0, 0.02)
    return tower


def train_vision(run: str, samples: int, minutes: float, batch: int = BATCH, size: int = 256, every: int = 2000, config=None) -> None:
    """Trains or resumes; leaves `vision.pt`."""
    start(SEED)
    final, path = checkpoint_path(run, "vision"), checkpoint_path(run, "vision-training")
    if final.exists():
        return
    config = config or small_config(16, {"pad": 0, "bos": 1, "sep": 2}).vision_config
    config._attn_implementation = "eager"
    tower = vision_of(config)
    heads = SightHeads(config.hidden_size)
    optimizers = optimizers_of(tower, RATE, heads)
    average = Average([*tower.parameters(), *heads.parameters()], 0.998)
    clock = Clock(samples, minutes)
    kept = load(path)
    if kept:
        tower.load_state_dict(kept["tower"])
        heads.load_state_dict(kept["heads"])
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
    source = batches(batch, SEED + clock.done, size)
    seen: dict[str, float] = {}
    clock.pause()
    step = 0
    while clock.progress < 1:
        pictures, views = next(source)
        warm = min(1.0, (clock.done / batch + 1) / 150)
        set_rate(optimizers, RATE * warm * min(1.0, (1 - clock.progress) / 0.5 + 0.02))
        with torch.autocast("cpu", torch.bfloat16):
            loss, hits = heads(tower(pixels_of(pictures)).last_hidden_state, Labels.of(views))
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*tower.parameters(), *heads.parameters()], 2.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        for name, value in hits.items():
            seen[name] = value if name not in seen else seen[name] + 0.04 * (value - seen[name])
        clock.advance(batch)
        step += 1
        if step % max(1, every // batch) == 0:
            say("vision", done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss, **seen)
        if step % max(1, 5 * every // batch) == 0:
            save(path, _state(tower, heads, optimizers, average, clock))
            clock.pause()
    save(path, _state(tower, heads, optimizers, average, clock))
    average.swap()
    save(final, {"tower": tower.state_dict(), "heads": heads.state_dict(), "samples": clock.done, "minutes": clock.seconds / 60, "seen": seen})


def _state(tower: nn.Module, heads: nn.Module, optimizers: list, average: Average, clock: Clock) -> dict:
    return {
        "tower": tower.state_dict(), "heads": heads.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "average": average.state(),
        "done": clock.done, "seconds": clock.seconds,
    }
