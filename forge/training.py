"""What every training stage shares: one thread, seeds, a clock that survives a restart, checkpoints, averages."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from forge.paths import runs_dir


def start(seed: int) -> None:
    """One thread (several jobs share the machine) and a fixed seed."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)


@dataclass
class Clock:
    """Progress of a stage from 0 to 1 by samples or by minutes, whichever is further, over all its restarts."""

    samples: int = 0
    minutes: float = math.inf
    done: int = 0
    seconds: float = 0.0
    _tick: float = field(default_factory=time.monotonic)

    def advance(self, count: int) -> None:
        now = time.monotonic()
        self.done += count
        self.seconds += now - self._tick
        self._tick = now

    def pause(self) -> None:
        """Leaves out the time since the last advance (validation, saving)."""
        self._tick = time.monotonic()

    @property
    def progress(self) -> float:
        by_samples = self.done / self.samples if self.samples else 0.0
        return min(1.0, max(by_samples, self.seconds / 60 / self.minutes))

    @property
    def rate(self) -> float:
        return self.done / max(self.seconds, 1e-9)


class Average:
    """Exponential moving average of parameters, short-sighted at first: decay min(limit, (1+k)/(10+k))."""

    def __init__(self, parameters: Iterable[nn.Parameter], limit: float):
        self.live = list(parameters)
        self.values = [p.detach().clone() for p in self.live]
        self.limit, self.count = limit, 0

    @torch.no_grad()
    def update(self) -> None:
        self.count += 1
        torch._foreach_lerp_(self.values, self.live, 1 - min(self.limit, (1 + self.count) / (10 + self.count)))

    @torch.no_grad()
    def swap(self) -> None:
        """Exchanges live weights and average; call again to go back."""
        for p, v in zip(self.live, self.values):
            held = p.detach().clone()
            p.copy_(v)
            v.copy_(held)

    def state(self) -> dict[str, Any]:
        return {"values": self.values, "count": self.count}

    def restore(self, state: dict[str, Any]) -> None:
        self.count = state["count"]
        for v, kept in zip(self.values, state["values"]):
            v.copy_(kept)


def checkpoint_path(run: str, stage: str) -> Path:
    folder = runs_dir() / run
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{stage}.pt"


def save(path: Path, state: dict[str, Any]) -> None:
    """Writes a checkpoint whole: to a side file, then renamed."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.rename(path)


def load(path: Path) -> dict[str, Any] | None:
    return torch.load(path, weights_only=True) if path.exists() else None


def codec_of(run: str) -> dict[str, Any]:
    """The run's encoder, its decoder as it was trained last, and the dB they keep."""
    codec = load(checkpoint_path(run, "autoencoder"))
    later = load(checkpoint_path(run, "decoder"))
    return {**codec, **{k: later[k] for k in ("decoder", "psnr")}} if later else codec


def set_rate(optimizers: Iterable[torch.optim.Optimizer], rate: float) -> None:
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)


def say(stage: str, **values: float | int | str | Tensor) -> None:
    """One line of the log."""
    words = " ".join(f"{k} {float(v.detach() if isinstance(v, Tensor) else v):.4g}" if not isinstance(v, (int, str)) else f"{k} {v}" for k, v in values.items())
    print(f"{time.strftime('%H:%M:%S')} {stage}: {words}", flush=True)


def _as_stored(x: Tensor, p: Tensor) -> Tensor:
    """`x` with its axes in the order in which `p` lies in memory."""
    return x if p.is_contiguous() else x.permute(0, 2, 3, 1)


class FlatMuon:
    """Muon (orthogonalised momentum) for convolution kernels and matrices alike: a kernel is the matrix [out, in*k*k] (or, in
    channels-last memory, [out, k*k*in]: the same up to the order of the columns, which orthogonalising does not see).

    `torch.optim.Muon` takes matrices only, so each kernel gets a view that shares its memory.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], rate: float, weight_decay: float = 0.01):
        self.live = list(parameters)
        self.flat = [nn.Parameter(_as_stored(p.detach(), p).view(p.shape[0], -1)) for p in self.live]
        self.inner = torch.optim.Muon(self.flat, lr=rate, weight_decay=weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        self.param_groups = self.inner.param_groups

    def step(self) -> None:
        for flat, p in zip(self.flat, self.live):
            flat.grad = _as_stored(p.grad, p).reshape(p.shape[0], -1)
        self.inner.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for flat, p in zip(self.flat, self.live):
            flat.grad = p.grad = None

    def state_dict(self) -> dict[str, Any]:
        return self.inner.state_dict()

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.inner.load_state_dict(state)
