"""Walks of the reference schedulers with a network that is a formula."""

from __future__ import annotations

import sys
from contextlib import contextmanager

import numpy as np
import torch

from forge.sampling.cases import Case
from forge.sampling.numbers import rounded
from forge.sampling.references import reference

SHAPE = (1, 2, 2, 2)


def network(x: torch.Tensor, timestep: float) -> torch.Tensor:
    """Smooth in the latent and in the timestep, and different at each cell, so that an error in any of them shows."""
    latent = x.double().numpy()
    cell = np.arange(latent.size).reshape(latent.shape)
    answer = np.sin(1.3 * latent + 0.004 * timestep + 0.7 * cell) + 0.25 * latent
    return torch.from_numpy(answer.astype(np.float32))


def noise_pool() -> torch.Tensor:
    """The noises of every trace in the order drawn; the first is the latent that a walk starts from."""
    return torch.randn((24, *SHAPE), generator=torch.Generator("cpu").manual_seed(20_26))


@contextmanager
def handed_noise(pool: torch.Tensor):
    """Makes every scheduler draw from the pool instead of a generator."""
    drawn = iter(pool[1:])
    modules = [m for name, m in sys.modules.items() if name.startswith("diffusers.schedulers.") and hasattr(m, "randn_tensor")]
    originals = [module.randn_tensor for module in modules]
    for module in modules:
        module.randn_tensor = lambda *_, **__: next(drawn)
    try:
        yield
    finally:
        for module, original in zip(modules, originals):
            module.randn_tensor = original


@contextmanager
def in_double(scheduler, wanted: bool):
    """
    Lets a scheduler that casts latents to float32 keep them in double precision.

    The Euler family counts latents in units of the data, thousands at a terminal signal-to-noise ratio near
    zero, and its float32 then loses what is left of the data: its own rounding, not its method.
    """
    module = sys.modules[type(scheduler).__module__]
    if not wanted:
        yield
        return

    class DoubleTorch:
        float32 = torch.float64

        def __getattr__(self, name: str):
            return getattr(torch, name)

    module.torch = DoubleTorch()
    try:
        yield
    finally:
        module.torch = torch


def trace(case: Case, pool: torch.Tensor) -> dict:
    """
    What the network was given at each evaluation, and the latent that came out.

    A reference that counts latents in units of the data (the Euler family) scales them for the network by
    alpha; what is recorded is always the network's input, x = alpha * data + sigma * noise.
    """
    scheduler = reference(case)
    steep = case.sampler in ("euler", "euler-a", "heun") and float(scheduler.sigmas.max()) > 1000
    if steep:
        scheduler.sigmas = scheduler.sigmas.double()
    x = (pool[0].double() if steep else pool[0]) * getattr(scheduler, "init_noise_sigma", 1.0)
    inputs, timesteps = [], []
    with handed_noise(pool), in_double(scheduler, steep):
        for timestep in scheduler.timesteps:
            given = scheduler.scale_model_input(x, timestep) if hasattr(scheduler, "scale_model_input") else x
            inputs.append(given)
            timesteps.append(float(timestep))
            output = answer(network(given, float(timestep)), given, x, scheduler, case)
            x = scheduler.step(output.to(x.dtype), timestep, x, return_dict=False)[0]
    return {
        "schedule": case.schedule,
        "steps": case.steps,
        "noise": case.noise,
        "reference": type(scheduler).__name__,
        "timesteps": rounded(torch.tensor(timesteps, dtype=torch.float64)),
        "latents": [rounded(latent) for latent in [*inputs, x]],
    }


def answer(output: torch.Tensor, given: torch.Tensor, x: torch.Tensor, scheduler, case: Case) -> torch.Tensor:
    """The network's answer in the terms that the reference takes, where it does not take the data itself."""
    if case.noise["prediction"] != "sample":
        return output
    if case.sampler == "euler-a":
        sigma = scheduler.sigmas[scheduler.step_index or 0]
        return (x - output) / sigma
    if case.noise["path"] == "flow" and case.sampler in ("flow-euler", "heun", "lcm"):
        sigma = scheduler.sigmas[scheduler.step_index or 0]
        return (given - output) / sigma
    return output
