"""Trains the evaluator on its own renders: 80 px Lanczos copies, all five styles, blur, noise and light changes.

It shares with the generator's data only the drawings themselves. Pairs of H2, H3 and H4 are left out here too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from forge.concepts import BASE_STYLE, STYLES, core_concepts, genders, vocabulary
from forge.evaluator.net import VIEW, Evaluator
from forge.grounds import ALL_GROUNDS, GROUND_NAMES, GROUNDS, NEUTRAL
from forge.hues import HUE_NAMES, HUES, distance, hues_of, own_hues, turn
from forge.pictures import Pictures, load_pictures, place
from forge.splits import control_concepts, is_held_out
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start

SEED = 20_261
BASE_SHARE = 0.72
"""Share of the base style's drawings, the others evenly. A judge of brands (forge/lora/name_judge.py) sees plain things in all five evenly."""
FOCUS_SHARE = 0.93
"""Share of samples from what a generator may be asked for and the controls; the rest are the other core concepts."""
HUE_SHARE, COUNT_SHARE, COMPANY_SHARE = 0.12, 0.12, 0.3
"""Shares of turned hues, of several copies, and of pictures in which part of another thing is seen at the edge."""
WEIGHTS = (1.0, 0.2, 0.2, 0.2, 0.2)
"""Of the heads' losses: concept, ground, style, hue, count."""
IGNORED = -100
"""Label of what a head has no answer for (cross-entropy skips it)."""


@dataclass(frozen=True)
class Batch:
    """Pictures at 64 px and one label a head."""

    pictures: Tensor
    concept: Tensor
    ground: Tensor
    style: Tensor
    hue: Tensor
    count: Tensor

    @property
    def labels(self) -> tuple[Tensor, ...]:
        return self.concept, self.ground, self.style, self.hue, self.count


class Renders:
    """Labelled batches, drawn with the evaluator's own seed and its own code: singles, some with another thing at the
    edge (as a window on a scene shows it), things of another hue, two to four copies."""

    def __init__(self, pictures: Pictures, classes: list[str], generator: torch.Generator, base_share: float = BASE_SHARE):
        self.pictures, self.classes, self.generator, self.base_share = pictures, classes, generator, base_share
        self.index = {c: n for n, c in enumerate(classes)}
        focus = {c.id for c in vocabulary()} | set(control_concepts())
        known = [c for c in classes if (BASE_STYLE, c) in pictures.by_concept]
        self.focus = [c for c in known if c in focus] or known
        self.rest = [c for c in known if c not in focus] or known
        self.hued = [c for c in own_hues() if c in set(known)]
        self.palette = torch.tensor([ALL_GROUNDS[g] for g in GROUND_NAMES])

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(*shape, generator=self.generator)

    def _row(self, concept: str, style: str, draw: float, draw_form: float) -> int:
        forms = [i for i, _ in genders(concept) if (style, i) in self.pictures.by_concept]
        tones = self.pictures.by_concept[(style, forms[int(draw_form * len(forms))])]
        return tones[int(draw * len(tones))]

    def batch(self, count: int) -> Batch:
        rows, concepts, grounds, styles, hued, hues, numbers, company = [], [], [], [], [], [], [], []
        for n, (a, b, c, d, e, f, g, h, i) in enumerate(self._uniform(count, 9).tolist()):
            turned, several = g < HUE_SHARE and bool(self.hued), g > 1 - COUNT_SHARE
            pool = self.focus if a < FOCUS_SHARE else self.rest
            concept = self.hued[int(b * len(self.hued))] if turned else pool[int(b * len(pool))]
            available = [s for s in STYLES if (s, concept) in self.pictures.by_concept]
            style = BASE_STYLE if turned or several or c < self.base_share else available[int((c - self.base_share) / (1 - self.base_share) * len(available))]
            rows.append(self._row(concept, style, d, i))
            ground = GROUND_NAMES[int(e * len(GROUND_NAMES))]
            if ground in GROUNDS and is_held_out("H2", concept, ground):
                ground = NEUTRAL
            concepts.append(self.index[concept])
            grounds.append(IGNORED if f < 0.15 else GROUND_NAMES.index(ground))
            styles.append(STYLES.index(style))
            # Held-back hues and counts (H3, H4) are never shown here either.
            choices = [x for x in hues_of(concept) if not is_held_out("H4", concept, x)] if turned else []
            hue = choices[int(h * len(choices))] if choices else None
            hues.append(HUE_NAMES.index(hue) if hue else self._own_hue(concept, style))
            if hue:
                hued.append((n, hue))
            copies = 1 + int(h * 4) if several else 1
            numbers.append(IGNORED if copies > 1 and is_held_out("H3", concept, str(copies)) else copies - 1)
            company.append(not several and h < COMPANY_SHARE)
        rgba = self.pictures.take(rows)
        if hued:
            at = [n for n, _ in hued]
            own = torch.tensor([own_hues()[self.classes[concepts[n]]] for n in at])
            rgba[at] = turn(rgba[at], own, [x for _, x in hued])
        label = torch.tensor(grounds)
        colour = self.palette[label.clamp(min=0)] + (self._uniform(count, 3) - 0.5) * 0.08
        colour = torch.where((label == IGNORED)[:, None], self._uniform(count, 3), colour).clamp(0, 1)
        canvas = colour[:, :, None, None].expand(count, 3, VIEW, VIEW).clone()
        copies = torch.tensor([x + 1 if x >= 0 else 1 for x in numbers])
        canvas = self._company(canvas, torch.tensor(company))
        for slot in range(4):
            here = (copies > slot).nonzero().flatten()
            if len(here):
                centre, side = self._where(copies[here], slot)
                canvas[here] = place(canvas[here], rgba[here], centre, side)
        picture = canvas * 2 - 1
        soft = F.interpolate(F.avg_pool2d(picture, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
        picture = picture.lerp(soft, self._uniform(count, 1, 1, 1))
        noise = torch.randn(picture.shape, generator=self.generator) * 0.12 * self._uniform(count, 1, 1, 1).pow(2)
        light = 1 + (self._uniform(count, 1, 1, 1) - 0.5) * 0.1
        return Batch((picture * light + noise).clamp(-1, 1), torch.tensor(concepts), label, torch.tensor(styles), torch.tensor(hues), torch.tensor(numbers))

    def _own_hue(self, concept: str, style: str) -> int:
        own = own_hues().get(concept) if style == BASE_STYLE else None
        if own is None:
            return IGNORED
        near = min(HUES, key=lambda h: float(distance(HUES[h], own)))
        return HUE_NAMES.index(near) if float(distance(HUES[near], own)) < 12 else IGNORED

    def _company(self, canvas: Tensor, wanted: Tensor) -> Tensor:
        """Another thing, mostly out of the frame."""
        here = wanted.nonzero().flatten()
        if not len(here):
            return canvas
        others = [self.pictures.by_concept[(BASE_STYLE, self.focus[int(u * len(self.focus))])][0] for u in self._uniform(len(here)).tolist()]
        angle, far = self._uniform(len(here)) * 6.2832, 0.62 + 0.5 * self._uniform(len(here))
        centre = VIEW * (0.5 + torch.stack([angle.cos(), angle.sin()], 1) * far[:, None])
        canvas[here] = place(canvas[here], self.pictures.take(others), centre, VIEW * (0.7 + 0.3 * self._uniform(len(here))))
        return canvas

    def _where(self, copies: Tensor, slot: int) -> tuple[Tensor, Tensor]:
        """Centre [B, 2] and side [B] in view pixels of copy `slot` of `copies`."""
        count = len(copies)
        side = torch.where(copies == 1, 0.6 + 0.42 * self._uniform(count), 0.36 + 0.12 * self._uniform(count)) * VIEW
        jitter = (self._uniform(count, 2) - 0.5) * torch.where(copies == 1, 0.3, 0.06)[:, None]
        grid = {1: [(0.5, 0.5)], 2: [(0.26, 0.5), (0.74, 0.5)], 3: [(0.5, 0.27), (0.26, 0.73), (0.74, 0.73)], 4: [(0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)]}
        upright = self._uniform(count) < 0.5
        spots = []
        for n, up in zip(copies.tolist(), upright.tolist()):
            x, y = grid[n][min(slot, n - 1)]
            spots.append((y, x) if up and n == 2 else (x, y))
        return (torch.tensor(spots) + jitter) * VIEW, side


def train(run: str, samples: int, minutes: float, batch: int = 64, widths: tuple[int, int, int] = (32, 80, 160), size: int = 80,
          earlier: dict[str, Tensor] | None = None, base_share: float = BASE_SHARE, name: str = "evaluator") -> None:
    """Trains or resumes, from the weights of an `earlier` evaluator where given; leaves `NAME.pt`. `python -m forge freeze` then pins it."""
    start(SEED)
    final, path = checkpoint_path(run, name), checkpoint_path(run, f"{name}-training")
    if final.exists():
        return
    classes = sorted(core_concepts())
    generator = torch.Generator().manual_seed(SEED)
    renders = Renders(load_pictures(size), classes, generator, base_share)
    net = Evaluator(len(classes), len(GROUND_NAMES), len(STYLES), len(HUE_NAMES), 4, widths)
    clock = Clock(samples, minutes)
    kept = load(path)
    if kept:
        net.load_state_dict(kept["net"])
    elif earlier is not None:
        # Heads and classes that are new start fresh; everything an earlier evaluator has learned stays.
        net.load_state_dict(earlier, strict=False)
    kernels = [p for n, p in net.named_parameters() if p.ndim == 4 or n == "feature.weight"]
    chosen = {id(p) for p in kernels}
    optimizers = [
        FlatMuon(kernels, 3e-3),
        torch.optim.AdamW([p for p in net.parameters() if id(p) not in chosen], lr=3e-3, betas=(0.9, 0.98), weight_decay=0.02, fused=True),
    ]
    average = Average(net.parameters(), 0.998)
    if kept:
        for optimizer, state in zip(optimizers, kept["optimizers"]):
            optimizer.load_state_dict(state)
        average.restore(kept["average"])
        clock.done, clock.seconds = kept["done"], kept["seconds"]
        generator.manual_seed(SEED + clock.done)
    clock.pause()
    step = 0
    right = torch.zeros(5)
    while clock.progress < 1:
        warm = min(1.0, (clock.done / batch + 1) / 200)
        set_rate(optimizers, 3e-3 * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))))
        drawn = renders.batch(batch)
        with torch.autocast("cpu", torch.bfloat16):
            answers = net(drawn.pictures.contiguous(memory_format=torch.channels_last))
        loss = torch.zeros(())
        for answer, label, weight in zip(answers, drawn.labels, WEIGHTS):
            smooth = 0.05 if weight == 1 else 0.0
            known = (label >= 0).sum().clamp(min=1)
            loss = loss + weight * F.cross_entropy(answer.float(), label, label_smoothing=smooth, reduction="sum") / known
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        hits = torch.stack([(o.argmax(1) == y)[y >= 0].float().mean().nan_to_num(1.0) for o, y in zip(answers, drawn.labels)])
        right = right.lerp(hits, 0.02 if step > 50 else 0.2)
        clock.advance(batch)
        step += 1
        if step % 200 == 0:
            say(name, done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss, concept=right[0], ground=right[1], style=right[2], hue=right[3], count=right[4])
        if step % 1000 == 0:
            save(path, {"net": net.state_dict(), "optimizers": [o.state_dict() for o in optimizers], "average": average.state(), "done": clock.done, "seconds": clock.seconds})
            clock.pause()
    average.swap()
    # Batch-norm statistics belong to the live weights: measure them again for the averaged ones.
    for module in net.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.reset_running_stats()
            module.momentum = None
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for _ in range(40):
            net(renders.batch(batch).pictures.contiguous(memory_format=torch.channels_last))
    save(final, {"net": net.eval().state_dict(), "classes": classes, "widths": list(widths), "samples": clock.done, "minutes": clock.seconds / 60})
