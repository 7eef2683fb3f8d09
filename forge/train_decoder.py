"""Trains the decoder on, the latent being fixed, on codes as the generator draws them.

A drawn code is softer than a picture's own, and wrong by a little everywhere: what turns into halos, blotches and soft edges. As
the noise says which picture it belongs to (forge/steering.py), the picture that a drawn code stands for is known, and the
decoder learns to draw that one. Codes are drawn by the shipped base and by every brand over it; the others are pictures' own
codes, so that a user's picture stays what it is.

Where a code leaves an edge open, the mean of the possible edges is a blur. A small critic sees patches of what was drawn beside
the same patches of the true picture (relativistic pairing, arXiv 1807.00734) and tells them apart by it. It knows which style
both are of (by a projection, arXiv 1802.05637): a soft shade is right in one style and wrong in the next.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.concepts import BASE_STYLE, STYLES, Concept
from forge.flow import sample_euler
from forge.latents import SIZES
from forge.lora.adapter import merge
from forge.lora.base import known_concepts, shipped
from forge.lora.brands import taught
from forge.lora.evaluate import brand_stacks
from forge.lora.examples import in_style
from forge.pictures import Pictures, load_pictures
from forge.scene_captions import caption_of
from forge.scenes import Scene, render
from forge.steering import SteeredPlanner, couple, steer_of
from forge.train_autoencoder import Sampler, loss_of, psnr, validation_batch
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start

Draw = Callable[[list[str], Tensor, int], Tensor]
"""(captions, noise [B, 12, H, W], steps) to the latents that are drawn."""


@dataclass(frozen=True)
class Drawer:
    """One style of the generator, and the things it was taught."""

    style: str
    draw: Draw
    concepts: tuple[Concept, ...]


@dataclass(frozen=True)
class DecoderPlan:
    rate: float = 5e-4
    critic_rate: float = 4e-4
    batch: int = 16
    drawn: int = 10
    """Of a batch: drawn codes; the rest are pictures' own."""
    base_share: float = 0.3
    """Share of the drawn batches that are the base's; the brands share the others."""
    steps: tuple[int, ...] = (1, 1, 1, 2, 4)
    kinds: tuple[tuple[str, float], ...] = (("single", 0.62), ("sized", 0.06), ("pair", 0.12), ("count", 0.08), ("hue", 0.04), ("place", 0.08))
    most_error: float = 0.3
    """Mean squared error of a drawn code beyond which it stands for another picture; the true code takes its place."""
    critic_from: float = 0.1
    """Progress from which on the critic is heard; it learns from the first step."""
    critic_share: float = 0.6
    """Size of its gradient on the drawn pictures beside that of their own error."""
    noise: float = 0.05
    """Deviation of the noise on pictures' own codes, as the autoencoder was trained with."""


class Critic(nn.Module):
    """Pictures [B, 3, H, W] of one of `STYLES` to one answer for each 8x8 pixels, of about 50 pixels around them."""

    def __init__(self, width: int = 64):
        super().__init__()
        self.unshuffle = nn.PixelUnshuffle(4)
        self.layers = nn.ModuleList(
            spectral_norm(c)
            for c in (nn.Conv2d(48, width, 3, padding=1), nn.Conv2d(width, 2 * width, 4, 2, 1), nn.Conv2d(2 * width, 2 * width, 3, padding=1), nn.Conv2d(2 * width, 1, 3, padding=1))
        )
        self.styles = nn.Embedding(len(STYLES), 2 * width)
        nn.init.zeros_(self.styles.weight)

    def forward(self, picture: Tensor, style: str) -> Tensor:
        x = self.unshuffle(picture)
        *first, last = self.layers
        for layer in first:
            x = F.leaky_relu(layer(x), 0.2)
        return last(x) + F.conv2d(x, self.styles.weight[STYLES.index(style)][None, :, None, None])


def shipped_drawers() -> list[Drawer]:
    """The starter as it ships, and each of its brands."""

    def drawer(style: str, stack: list) -> Drawer:
        base = shipped()
        net, text, encode = merge(base.denoiser, stack).to(memory_format=torch.channels_last), base.text_encoder, base.encode

        def draw(captions: list[str], noise: Tensor, steps: int) -> Tensor:
            with torch.autocast("cpu", torch.bfloat16):
                words = text(torch.from_numpy(encode(captions)))
                return sample_euler(lambda x, t: net(x.to(memory_format=torch.channels_last), t * 1000, words).float(), noise, steps)

        return Drawer(style, draw, taught() if stack else known_concepts())

    return [drawer(style, stack) for style, stack in brand_stacks().items()]


class DrawnScenes:
    """Batches of scenes with the codes that are drawn of them."""

    def __init__(self, drawers: list[Drawer], pictures: Pictures, encoder: Encoder, plan: DecoderPlan, rng: random.Random, generator: torch.Generator):
        self.drawers, self.pictures, self.encoder, self.plan, self.rng, self.generator = drawers, pictures, encoder, plan, rng, generator
        self.planners = {d.style: SteeredPlanner(pictures, rng, d.concepts) for d in drawers}

    def _scene(self, style: str) -> Scene:
        kinds, weights = zip(*self.plan.kinds)
        planner = self.planners[style]
        while True:
            kind = self.rng.choices(kinds, weights)[0]
            # A brand's colours are its own: nothing is recoloured for it.
            if kind == "hue" and style != BASE_STYLE:
                continue
            scene = planner.single("square", size=self.rng.choice(SIZES["square"])) if kind == "sized" else planner.draw(kind, "square")
            styled = scene if style == BASE_STYLE else in_style(scene, self.pictures, style)
            if styled:
                return styled

    @torch.no_grad()
    def batch(self, count: int) -> tuple[Tensor, Tensor, str]:
        """(codes [B, 12, 16, 16], pictures [B, 3, 256, 256], the one style of all)."""
        base, *brands = self.drawers
        drawer = self.rng.choice(brands) if brands and self.rng.random() >= self.plan.base_share else base
        scenes = [self._scene(drawer.style) for _ in range(count)]
        captions = [caption_of(s, self.rng) for s in scenes]
        picture = render(self.pictures, scenes, self.rng)
        with torch.autocast("cpu", torch.bfloat16):
            own = self.encoder(picture.contiguous(memory_format=torch.channels_last)).float()
        noise = couple(torch.randn(own.shape, generator=self.generator), torch.tensor([steer_of(s, c) for s, c in zip(scenes, captions)]), self.generator)
        drawn = drawer.draw(captions, noise, self.rng.choice(self.plan.steps))
        astray = (drawn - own).pow(2).mean((1, 2, 3), keepdim=True) > self.plan.most_error
        return torch.where(astray, own, drawn), picture, drawer.style


def train(run: str, samples: int, minutes: float, plan: DecoderPlan = DecoderPlan(), shape: AutoencoderShape = AutoencoderShape(), seed: int = 41,
          drawers: Callable[[], list[Drawer]] = shipped_drawers) -> float:
    """Trains or resumes `decoder.pt`, from the autoencoder's decoder. Returns dB on pictures that no training saw."""
    start(seed)
    final, path = checkpoint_path(run, "decoder"), checkpoint_path(run, "decoder-training")
    if final.exists() and load(final)["finished"]:
        return float(load(final)["psnr"])
    codec = load(checkpoint_path(run, "autoencoder"))
    encoder, decoder, critic = Encoder(shape), Decoder(shape), Critic()
    encoder.load_state_dict(codec["encoder"])
    kept = load(path)
    decoder.load_state_dict((kept or codec)["decoder"])
    encoder = encoder.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    critic = critic.to(memory_format=torch.channels_last)
    pictures, generator, rng = load_pictures(256), torch.Generator().manual_seed(seed), random.Random(seed)
    sampler, scenes = Sampler(pictures, generator), DrawnScenes(drawers(), pictures, encoder, plan, rng, generator)
    parameters = list(decoder.parameters())
    kernels = [p for p in decoder.up.parameters() if p.ndim == 4]
    chosen = {id(p) for p in kernels}
    optimizers = [
        FlatMuon(kernels, plan.rate, weight_decay=1e-4),
        torch.optim.AdamW([p for p in parameters if id(p) not in chosen], lr=plan.rate, betas=(0.9, 0.99), weight_decay=1e-4, fused=True),
    ]
    judge = torch.optim.AdamW(critic.parameters(), lr=plan.critic_rate, betas=(0.5, 0.9), weight_decay=0.0, fused=True)
    average, clock = Average(parameters, 0.998), Clock(samples, minutes)
    if kept:
        critic.load_state_dict(kept["critic"])
        for optimizer, state in zip((*optimizers, judge), kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
        generator.manual_seed(seed + clock.done)
        rng.seed(seed + clock.done)
    held_out = validation_batch(pictures, 40)

    def decode(codes: Tensor) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return decoder(codes.to(memory_format=torch.channels_last)).float()

    def judged(shown: Tensor, style: str) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16):
            return critic(shown.contiguous(memory_format=torch.channels_last), style).float()

    @torch.no_grad()
    def score() -> float:
        with torch.autocast("cpu", torch.bfloat16):
            codes = torch.cat([encoder(part.contiguous(memory_format=torch.channels_last)).float() for part in held_out.split(8)])
        return psnr(torch.cat([decode(part) for part in codes.split(8)]), held_out)

    def snapshot(finished: bool) -> float:
        save(path, {"decoder": decoder.state_dict(), "critic": critic.state_dict(), "optimizers": [o.state_dict() for o in (*optimizers, judge)],
                    "average": average.state(), "done": clock.done, "seconds": clock.seconds})
        average.swap()
        decibels = score()
        save(final, {"decoder": {k: v.contiguous() for k, v in decoder.state_dict().items()}, "psnr": decibels, "finished": finished,
                     "samples": clock.done, "minutes": clock.seconds / 60})
        average.swap()
        return decibels

    say("decoder", start_psnr=score(), done=clock.done)
    clock.pause()
    step, saved, means = 0, clock.seconds, None
    while clock.progress < 1:
        fall = 0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))
        set_rate(optimizers, plan.rate * min(1.0, (step + 1) / 50) * fall)
        set_rate([judge], plan.critic_rate * fall)
        codes, true, style = scenes.batch(plan.drawn)
        own = sampler.batch(plan.batch - plan.drawn)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            own_codes = encoder(own.contiguous(memory_format=torch.channels_last)).float()
        own_codes = own_codes + plan.noise * torch.randn(own_codes.shape, generator=generator)
        output = decode(torch.cat([codes, own_codes]))
        # The critic first, on what is drawn now.
        told = judged(torch.cat([output[: plan.drawn].detach(), true]), style)
        margin = told[plan.drawn :] - told[: plan.drawn]
        F.softplus(-margin).mean().backward()
        judge.step()
        judge.zero_grad(set_to_none=True)
        leaf = output.detach().requires_grad_()
        drawn_error, own_error = loss_of(leaf[: plan.drawn], true), loss_of(leaf[plan.drawn :], own)
        loss = (plan.drawn * drawn_error + (plan.batch - plan.drawn) * own_error) / plan.batch
        (gradient,) = torch.autograd.grad(loss, leaf)
        if clock.progress >= plan.critic_from:
            critic.requires_grad_(False)
            shown = leaf[: plan.drawn].detach().requires_grad_()
            with torch.no_grad():
                beside = judged(true, style)
            (heard,) = torch.autograd.grad(F.softplus(beside - judged(shown, style)).mean(), shown)
            critic.requires_grad_(True)
            gradient[: plan.drawn] += plan.critic_share * gradient[: plan.drawn].norm() / heard.norm().clamp(min=1e-12) * heard
        output.backward(gradient)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        clock.advance(plan.batch)
        step += 1
        now = torch.stack([drawn_error.detach(), own_error.detach(), (margin > 0).float().mean()])
        means = now if means is None else 0.98 * means + 0.02 * now
        if step % 50 == 0:
            say("decoder", done=clock.done, progress=clock.progress, rate=clock.rate, drawn=means[0], own=means[1], told_apart=means[2])
        if clock.seconds - saved > 240:
            say("decoder", held_out_psnr=snapshot(False))
            clock.pause()
            saved = clock.seconds
    decibels = snapshot(True)
    say("decoder", final_psnr=decibels, samples=clock.done, minutes=clock.seconds / 60)
    return decibels
