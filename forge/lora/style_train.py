"""Trains the style judge on the source drawings alone: no picture of a generator or an autoencoder is among them. Its trunk
begins as the frozen evaluator's, which was trained on the drawings alone as well.

Its renders are soft more often than not, so that it cannot take sharpness for style: a decoded picture is soft in any
style. The 40 controls are left out; on them it is measured.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from forge.concepts import STYLES, core_concepts, starter_concepts
from forge.evaluator.frozen import frozen_weights
from forge.grounds import ALL_GROUNDS
from forge.lora.style_net import VIEW, StyleNet
from forge.pictures import Pictures, load_pictures, place
from forge.splits import control_concepts
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start

SEED = 90_417
SOFT_SHARE = 0.7
GROUND_NAMED = 0.6
"""Share of grounds that are one of the generator's; the others are any colour."""
SEVERAL = 0.1
"""Share of pictures with a second thing, of the same style."""
FOCUS_SHARE = 0.75
"""Share of pictures from the first concepts of the vocabulary, which a generator may be asked for."""


class Renders:
    """Labelled pictures, drawn with the judge's own seed: styles evenly, then concepts evenly."""

    def __init__(self, pictures: Pictures, concepts: list[str], generator: torch.Generator, side: int = VIEW):
        self.pictures, self.generator, self.side = pictures, generator, side
        first = {c.id for c in starter_concepts()} & set(concepts) or set(concepts)
        self.focus, self.rows = ([[pictures.by_concept[(s, c)] for c in some if (s, c) in pictures.by_concept] for s in STYLES]
                                 for some in (sorted(first), concepts))
        self.palette = torch.tensor(list(ALL_GROUNDS.values()))

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)

    def _pick(self, styles: list[int]) -> Tensor:
        chosen = []
        for s, (u, v, w) in zip(styles, self._uniform(len(styles), 3).tolist()):
            pool = (self.focus if w < FOCUS_SHARE else self.rows)[s]
            tones = pool[int(u * len(pool))]
            chosen.append(tones[int(v * len(tones))])
        return self.pictures.take(chosen)

    def _grounds(self, count: int) -> Tensor:
        named = self.palette[(self._uniform(count) * len(self.palette)).long()]
        colour = torch.where(self._uniform(count, 1) < GROUND_NAMED, named, self._uniform(count, 3))
        return colour[:, :, None, None].expand(count, 3, self.side, self.side).clone()

    def plain(self, count: int) -> tuple[Tensor, Tensor]:
        """Clean pictures [B, 3, S, S] in [-1, 1] and their styles."""
        label = (self._uniform(count) * len(STYLES)).long()
        canvas, side = self._grounds(count), self.side
        share = 0.55 + 0.43 * self._uniform(count)
        centre = side * (0.5 + (self._uniform(count, 2) - 0.5) * 0.2)
        several = (self._uniform(count) < SEVERAL).nonzero().flatten()
        share[several] *= 0.55
        centre[several] = side * torch.tensor([0.27, 0.5]) + (self._uniform(len(several), 2) - 0.5) * side * torch.tensor([0.06, 0.4])
        canvas = place(canvas, self._pick(label.tolist()), centre, share * side, self._uniform(count) < 0.3)
        if len(several):
            beside = torch.stack([side - centre[several, 0], centre[several, 1]], 1)
            canvas[several] = place(canvas[several], self._pick(label[several].tolist()), beside, share[several] * side)
        return canvas * 2 - 1, label

    def batch(self, count: int) -> tuple[Tensor, Tensor]:
        """As `plain`, then softened, tinted and made noisy."""
        picture, label = self.plain(count)
        picture = self._soften(picture)
        noise = torch.randn(picture.shape, generator=self.generator) * 0.1 * self._uniform(count, 1, 1, 1).pow(2)
        light = 1 + (self._uniform(count, 3, 1, 1) - 0.5) * 0.1
        return (picture * light + (self._uniform(count, 3, 1, 1) - 0.5) * 0.06 + noise).clamp(-1, 1), label

    def _soften(self, picture: Tensor) -> Tensor:
        """A blur of up to 1.6 px, or a smaller copy blown up, each mixed with the sharp one."""
        sigma = float(self._uniform(1)) * 1.4 + 0.2
        x = torch.arange(-4, 5).float()
        kernel = torch.exp(-x * x / (2 * sigma * sigma))
        kernel = (kernel / kernel.sum()).view(1, 1, 1, 9).expand(3, 1, 1, 9)
        blurred = F.conv2d(F.pad(picture, (4, 4, 4, 4), mode="replicate"), kernel, groups=3)
        blurred = F.conv2d(blurred, kernel.transpose(2, 3), groups=3)
        smaller = F.interpolate(picture, scale_factor=0.4 + 0.5 * float(self._uniform(1)), mode="bilinear", antialias=True)
        smaller = F.interpolate(smaller, size=picture.shape[-2:], mode="bilinear", align_corners=False)
        count = len(picture)
        soft = torch.where(self._uniform(count, 1, 1, 1) < 0.5, blurred, smaller)
        weight = self._uniform(count, 1, 1, 1) * (self._uniform(count, 1, 1, 1) < SOFT_SHARE)
        return picture.lerp(soft, weight)


def train(run: str, samples: int, minutes: float, batch: int = 64, rate: float = 2e-3, widths: tuple[int, int, int] = (32, 80, 160), size: int = 80) -> None:
    """Trains or resumes; the last snapshot says finished."""
    start(SEED)
    path = checkpoint_path(run, "style")
    kept = load(path)
    if kept and kept["finished"]:
        return
    pictures, held = load_pictures(size), set(control_concepts())
    net, clock, step = StyleNet(len(STYLES), widths), Clock(samples, minutes), 0
    if kept:
        net.load_state_dict(kept["live"])
        clock.done, clock.seconds, step = kept["samples"], kept["minutes"] * 60, kept["step"]
    else:
        net.start_from(frozen_weights())
    net = net.train()
    kernels = [p for p in net.parameters() if p.ndim == 4]
    rest = [p for p in net.parameters() if p.ndim != 4]
    optimizers = [FlatMuon(kernels, rate), torch.optim.AdamW(rest, lr=rate, weight_decay=0.01)]
    average = Average(net.parameters(), 0.995)
    renders = Renders(pictures, [c for c in core_concepts() if c not in held], torch.Generator().manual_seed(SEED + clock.done))

    def snapshot(finished: bool) -> None:
        live = {k: v.clone() for k, v in net.state_dict().items()}
        average.swap()
        save(path, {"net": {k: v.contiguous() for k, v in net.state_dict().items()}, "live": live, "finished": finished, "widths": widths, "step": step,
                    "samples": clock.done, "minutes": clock.seconds / 60})
        average.swap()

    right = None
    clock.pause()
    while clock.progress < 1:
        set_rate(optimizers, rate * min(1.0, (step + 1) / 50) * min(1.0, max(0.02, 2 * (1 - clock.progress))))
        x, label = renders.batch(batch)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(x.contiguous(memory_format=torch.channels_last))
        loss = F.cross_entropy(logits.float(), label, label_smoothing=0.05)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        average.update()
        clock.advance(batch)
        step += 1
        now = float((logits.argmax(1) == label).float().mean())
        right = now if right is None else 0.98 * right + 0.02 * now
        if step % 50 == 0:
            say("style", done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss, right=right)
        if step % 250 == 0:
            snapshot(False)
            clock.pause()
    snapshot(True)
    say("style", finished=1, samples=clock.done, minutes=clock.seconds / 60, right=right)
