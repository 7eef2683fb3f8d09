"""Training on a net's own answers: at later times it meets what it made of the noise itself, not what noise and a true picture
give, and is guided away from what it would draw with no text."""

from __future__ import annotations

import torch
from torch import Tensor

from forge.denoiser import Denoiser
from forge.flow import sample_euler, trailing_sigmas

OWN_ROUTES = ((2, 1), (4, 1), (4, 2), (4, 3), (8, 2))
"""(steps of the sampler, how many of them were taken): where samples of its own are trained."""


def draw_route(generator: torch.Generator) -> tuple[int, int]:
    return OWN_ROUTES[int(torch.randint(len(OWN_ROUTES), (), generator=generator))]


@torch.no_grad()
def unasked(net: Denoiser, nothing: Tensor, noisy: Tensor, t: Tensor) -> Tensor:
    """The net's answer to no text [B, 12, H, W]; `nothing` [1, window, width] is the empty caption's encoding."""
    with torch.autocast("cpu", torch.bfloat16):
        return net(noisy, t * 1000, nothing.expand(len(noisy), -1, -1)).float()


@torch.no_grad()
def own_steps(net: Denoiser, text: Tensor, noise: Tensor, steps: int, taken: int) -> tuple[Tensor, float]:
    """The latent after some of the sampler's steps from this noise, and the time it is then."""

    def predict(x: Tensor, t: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return net(x.to(memory_format=torch.channels_last), t * 1000, text).float()

    return sample_euler(predict, noise, steps, taken), float(trailing_sigmas(steps)[taken])
