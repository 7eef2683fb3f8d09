"""Trains the decoder on, the latent being fixed: on noisy codes, half of scenes as the generator draws them, half of all five
styles. Noise on a code stands for the small errors of a drawn one."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import torch

from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.concepts import vocabulary
from forge.pictures import load_pictures
from forge.scenes import Scene, render
from forge.steering import SteeredPlanner
from forge.train_autoencoder import Sampler, loss_of, psnr, validation_batch
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start


@dataclass(frozen=True)
class DecoderPlan:
    rate: float = 8e-4
    batch: int = 16
    scenes: int = 8
    """Of a batch: scenes of the base style; the rest are things of all styles on any ground."""
    most_noise: float = 0.25
    """Deviation of the noise on a code, evenly from none to so much: the latent's own deviation is 1."""
    clean_share: float = 0.3


def train(run: str, samples: int, minutes: float, plan: DecoderPlan = DecoderPlan(), shape: AutoencoderShape = AutoencoderShape(), seed: int = 41) -> float:
    """Trains or resumes `decoder.pt`, from the autoencoder's decoder. Returns dB on pictures that no training saw."""
    start(seed)
    final, path = checkpoint_path(run, "decoder"), checkpoint_path(run, "decoder-training")
    if final.exists() and load(final)["finished"]:
        return float(load(final)["psnr"])
    codec = load(checkpoint_path(run, "autoencoder"))
    encoder, decoder = Encoder(shape), Decoder(shape)
    encoder.load_state_dict(codec["encoder"])
    kept = load(path)
    decoder.load_state_dict((kept or codec)["decoder"])
    encoder = encoder.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    pictures, generator, rng = load_pictures(256), torch.Generator().manual_seed(seed), random.Random(seed)
    sampler = Sampler(pictures, generator)
    planner = SteeredPlanner(pictures, rng, vocabulary())
    parameters = list(decoder.parameters())
    kernels = [p for p in decoder.up.parameters() if p.ndim == 4]
    chosen = {id(p) for p in kernels}
    optimizers = [
        FlatMuon(kernels, plan.rate, weight_decay=1e-4),
        torch.optim.AdamW([p for p in parameters if id(p) not in chosen], lr=plan.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True),
    ]
    average, clock = Average(parameters, 0.998), Clock(samples, minutes)
    if kept:
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
        generator.manual_seed(seed + clock.done)
        rng.seed(seed + clock.done)
    held_out = validation_batch(pictures, 40)

    @torch.no_grad()
    def score() -> float:
        with torch.autocast("cpu", torch.bfloat16):
            return psnr(torch.cat([decoder(encoder(part.contiguous(memory_format=torch.channels_last)).float()) for part in held_out.split(8)]).float(), held_out)

    def a_scene() -> Scene:
        return planner.draw(rng.choices(("single", "pair", "count", "hue", "place"), (5, 2, 1, 1, 1))[0], "square")

    def snapshot(finished: bool) -> float:
        save(path, {"decoder": decoder.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "average": average.state(),
                    "done": clock.done, "seconds": clock.seconds})
        average.swap()
        decibels = score()
        save(final, {"decoder": {k: v.contiguous() for k, v in decoder.state_dict().items()}, "psnr": decibels, "finished": finished,
                     "samples": clock.done, "minutes": clock.seconds / 60})
        average.swap()
        return decibels

    say("decoder", start_psnr=score(), done=clock.done)
    clock.pause()
    step, saved, mean = 0, clock.seconds, None
    while clock.progress < 1:
        warm = min(1.0, (step + 1) / 50)
        set_rate(optimizers, plan.rate * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))))
        scenes = [a_scene() for _ in range(plan.scenes)]
        picture = torch.cat([render(pictures, scenes, rng), sampler.batch(plan.batch - plan.scenes)])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latent = encoder(picture.contiguous(memory_format=torch.channels_last)).float()
        uniform = torch.rand(len(latent), 2, generator=generator)
        deviation = plan.most_noise * uniform[:, 0] * (uniform[:, 1] > plan.clean_share)
        latent = latent + deviation.view(-1, 1, 1, 1) * torch.randn(latent.shape, generator=generator)
        with torch.autocast("cpu", torch.bfloat16):
            output = decoder(latent.to(memory_format=torch.channels_last))
        loss = loss_of(output.float(), picture)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        clock.advance(plan.batch)
        step += 1
        value = float(loss.detach())
        mean = value if mean is None else 0.98 * mean + 0.02 * value
        if step % 50 == 0:
            say("decoder", done=clock.done, progress=clock.progress, rate=clock.rate, loss=mean)
        if clock.seconds - saved > 240:
            say("decoder", held_out_psnr=snapshot(False))
            clock.pause()
            saved = clock.seconds
    decibels = snapshot(True)
    say("decoder", final_psnr=decibels, samples=clock.done, minutes=clock.seconds / 60)
    return decibels
