"""Trains the evaluator on its own renders: 80 px Lanczos copies, all five styles, blur, noise and light changes.

It shares with the generator's data only the drawings themselves. Pairs of H2 are left out here too.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from forge.concepts import BASE_STYLE, STYLES, core_concepts, starter_lines
from forge.evaluator.net import VIEW, Evaluator
from forge.grounds import ALL_GROUNDS, GROUND_NAMES, GROUNDS, NEUTRAL
from forge.pictures import Pictures, compose, load_pictures
from forge.splits import control_concepts, is_held_out
from forge.training import Average, Clock, FlatMuon, checkpoint_path, load, save, say, set_rate, start

SEED = 20_260
BASE_SHARE = 0.65
FOCUS_SHARE = 0.7
"""Share of samples from the starter's and the control concepts; the rest are the other core concepts."""
NO_GROUND = -100
"""Label of a random ground colour that has no name (cross-entropy skips it)."""


class Renders:
    """Labelled batches: (picture at 64 px, concept, ground, style)."""

    def __init__(self, pictures: Pictures, classes: list[str], generator: torch.Generator):
        self.pictures, self.classes, self.generator = pictures, classes, generator
        self.index = {c: n for n, c in enumerate(classes)}
        focus = {i for i, _ in starter_lines()} | set(control_concepts())
        known = [c for c in classes if (BASE_STYLE, c) in pictures.by_concept]
        self.focus = [c for c in known if c in focus] or known
        self.rest = [c for c in known if c not in focus] or known
        self.palette = torch.tensor([ALL_GROUNDS[g] for g in GROUND_NAMES])

    def batch(self, count: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        rows, concepts, grounds, styles = [], [], [], []
        for a, b, c, d, e, f in torch.rand(count, 6, generator=self.generator).tolist():
            pool = self.focus if a < FOCUS_SHARE else self.rest
            concept = pool[int(b * len(pool))]
            available = [s for s in STYLES if (s, concept) in self.pictures.by_concept]
            style = BASE_STYLE if c < BASE_SHARE else available[int((c - BASE_SHARE) / (1 - BASE_SHARE) * len(available))]
            tones = self.pictures.by_concept[(style, concept)]
            rows.append(tones[int(d * len(tones))])
            ground = GROUND_NAMES[int(e * len(GROUND_NAMES))]
            if ground in GROUNDS and is_held_out("H2", concept, ground):
                ground = NEUTRAL
            concepts.append(self.index[concept])
            grounds.append(NO_GROUND if f < 0.15 else GROUND_NAMES.index(ground))
            styles.append(STYLES.index(style))
        label = torch.tensor(grounds)
        uniform = lambda *shape: torch.rand(*shape, generator=self.generator)  # noqa: E731
        colour = self.palette[label.clamp(min=0)] + (uniform(count, 3) - 0.5) * 0.08
        colour = torch.where((label == NO_GROUND)[:, None], uniform(count, 3), colour).clamp(0, 1)
        scale, shift = 0.62 + 0.4 * uniform(count), (uniform(count, 2) - 0.5) * 0.18
        picture = compose(self.pictures.take(rows), colour, scale, shift, size=VIEW)
        soft = F.interpolate(F.avg_pool2d(picture, 2), scale_factor=2.0, mode="bilinear", align_corners=False)
        picture = picture.lerp(soft, uniform(count, 1, 1, 1))
        noise = torch.randn(picture.shape, generator=self.generator) * 0.12 * uniform(count, 1, 1, 1).pow(2)
        light = 1 + (uniform(count, 1, 1, 1) - 0.5) * 0.1
        return (picture * light + noise).clamp(-1, 1), torch.tensor(concepts), label, torch.tensor(styles)


def train(run: str, samples: int, minutes: float, batch: int = 64, widths: tuple[int, int, int] = (32, 80, 160), size: int = 80) -> None:
    """Trains or resumes; leaves `evaluator.pt`. `python -m forge freeze` then pins it."""
    start(SEED)
    final, path = checkpoint_path(run, "evaluator"), checkpoint_path(run, "evaluator-training")
    if final.exists():
        return
    classes = sorted(core_concepts())
    generator = torch.Generator().manual_seed(SEED)
    renders = Renders(load_pictures(size), classes, generator)
    net = Evaluator(len(classes), len(GROUND_NAMES), len(STYLES), widths)
    clock = Clock(samples, minutes)
    kept = load(path)
    if kept:
        net.load_state_dict(kept["net"])
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
    right = torch.zeros(3)
    while clock.progress < 1:
        warm = min(1.0, (clock.done / batch + 1) / 200)
        set_rate(optimizers, 3e-3 * warm * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * clock.progress))))
        x, concept, ground, style = renders.batch(batch)
        with torch.autocast("cpu", torch.bfloat16):
            out_concept, out_ground, out_style = net(x.contiguous(memory_format=torch.channels_last))
        loss = (
            F.cross_entropy(out_concept.float(), concept, label_smoothing=0.05)
            + 0.2 * F.cross_entropy(out_ground.float(), ground)
            + 0.2 * F.cross_entropy(out_style.float(), style)
        )
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        average.update()
        hits = torch.tensor([(o.argmax(1) == y)[y >= 0].float().mean() for o, y in ((out_concept, concept), (out_ground, ground), (out_style, style))])
        right = right.lerp(hits, 0.02 if step > 50 else 0.2)
        clock.advance(batch)
        step += 1
        if step % 200 == 0:
            say("evaluator", done=clock.done, progress=clock.progress, rate=clock.rate, loss=loss, concept=right[0], ground=right[1], style=right[2])
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
            net(renders.batch(batch)[0].contiguous(memory_format=torch.channels_last))
    save(final, {"net": net.eval().state_dict(), "classes": classes, "widths": list(widths), "samples": clock.done, "minutes": clock.seconds / 60})
