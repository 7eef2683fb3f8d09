"""Trains the 2x upscaler on scenes of objects at their native size; the 40 control concepts are held out.

The drawings are 256 px, so the truth is a 512 px scene with several of them at their own pixels, and the input is that
scene at 256 px: for half of the scenes plainly reduced, for the other half also through the shipped autoencoder, so that
what is learned includes undoing the decoder's own softness.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from forge.autoencoder import Decoder, Encoder
from forge.concepts import BASE_STYLE, STYLES
from forge.grounds import ALL_GROUNDS
from forge.paths import MODELS
from forge.pictures import Pictures, load_pictures
from forge.reload import reload_decoder, reload_encoder
from forge.splits import control_concepts
from forge.train_autoencoder import loss_of, psnr
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start
from forge.upscaler import BLOCKS, WIDTH, Upscaler, upscale

CANVAS = 512
WINDOW = 96
"""Side of a training window of the input, px."""
MARGIN = 16
"""Input pixels around a window whose output is not judged: the layers' zero padding reaches that far with any weight."""
BASE_SHARE = 0.6
LATENT_NOISE = 0.06
"""Deviation of the noise on the latent, at most: the denoiser's latents are not exact either."""


class Scenes:
    """512 px scenes of two to five objects, from concepts that are not controls."""

    def __init__(self, pictures: Pictures, generator: torch.Generator):
        held = set(control_concepts())
        groups = {s: [rows for (style, c), rows in pictures.by_concept.items() if style == s and c not in held] for s in STYLES}
        self.groups = {s: g for s, g in groups.items() if g}
        self.pictures, self.generator = pictures, generator
        self.palette = list(ALL_GROUNDS.values())

    def _number(self, low: float = 0.0, high: float = 1.0) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.generator))

    def _below(self, count: int) -> int:
        return int(torch.randint(count, (), generator=self.generator))

    def _row(self) -> int:
        others = [s for s in self.groups if s != BASE_STYLE]
        style = BASE_STYLE if not others or self._number() < BASE_SHARE else others[self._below(len(others))]
        tones = self.groups[style][self._below(len(self.groups[style]))]
        return tones[self._below(len(tones))]

    def _colour(self) -> Tensor:
        if self._number() < 0.5:
            return torch.tensor(self.palette[self._below(len(self.palette))])
        return torch.rand(3, generator=self.generator)

    def _ground(self) -> Tensor:
        """[3, CANVAS, CANVAS] in [0, 1]: flat, or one time in three a straight gradient."""
        first = self._colour()[:, None, None].expand(3, CANVAS, CANVAS)
        if self._number() < 2 / 3:
            return first.clone()
        angle, axis = self._number(0, 2 * math.pi), torch.linspace(-0.5, 0.5, CANVAS)
        share = (0.5 + 0.7 * (axis[None, :] * math.cos(angle) + axis[:, None] * math.sin(angle))).clamp(0, 1)
        return torch.lerp(first, self._colour()[:, None, None].expand(3, CANVAS, CANVAS), share)

    def _object(self) -> Tensor:
        """One object [4, S, S] premultiplied: most at their own pixels, a third reduced to as little as 112 px."""
        rgba = self.pictures.take([self._row()])
        if self._number() < 1 / 3:
            side = int(self._number(112, min(240, rgba.shape[-1])))
            rgba = F.interpolate(rgba, size=(side, side), mode="bicubic", antialias=True).clamp(0, 1)
        return rgba[0].flip(-1) if self._number() < 0.5 else rgba[0]

    def scene(self) -> tuple[Tensor, list[tuple[int, int]]]:
        """A scene [3, CANVAS, CANVAS] in [-1, 1] and the centres (y, x) of its objects, all inside the canvas."""
        canvas, centres = self._ground(), []
        for _ in range(2 + self._below(4)):
            rgba = self._object()
            side = rgba.shape[-1]
            y, x = (int(self._number(0, CANVAS - side)) for _ in range(2))
            place = canvas[:, y : y + side, x : x + side]
            place.mul_(1 - rgba[3:]).add_(rgba[:3])
            centres.append((y + side // 2, x + side // 2))
        return canvas.clamp(0, 1) * 2 - 1, centres

    def corner(self, centre: tuple[int, int], low: Tensor) -> tuple[int, int]:
        """Top left of a window of the padded input, near an object's outline, on even pixels."""
        top = low.shape[-1] - WINDOW
        return tuple(min(max(int(c / 2 + MARGIN - WINDOW / 2 + self._number(-56, 56)), 0), top) // 2 * 2 for c in centre)


def reduce(pictures: Tensor) -> Tensor:
    """Half the size by the mean of each 2x2 block."""
    return F.avg_pool2d(pictures, 2)


@torch.no_grad()
def through_autoencoder(encoder: Encoder, decoder: Decoder, pictures: Tensor, noise: float, generator: torch.Generator | None) -> Tensor:
    """What the decoder makes of 256 px pictures, as the 8-bit picture that the studio keeps."""
    with torch.autocast("cpu", torch.bfloat16):
        latent = encoder(pictures.contiguous(memory_format=torch.channels_last)).float()
        if noise:
            latent = latent + noise * torch.randn(latent.shape, generator=generator)
        picture = decoder(latent.contiguous(memory_format=torch.channels_last)).float()
    return ((picture.clamp(-1, 1) + 1) * 127.5).round() / 127.5 - 1


def control_scenes(pictures: Pictures) -> Tensor:
    """[n, 3, CANVAS, CANVAS] in [-1, 1]: each control concept once, in the base style at its own pixels, on the named grounds."""
    rows = [r for c in control_concepts() for r in pictures.by_concept.get((BASE_STYLE, c), [])[:1]]
    palette, out = torch.tensor(list(ALL_GROUNDS.values())), []
    for n, row in enumerate(rows):
        rgba = pictures.take([row])[0]
        side = rgba.shape[-1]
        # An odd place, so that no edge of the drawing falls on the reduction's grid by luck.
        y, x = 101 + 7 * (n % 9), 119 + 5 * (n % 7)
        canvas = palette[n % len(palette)][:, None, None].expand(3, CANVAS, CANVAS).clone()
        place = canvas[:, y : y + side, x : x + side]
        place.mul_(1 - rgba[3:]).add_(rgba[:3])
        out.append(canvas.clamp(0, 1) * 2 - 1)
    return torch.stack(out)


def resample(pictures: Tensor, method: Image.Resampling) -> Tensor:
    """Twice the size by Pillow's filter on 8-bit pixels."""
    pixels = ((pictures.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()
    large = [np.asarray(Image.fromarray(p).resize((2 * p.shape[1], 2 * p.shape[0]), method)) for p in pixels]
    return torch.from_numpy(np.stack(large)).permute(0, 3, 1, 2).float() / 127.5 - 1


@torch.no_grad()
def upscale_all(net: Upscaler, pictures: Tensor) -> Tensor:
    return torch.cat([upscale(net, part) for part in pictures.split(4)])


def train(
    run: str, samples: int, minutes: float, batch: int = 16, model: Path = MODELS / "starter",
    width: int = WIDTH, blocks: int = BLOCKS, pictures: Pictures | None = None,
) -> float:
    """Trains or resumes; `upscaler.pt` holds the averaged net. Returns the PSNR on autoencoded scenes of the controls, dB.

    `batch` counts windows, four to a scene; `model` is the folder with the autoencoder that half of the scenes pass.
    """
    start(1)
    final, path = checkpoint_path(run, "upscaler"), checkpoint_path(run, "upscaler-training")
    if final.exists():
        return float(load(final)["psnr"])
    pictures = pictures or load_pictures(256)
    generator = torch.Generator().manual_seed(1)
    scenes = Scenes(pictures, generator)
    encoder, decoder = reload_encoder(model), reload_decoder(model)
    net = Upscaler(width, blocks)
    kernels = [p for p in net.blocks.parameters() if p.ndim == 4]
    chosen = {id(p) for p in kernels}
    optimizers = [
        FlatMuon(kernels, 1e-3, weight_decay=1e-4),
        torch.optim.AdamW([p for p in net.parameters() if id(p) not in chosen], lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4, fused=True),
    ]
    average, clock = Average(net.parameters(), 0.998), Clock(samples, minutes)
    kept = load(path)
    if kept:
        net.load_state_dict(kept["net"])
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
        generator.manual_seed(1 + clock.done)
    truth = control_scenes(pictures)
    clean = reduce(truth)
    coded = torch.cat([through_autoencoder(encoder, decoder, part, 0.0, None) for part in clean.split(8)])

    def report() -> float:
        """PSNR on clean and on autoencoded input, with the averaged weights."""
        average.swap()
        scores = [psnr(upscale_all(net, x), truth) for x in (clean, coded)]
        average.swap()
        say("upscaler", done=clock.done, clean_psnr=scores[0], coded_psnr=scores[1])
        clock.pause()
        return scores[1]

    def windows() -> tuple[Tensor, Tensor]:
        """Inputs [batch, 3, WINDOW, WINDOW] and truths of twice the side."""
        made = [scenes.scene() for _ in range(max(1, batch // 4))]
        high = torch.stack([s for s, _ in made])
        low = reduce(high)
        half = len(made) // 2
        if half:
            noise = LATENT_NOISE * float(torch.rand((), generator=generator))
            low = torch.cat([low[half:], through_autoencoder(encoder, decoder, low[:half], noise, generator)])
            high, made = torch.cat([high[half:], high[:half]]), made[half:] + made[:half]
        low, high = F.pad(low, (MARGIN,) * 4, mode="replicate"), F.pad(high, (2 * MARGIN,) * 4, mode="replicate")
        inputs, truths = [], []
        for n in range(batch):
            at = n % len(made)
            centres = made[at][1]
            y, x = scenes.corner(centres[scenes._below(len(centres))], low)
            inputs.append(low[at, :, y : y + WINDOW, x : x + WINDOW])
            truths.append(high[at, :, 2 * y : 2 * (y + WINDOW), 2 * x : 2 * (x + WINDOW)])
        return torch.stack(inputs), torch.stack(truths)

    report()
    step, judged = 0, slice(2 * MARGIN, -2 * MARGIN)
    while clock.progress < 1:
        warm = min(1.0, (clock.done / batch + 1) / 100)
        set_rate(optimizers, 1e-3 * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))))
        low, high = windows()
        with torch.autocast("cpu", torch.bfloat16):
            output = net(low.contiguous(memory_format=torch.channels_last))
        loss = loss_of(output[..., judged, judged], high[..., judged, judged])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        clock.advance(batch)
        step += 1
        if step % 50 == 0:
            say("upscaler", done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss)
        if step % 400 == 0:
            report()
            save(path, {"net": net.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "average": average.state(),
                        "done": clock.done, "seconds": clock.seconds})
            clock.pause()
    score = report()
    average.swap()
    save(final, {"net": net.state_dict(), "psnr": score, "samples": clock.done, "minutes": clock.seconds / 60})
    return score
