"""What the golden files hold."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import DDIMScheduler, LatentConsistencyModelPipeline
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg

from forge.sampling.cases import DIFFUSION_SAMPLERS, FLOW_SAMPLERS, cases, diffusion
from forge.sampling.numbers import rounded
from forge.sampling.traces import noise_pool, trace


def golden_files() -> dict[str, Any]:
    """File name to JSON content."""
    torch.set_num_threads(1)
    files: dict[str, Any] = {
        "noise.golden.json": [rounded(noise) for noise in noise_pool()],
        "torch-random.golden.json": torch_random(),
        "levels.golden.json": levels(),
        "guidance.golden.json": guidance(),
    }
    pool = noise_pool()
    all_cases = list(cases())
    for sampler in dict.fromkeys([*DIFFUSION_SAMPLERS, *FLOW_SAMPLERS]):
        files[f"{sampler}.golden.json"] = [trace(case, pool) for case in all_cases if case.sampler == sampler]
    return files


def torch_random() -> list[dict]:
    """Successive draws of one generator: whole blocks of 16, ragged ends, and the scalar path below 16."""
    plans = {0: [16, 5, 32, 17, 3, 4], 42: [64, 100, 1], 4_294_967_295: [15, 7, 1000, 2], 20_26: [4096]}
    found = []
    for seed, lengths in plans.items():
        generator = torch.Generator("cpu").manual_seed(seed)
        # A long draw is told by its head and its tail.
        draws = [torch.randn(length, generator=generator) for length in lengths]
        found.append({
            "seed": seed,
            "draws": [{"length": len(draw), "head": exact(draw[:48]), "tail": exact(draw[-20:])} for draw in draws],
        })
    return found


def exact(values: torch.Tensor) -> list[float]:
    """Nine digits tell every float32 apart."""
    return [float(f"{value:.9g}") for value in values.tolist()]


def levels() -> list[dict]:
    """Products of alphas at both ends and every 50th timestep between."""
    timesteps = sorted({0, 1, 2, *range(0, 1000, 50), 990, 997, 998, 999})
    found = []
    for beta in ("linear", "scaled_linear", "squaredcos_cap_v2"):
        for zero_snr in (False, True):
            noise = diffusion(beta=beta, zero_snr=zero_snr)
            scheduler = DDIMScheduler(
                beta_schedule=beta, beta_start=noise["betaStart"], beta_end=noise["betaEnd"],
                rescale_betas_zero_snr=zero_snr,
            )
            bars = [{"timestep": t, "bar": exact(scheduler.alphas_cumprod[t : t + 1])} for t in timesteps]
            found.append({"noise": noise, "bars": bars})
    return found


def guidance() -> dict:
    generator = torch.Generator("cpu").manual_seed(7)
    conditional, unconditional = torch.randn((2, 1, 2, 3, 4), generator=generator)
    scale = 7.5
    guided = unconditional + scale * (conditional - unconditional)
    embed = LatentConsistencyModelPipeline.get_guidance_scale_embedding
    return {
        "conditional": rounded(conditional),
        "unconditional": rounded(unconditional),
        "scale": scale,
        "guided": rounded(guided),
        "rescaled": [
            {"rescale": rescale, "guided": rounded(rescale_noise_cfg(guided, conditional, rescale))}
            for rescale in (0.3, 0.7, 1.0)
        ],
        "embeddings": [
            {"scale": s, "width": width, "embedding": rounded(embed(None, torch.tensor([s - 1.0]), embedding_dim=width))}
            for s, width in [(1.0, 8), (7.5, 256), (8.5, 16), (2.0, 9)]
        ],
    }
