"""The flow path, its trailing schedule, and the plain Euler sampler every score is measured with."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

GUIDANCE = 1.5
"""The scale of guidance that is folded into the shipped weights."""
USUAL_STEPS = 1
"""What the studio draws with where nobody asks for another number."""
Predict = Callable[[Tensor, Tensor], Tensor]
"""(x_t [B, 12, 16, 16], t [B] in 0..1) to x0."""


def trailing_sigmas(steps: int) -> Tensor:
    """n steps start at pure noise and end one step above zero: 1, 1-1/n, ..., 1/n, then 0."""
    return torch.cat([torch.linspace(1, 1 / steps, steps), torch.zeros(1)])


def add_noise(clean: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """x_t = (1-t) x0 + t noise."""
    t = t.view(-1, 1, 1, 1)
    return torch.lerp(clean, noise, t)


def draw_times(count: int, generator: torch.Generator, pure_share: float = 0.15) -> Tensor:
    """Training times: sigmoid of a normal biased to high noise, and `pure_share` at pure noise, where the picture is decided."""
    t = torch.sigmoid(torch.randn(count, generator=generator) * 1.2 + 1.0)
    return torch.where(torch.rand(count, generator=generator) < pure_share, torch.ones(count), t)


def guided(conditional: Predict, unconditional: Predict, scale: float) -> Predict:
    """Classifier-free guidance in two passes (arXiv 2207.12598)."""
    if scale == 1:
        return conditional

    def predict(x: Tensor, t: Tensor) -> Tensor:
        plain = unconditional(x, t)
        return plain + scale * (conditional(x, t) - plain)

    return predict


def folded(clean: Tensor, asked: Tensor, unasked: Tensor, scale: float) -> Tensor:
    """The target that folds guidance in (model guidance, arXiv 2502.12154), of a net's own answers with and without the text: a
    net that meets it on average answers scale x0 - (scale - 1) unasked, as `guided` does in two passes."""
    return clean + (1 - 1 / scale) * (asked - unasked)


@torch.no_grad()
def folded_target(clean: Tensor, answered: Tensor, t: Tensor, dropped: Tensor, scale: float, unasked: Callable[[Tensor], Tensor]) -> Tensor:
    """What a batch is trained towards with guidance folded in. At pure noise, where the noise says the rest (forge/steering.py),
    the plain answer is named as often as the guided one, and without a text there is nothing to guide: both keep their picture.
    `answered` [B, C, H, W] are the net's answers, `dropped` [B] where the text was left out, `unasked(rows)` its answers to no
    text for the rows [N] that need one."""
    later = ((t < 1) & ~dropped).nonzero().flatten()
    if len(later) == 0:
        return clean
    target = clean.clone()
    target[later] = folded(clean[later], answered[later], unasked(later), scale)
    return target


def sample_euler(predict: Predict, noise: Tensor, steps: int, taken: int | None = None) -> Tensor:
    """Euler along the flow from noise to x0, or the latent after the first `taken` of the steps. With x-prediction the
    velocity is (x - x0) / t."""
    x, sigmas = noise, trailing_sigmas(steps)[: (steps if taken is None else taken) + 1]
    for now, then in zip(sigmas[:-1], sigmas[1:]):
        clean = predict(x, now.expand(len(x)))
        x = x + (then - now) * (x - clean) / now
    return x
