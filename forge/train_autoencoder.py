"""Trains the autoencoder on objects of all five styles on random grounds. The 40 control concepts are held out."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from forge.autoencoder import AutoencoderShape, Decoder, Encoder, fold_statistics, start_from_pca
from forge.concepts import BASE_STYLE, STYLES
from forge.grounds import ALL_GROUNDS
from forge.pictures import Pictures, compose, load_pictures
from forge.splits import control_concepts
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start

LATENT_NOISE = 0.05
BASE_SHARE = 0.6
"""Share of the base style in a batch; the other four styles share the rest."""


class Sampler:
    """Batches of composites. Base style 60 %; skin tones of a person are equally likely."""

    def __init__(self, pictures: Pictures, generator: torch.Generator):
        held = set(control_concepts())
        self.pictures, self.generator = pictures, generator
        self.groups = {
            style: [rows for (s, c), rows in pictures.by_concept.items() if s == style and c not in held] for style in STYLES
        }
        self.groups = {s: g for s, g in self.groups.items() if g}

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)

    def batch(self, count: int) -> Tensor:
        others = [s for s in self.groups if s != BASE_STYLE] or [BASE_STYLE]
        rows = []
        for style_draw, concept_draw, tone_draw in self._uniform(count, 3).tolist():
            if style_draw < BASE_SHARE:
                style = BASE_STYLE
            else:
                style = others[min(int((style_draw - BASE_SHARE) / (1 - BASE_SHARE) * len(others)), len(others) - 1)]
            group = self.groups[style]
            tones = group[int(concept_draw * len(group))]
            rows.append(tones[int(tone_draw * len(tones))])
        palette = torch.tensor(list(ALL_GROUNDS.values()))
        named = palette[torch.randint(len(palette), (count,), generator=self.generator)]
        ground = torch.where(self._uniform(count, 1) < 0.5, named, self._uniform(count, 3))
        scale = 0.55 + 0.6 * self._uniform(count)
        shift = (self._uniform(count, 2) - 0.5) * 0.3
        return compose(self.pictures.take(rows), ground, scale, shift, self._uniform(count) < 0.5)


def validation_batch(pictures: Pictures, count: int) -> Tensor:
    """Base-style pictures of control concepts, which training never saw, on the named grounds."""
    rows = [r for c in control_concepts() for r in pictures.by_concept.get((BASE_STYLE, c), [])[:1]][:count]
    palette = torch.tensor(list(ALL_GROUNDS.values()))
    ground = palette[torch.arange(len(rows)) % len(palette)]
    return compose(pictures.take(rows), ground, torch.full((len(rows),), 0.82), torch.zeros(len(rows), 2))


def psnr(output: Tensor, target: Tensor) -> float:
    """Mean over pictures of the peak signal-to-noise ratio in dB, values in [-1, 1]."""
    return float((-10 * ((output.clamp(-1, 1) - target) / 2).pow(2).mean((1, 2, 3)).log10()).mean())


@torch.no_grad()
def held_out_psnr(encoder: Encoder, decoder: Decoder) -> float:
    """dB on 256 px pictures of the control concepts, which no training saw."""
    pictures = validation_batch(load_pictures(256), 40)
    return psnr(torch.cat([decoder(encoder(part)) for part in pictures.split(8)]), pictures)


def loss_of(output: Tensor, target: Tensor) -> Tensor:
    """L1 + MSE + half the L1 of the gradients (keeps edges sharp)."""
    d = output - target
    edges = (d[..., 1:] - d[..., :-1]).abs().mean() + (d[..., 1:, :] - d[..., :-1, :]).abs().mean()
    return d.abs().mean() + d.pow(2).mean() + 0.5 * edges


def train(run: str, samples: int, minutes: float, batch: int = 16, shape: AutoencoderShape = AutoencoderShape(), size: int = 256) -> float:
    """Trains or resumes; the final checkpoint `autoencoder.pt` holds the averaged, folded nets. Returns held-out PSNR."""
    start(1)
    final, path = checkpoint_path(run, "autoencoder"), checkpoint_path(run, "autoencoder-training")
    if final.exists():
        return float(load(final)["psnr"])
    pictures = load_pictures(size)
    generator = torch.Generator().manual_seed(1)
    sampler = Sampler(pictures, generator)
    encoder, decoder = Encoder(shape), Decoder(shape)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    clock = Clock(samples, minutes)
    kept = load(path)
    if kept:
        encoder.load_state_dict(kept["encoder"])
        decoder.load_state_dict(kept["decoder"])
    else:
        start_from_pca(encoder, decoder, torch.cat([sampler.batch(32) for _ in range(max(1, min(12, samples // 32)))]))
    inner = [*encoder.down.named_parameters(), *decoder.up.named_parameters()]
    kernels = [p for _, p in inner if p.ndim == 4]
    chosen = {id(p) for p in kernels}
    optimizers = [
        FlatMuon(kernels, 1e-3, weight_decay=1e-4),
        torch.optim.AdamW([p for p in parameters if id(p) not in chosen], lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4, fused=True),
    ]
    average = Average(parameters, 0.998)
    if kept:
        for optimizer, state in zip(optimizers, kept.get("optimizers", [])):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
        generator.manual_seed(1 + clock.done)
    held_out = validation_batch(pictures, 40)

    def reconstruct(x: Tensor) -> Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            return torch.cat([decoder(encoder(part.contiguous(memory_format=torch.channels_last)).float()) for part in x.split(8)]).float()

    say("autoencoder", start_psnr=psnr(reconstruct(held_out), held_out), done=clock.done)
    clock.pause()
    step = 0
    while clock.progress < 1:
        warm = min(1.0, (clock.done / batch + 1) / 100)
        set_rate(optimizers, 1e-3 * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))))
        x = sampler.batch(batch).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            latent = encoder(x)
        latent = latent.float()
        noisy = (latent + LATENT_NOISE * torch.randn(latent.shape, generator=generator)).to(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            output = decoder(noisy)
        loss = loss_of(output.float(), x) + 1e-3 * latent.pow(2).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        clock.advance(batch)
        step += 1
        if step % 50 == 0:
            say("autoencoder", done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss)
        if step % 400 == 0:
            average.swap()
            say("autoencoder", held_out_psnr=psnr(reconstruct(held_out), held_out))
            average.swap()
            save(path, {"encoder": encoder.state_dict(), "decoder": decoder.state_dict(), "optimizers": [o.state_dict() for o in optimizers],
                        "average": average.state(), "done": clock.done, "seconds": clock.seconds})
            clock.pause()
    average.swap()
    score = psnr(reconstruct(held_out), held_out)
    with torch.no_grad():
        codes = torch.cat([encoder(sampler.batch(16)) for _ in range(max(1, min(32, samples // 16)))])
    mean, std = codes.mean((0, 2, 3)), codes.std((0, 2, 3))
    fold_statistics(encoder, decoder, mean, std)
    say("autoencoder", final_psnr=score, folded_psnr=psnr(reconstruct(held_out), held_out), samples=clock.done, minutes=clock.seconds / 60)
    save(final, {"encoder": encoder.state_dict(), "decoder": decoder.state_dict(), "psnr": score,
                 "samples": clock.done, "minutes": clock.seconds / 60})
    return score
