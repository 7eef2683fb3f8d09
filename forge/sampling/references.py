"""The schedulers of diffusers that src/core/sampling must agree with, set to a case's timesteps.

Where a scheduler has a schedule itself, it makes it. Where it has not (k-diffusion's simple and SGM uniform,
Karras sigmas under a scheduler without them), timesteps or sigmas are handed in and the scheduler does the steps.
"""

from __future__ import annotations

import numpy as np
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
    TCDScheduler,
    UniPCMultistepScheduler,
)

from forge.sampling.cases import Case, Noise

SPACINGS = {"normal": "linspace", "trailing": "trailing", "leading": "leading"}
SIGMAS = {"karras": {"use_karras_sigmas": True}, "exponential": {"use_exponential_sigmas": True}}


def reference(case: Case):
    """A scheduler ready for its first step."""
    scheduler = (on_flow if case.noise["path"] == "flow" else on_diffusion)(case)
    if hasattr(scheduler, "set_begin_index"):
        # Else the first of two equal timesteps would be skipped.
        scheduler.set_begin_index(0)
    return scheduler


def on_diffusion(case: Case):
    match case.sampler:
        case "euler":
            return euler(case)
        case "euler-a":
            known = settings(case)
            if known["prediction_type"] == "sample":
                # It has no data prediction; its answer is handed in as noise (see traces.answer).
                known["prediction_type"] = "epsilon"
            return place(EulerAncestralDiscreteScheduler(**known, **spacing(case)), euler(case), case)
        case "heun":
            return heun(case)
        case "ddim":
            return ddim(case)
        case "dpmpp-2m":
            return solver(case)
        case "dpmpp-sde":
            return solver(case, algorithm_type="sde-dpmsolver++")
        case "unipc":
            return unipc(case)
        case "lcm":
            return consistency(LCMScheduler(**settings(case), **ends(case.noise)), case)
        case "tcd":
            return consistency(TCDScheduler(**settings(case), **ends(case.noise)), case)
    raise ValueError(case.sampler)


def settings(case: Case) -> dict:
    noise = case.noise
    return {
        "num_train_timesteps": noise["trainTimesteps"], "beta_start": noise["betaStart"],
        "beta_end": noise["betaEnd"], "beta_schedule": noise["betaSchedule"],
        "prediction_type": noise["prediction"], "steps_offset": noise["stepsOffset"],
        "rescale_betas_zero_snr": noise["rescaleZeroSnr"],
    }


def spacing(case: Case) -> dict:
    return {"timestep_spacing": SPACINGS.get(case.schedule, "linspace")}


def ends(noise: Noise) -> dict:
    return {"clip_sample": False, "set_alpha_to_one": noise["finalAlphaOne"]}


def field_timesteps(case: Case, whole: bool) -> list[float]:
    """k-diffusion's `simple` (every T/n-th from the noise) and `sgm_uniform` (n + 1 evenly, without the last)."""
    steps, count = case.steps, case.noise["trainTimesteps"]
    if case.schedule == "simple":
        return [count - 1 - (step * count) // steps for step in range(steps)]
    even = np.linspace(count - 1, 0, steps + 1)[:-1]
    return (even.round() if whole else even).tolist()


def euler(case: Case) -> EulerDiscreteScheduler:
    scheduler = EulerDiscreteScheduler(**settings(case), **spacing(case), **SIGMAS.get(case.schedule, {}))
    if case.schedule in ("simple", "sgm-uniform"):
        scheduler.set_timesteps(timesteps=field_timesteps(case, whole=False))
    elif case.steps == 1 and case.schedule in ("normal", "karras", "exponential"):
        # A reversed range of one number is the cleanest timestep; ours starts a single step at the noisiest.
        plain = EulerDiscreteScheduler(**settings(case))
        plain.set_timesteps(timesteps=[case.noise["trainTimesteps"] - 1])
        return plain
    else:
        scheduler.set_timesteps(case.steps)
    return scheduler


def heun(case: Case) -> HeunDiscreteScheduler:
    known = settings(case)
    zero_snr = known.pop("rescale_betas_zero_snr")
    scheduler = HeunDiscreteScheduler(**known, **spacing(case), **SIGMAS.get(case.schedule, {}))
    if zero_snr or case.steps == 1 or case.schedule in ("simple", "sgm-uniform"):
        single = euler(case)
        scheduler.set_timesteps(case.steps)
        scheduler.sigmas = twice(single.sigmas, keep_last=True)
        scheduler.timesteps = twice(single.timesteps, keep_last=False)
    else:
        scheduler.set_timesteps(case.steps)
    return scheduler


def twice(values: torch.Tensor, keep_last: bool) -> torch.Tensor:
    """Heun asks at every point but the first once for each of its two sides."""
    if keep_last:
        return torch.cat([values[:1], values[1:-1].repeat_interleave(2), values[-1:]])
    return torch.cat([values[:1], values[1:].repeat_interleave(2)])


class Stride:
    """What DDIM subtracts from a timestep: here the distance to the next one, which it assumes to be T // n."""

    def __init__(self, timesteps: int):
        self.timesteps = timesteps

    def __rfloordiv__(self, _: int) -> int:
        return self.timesteps


class DdimThrough(DDIMScheduler):
    """DDIM's own step, from each of the given timesteps to the next."""

    def go_through(self, timesteps: list[int]) -> None:
        self.timesteps = torch.tensor(timesteps)
        following = [*timesteps[1:], -1]
        self.strides = iter([now - then for now, then in zip(timesteps, following)])

    def step(self, *args, **kwargs):
        self.num_inference_steps = Stride(next(self.strides))
        return super().step(*args, **kwargs)


def ddim(case: Case) -> DDIMScheduler:
    if case.schedule in ("leading", "trailing"):
        scheduler = DDIMScheduler(**settings(case), **spacing(case), **ends(case.noise))
        scheduler.set_timesteps(case.steps)
        return scheduler
    scheduler = DdimThrough(**settings(case), **ends(case.noise))
    if case.schedule == "normal":
        scheduler.go_through(evenly_whole(case))
    else:
        scheduler.go_through(whole_timesteps(case))
    return scheduler


def evenly_whole(case: Case) -> list[int]:
    last = case.noise["trainTimesteps"] - 1
    if case.steps == 1:
        return [last]
    scheduler = DDIMScheduler(**settings(case), timestep_spacing="linspace")
    scheduler.set_timesteps(case.steps)
    return scheduler.timesteps.tolist()


def whole_timesteps(case: Case) -> list[int]:
    """Timesteps of the schedules that DDIM, LCM and TCD have not themselves."""
    if case.schedule in ("simple", "sgm-uniform"):
        return [int(timestep) for timestep in field_timesteps(case, whole=True)]
    if case.schedule in ("trailing", "leading"):
        scheduler = DDIMScheduler(**settings(case), **spacing(case))
        scheduler.set_timesteps(case.steps)
        return scheduler.timesteps.tolist()
    return euler(case).timesteps.double().round().long().tolist()


def consistency(scheduler, case: Case):
    if case.schedule == "normal":
        scheduler.set_timesteps(case.steps)
        return scheduler
    scheduler.set_timesteps(case.steps)
    scheduler.timesteps = torch.tensor(whole_timesteps(case))
    return scheduler


def solver(case: Case, **algorithm: str) -> DPMSolverMultistepScheduler:
    """Order 2; DPM++ 2M is the default algorithm."""
    scheduler = DPMSolverMultistepScheduler(
        **settings(case), **spacing(case), **SIGMAS.get(case.schedule, {}), **algorithm
    )
    if case.schedule in ("simple", "sgm-uniform"):
        scheduler.set_timesteps(timesteps=field_timesteps(case, whole=True))
    else:
        scheduler.set_timesteps(case.steps)
    return scheduler


def unipc(case: Case) -> UniPCMultistepScheduler:
    scheduler = UniPCMultistepScheduler(**settings(case), **spacing(case), **SIGMAS.get(case.schedule, {}))
    scheduler.set_timesteps(case.steps)
    if case.schedule in ("simple", "sgm-uniform"):
        return place(scheduler, solver(case), case)
    return scheduler


def place(scheduler, other, case: Case):
    """Gives a scheduler the timesteps and sigmas of another."""
    scheduler.set_timesteps(case.steps)
    scheduler.sigmas = other.sigmas
    scheduler.timesteps = other.timesteps
    return scheduler


def on_flow(case: Case):
    shift, count = case.noise["shift"], case.noise["trainTimesteps"]
    common = {"num_train_timesteps": count}
    match case.sampler:
        case "flow-euler":
            return flow_euler(case)
        case "lcm":
            return flow_euler(case, stochastic_sampling=True)
        case "heun":
            scheduler = FlowMatchHeunDiscreteScheduler(**common, shift=shift)
            scheduler.set_timesteps(case.steps)
            if case.schedule != "normal":
                single = flow_euler(case)
                scheduler.sigmas = twice(single.sigmas, keep_last=True)
                scheduler.timesteps = twice(single.timesteps, keep_last=False)
            return scheduler
    solving = {**common, "use_flow_sigmas": True, "flow_shift": shift, "prediction_type": flow_prediction(case)}
    if case.sampler == "unipc":
        scheduler = UniPCMultistepScheduler(**solving)
        if case.schedule in ("karras", "exponential"):
            scheduler.set_timesteps(case.steps)
            scheduler.sigmas = flow_euler(case).sigmas.clone()
            scheduler.sigmas[0] = 1 - 1e-6
            scheduler.timesteps = (scheduler.sigmas[:-1].double() * count).long()
        else:
            scheduler.set_timesteps(case.steps, sigmas=field_sigmas(case))
        return scheduler
    algorithm = "dpmsolver++" if case.sampler == "dpmpp-2m" else "sde-dpmsolver++"
    scheduler = DPMSolverMultistepScheduler(**solving, algorithm_type=algorithm)
    scheduler.set_timesteps(case.steps)
    if case.schedule != "normal":
        scheduler.sigmas = flow_euler(case).sigmas
        unshifted = field_sigmas(case)
        if unshifted is None:
            sigmas = scheduler.sigmas[:-1].double().numpy()
        else:
            sigmas = shift * unshifted / (1 + (shift - 1) * unshifted)
        # As these two schedulers do: whole timesteps, rounded down.
        scheduler.timesteps = torch.from_numpy(sigmas * count).long()
    return scheduler


def flow_prediction(case: Case) -> str:
    return "flow_prediction" if case.noise["prediction"] == "v_prediction" else case.noise["prediction"]


def flow_euler(case: Case, **sampling: bool) -> FlowMatchEulerDiscreteScheduler:
    scheduler = FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=case.noise["trainTimesteps"], shift=case.noise["shift"],
        **SIGMAS.get(case.schedule, {}), **sampling,
    )
    scheduler.set_timesteps(case.steps, sigmas=field_sigmas(case))
    return scheduler


def field_sigmas(case: Case) -> np.ndarray | None:
    """Sigmas before the shift, where the scheduler does not choose them itself."""
    steps, count = case.steps, case.noise["trainTimesteps"]
    match case.schedule:
        case "trailing":
            return np.linspace(1, 1 / steps, steps)
        case "simple":
            return np.array([1 - ((step * count) // steps) / count for step in range(steps)])
        case "sgm-uniform":
            return np.linspace(1, 1 / count, steps + 1)[:-1]
    return None
