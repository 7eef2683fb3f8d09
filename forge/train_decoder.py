"""Trains the decoder on, the latent being fixed: on noisy codes of all five styles, and on what the finished denoiser draws.

The noise decides what the denoiser's picture is (forge/steering.py), so each of its latents has a true picture beside it;
a decoder that has seen such pairs mends the small errors that the latent still has, instead of painting them faithfully.
Half of a batch stays codes of true pictures, so that image to image keeps what it is given.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import torch
from torch import Tensor

from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.concepts import vocabulary
from forge.denoiser import Denoiser, DenoiserShape
from forge.flow import sample_euler
from forge.pictures import Pictures, load_pictures
from forge.scene_captions import caption_of
from forge.scenes import Scene, render
from forge.steering import SteeredPlanner, couple, steer_of
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import Encode, tokenizer_folder
from forge.train_autoencoder import Sampler, loss_of, psnr, validation_batch
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start


@dataclass(frozen=True)
class DecoderPlan:
    rate: float = 8e-4
    batch: int = 16
    scenes: int = 8
    """Of a batch: scenes of the base style as the generator draws them; the rest are things of all styles on any ground."""
    most_noise: float = 0.25
    """Deviation of the noise on a code, evenly from none to so much: the latent's own deviation is 1."""
    clean_share: float = 0.3
    steps: tuple[int, ...] = (1, 2, 4)
    """Of the sampler, for what the denoiser draws: one of these for each batch."""


class Drawn:
    """Scenes and the latents that a finished denoiser draws for their captions."""

    def __init__(self, run: str, pictures: Pictures, shape: DenoiserShape, text_shape: TextShape, rng: random.Random):
        kept = load(checkpoint_path(run, "distil")) or load(checkpoint_path(run, "denoiser"))
        self.net, self.text = Denoiser(shape), TextEncoder(text_shape)
        self.net.load_state_dict(kept["net"])
        self.text.load_state_dict(kept["text"])
        self.net, self.text = self.net.eval().to(memory_format=torch.channels_last), self.text.eval()
        self.encode, self.rng, self.shape = Encode(tokenizer_folder(run), text_shape.window), rng, shape

    @torch.no_grad()
    def latents(self, scenes: list[Scene], height: int, width: int, steps: int, generator: torch.Generator) -> Tensor:
        """[B, 12, H, W], as the plain sampler draws them from noise that belongs to these scenes."""
        captions = [caption_of(s, self.rng) for s in scenes]
        noise = couple(torch.randn(len(scenes), self.shape.latent, height, width, generator=generator),
                       torch.tensor([steer_of(s, c) for s, c in zip(scenes, captions)]), generator)
        with torch.autocast("cpu", torch.bfloat16):
            words = self.text(torch.from_numpy(self.encode(captions)))

            def predict(x: Tensor, t: Tensor) -> Tensor:
                return self.net(x.to(memory_format=torch.channels_last), t * 1000, words).float()

            return sample_euler(predict, noise, steps)


def train(run: str, samples: int, minutes: float, plan: DecoderPlan = DecoderPlan(), own: bool = False, shape: AutoencoderShape = AutoencoderShape(),
          denoiser_shape: DenoiserShape = DenoiserShape(), text_shape: TextShape = TextShape(), seed: int = 41) -> float:
    """Trains or resumes `decoder.pt`, from the autoencoder's decoder; `own` adds the denoiser's own drawings, and makes it
    another stage (`decoder-own.pt`, from `decoder.pt` where there is one). Returns dB on pictures that no training saw."""
    start(seed)
    name = "decoder-own" if own else "decoder"
    final, path = checkpoint_path(run, name), checkpoint_path(run, f"{name}-training")
    if final.exists() and load(final)["finished"]:
        return float(load(final)["psnr"])
    codec = load(checkpoint_path(run, "autoencoder"))
    encoder, decoder = Encoder(shape), Decoder(shape)
    encoder.load_state_dict(codec["encoder"])
    kept, before = load(path), load(checkpoint_path(run, "decoder")) if own else None
    decoder.load_state_dict((kept or before or codec)["decoder"])
    encoder = encoder.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    pictures, generator, rng = load_pictures(256), torch.Generator().manual_seed(seed), random.Random(seed)
    sampler = Sampler(pictures, generator)
    trained = (load(checkpoint_path(run, "distil")) or load(checkpoint_path(run, "denoiser"))) if own else None
    taught = set(trained["concepts"]) if trained else None
    planner = SteeredPlanner(pictures, rng, tuple(c for c in vocabulary() if taught is None or c.id in taught))
    drawn = Drawn(run, pictures, denoiser_shape, text_shape, rng) if own else None
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

    say(name, start_psnr=score(), done=clock.done)
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
        if drawn:
            latent[: plan.scenes] = drawn.latents(scenes, *latent.shape[2:], rng.choice(plan.steps), generator)
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
            say(name, done=clock.done, progress=clock.progress, rate=clock.rate, loss=mean)
        if clock.seconds - saved > 240:
            say(name, held_out_psnr=snapshot(False))
            clock.pause()
            saved = clock.seconds
    decibels = snapshot(True)
    say(name, final_psnr=decibels, samples=clock.done, minutes=clock.seconds / 60)
    return decibels
