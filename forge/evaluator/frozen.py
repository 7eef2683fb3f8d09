"""The frozen evaluator: small committed weights (fp16), pinned by sha256. Loading refuses any other bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file, save
from torch import Tensor

from forge.concepts import STYLES
from forge.evaluator.net import Evaluator, view
from forge.grounds import GROUND_NAMES
from forge.hues import HUE_NAMES
from forge.paths import ROOT
from forge.training import checkpoint_path, load

FOLDER = ROOT / "evaluator"
WEIGHTS, PIN = FOLDER / "weights.safetensors", FOLDER / "pin.json"


def freeze(run: str) -> str:
    """Writes the trained evaluator as fp16 and pins its hash; once it is pinned, does nothing. Refuses to pin another one
    after a generator has been trained."""
    return pin_weights(load(checkpoint_path(run, "evaluator")), WEIGHTS, PIN, checkpoint_path(run, "denoiser-training").exists())


def pin_weights(kept: dict, weights: Path, pin: Path, late: bool) -> str:
    """Writes an evaluator's checkpoint to `weights` and its hash to `pin`; what is pinned already stays. `late` is whether
    something that it judges has been trained."""
    data = save({k: v.half().contiguous() if v.is_floating_point() else v for k, v in kept["net"].items()})
    digest = hashlib.sha256(data).hexdigest()
    if pin.exists() and json.loads(pin.read_text())["sha256"] == digest:
        return digest
    if late:
        raise RuntimeError("a judge is frozen before the first run of what it judges, never after")
    weights.write_bytes(data)
    pin.write_text(json.dumps({"sha256": digest, "widths": kept["widths"], "samples": kept["samples"], "minutes": round(kept["minutes"], 1),
                               "classes": kept["classes"]}) + "\n")
    return digest


def frozen_weights(path: Path = WEIGHTS) -> dict[str, Tensor]:
    """The pinned weights as fp32."""
    return {k: v.float() if v.is_floating_point() else v for k, v in load_file(path).items()}


class Answers(NamedTuple):
    """Logits [B, classes] of each head."""

    concept: Tensor
    ground: Tensor
    style: Tensor
    hue: Tensor
    count: Tensor


WINDOW_STEP = 32
"""Pixels between the windows on a picture that is not square."""


def windows_along(pictures: Tensor) -> list[Tensor]:
    """Square crops of [B, 3, H, W] from one end of the longer side to the other; of squares, themselves."""
    height, width = pictures.shape[-2:]
    side = min(height, width)
    starts = range(0, max(height, width) - side + 1, WINDOW_STEP)
    return [pictures[..., s : s + side, :] if height > width else pictures[..., s : s + side] for s in starts]


CERTAIN = 0.5
"""A window names a thing where its chance is above this."""


class FrozenEvaluator:
    """Names concept, ground, style, hue and count of pictures; finds things in scenes by windows."""

    def __init__(self, weights: Path = WEIGHTS, pinned: Path = PIN) -> None:
        pin = json.loads(pinned.read_text())
        if hashlib.sha256(weights.read_bytes()).hexdigest() != pin["sha256"]:
            raise RuntimeError("evaluator weights differ from the pinned hash")
        self.classes: list[str] = pin["classes"]
        self.index = {c: n for n, c in enumerate(self.classes)}
        self.net = Evaluator(len(self.classes), len(GROUND_NAMES), len(STYLES), len(HUE_NAMES), 4, tuple(pin["widths"]))
        self.net.load_state_dict(frozen_weights(weights))
        self.net.eval()

    @torch.no_grad()
    def look(self, pictures: Tensor) -> Answers:
        """Logits of every head for [B, 3, H, W] in [-1, 1]. Of other shapes than square, which it was trained on, it sees
        square windows along the longer side, and answers by the one in which it is surest of a concept."""
        seen = [self._look(crops) for crops in windows_along(pictures)]
        if len(seen) == 1:
            return seen[0]
        surest = torch.stack([s.concept.softmax(-1).amax(-1) for s in seen]).argmax(0)
        rows = torch.arange(len(pictures))
        return Answers(*(torch.stack(column)[surest, rows] for column in zip(*seen)))

    def _look(self, pictures: Tensor) -> Answers:
        parts = [self.net(view(p)) for p in pictures.split(50)]
        return Answers(*(torch.cat(column) for column in zip(*parts)))

    @torch.no_grad()
    def features(self, pictures: Tensor) -> Tensor:
        """[B, 160]: what the concept head reads of square pictures."""
        kept: list[Tensor] = []
        hook = self.net.feature.register_forward_hook(lambda _, __, out: kept.append(out.relu()))
        self._look(pictures)
        hook.remove()
        return torch.cat(kept)

    @torch.no_grad()
    def find(self, picture: Tensor, concepts: list[str], among: list[str], side: int) -> dict[str, tuple[float, float]]:
        """Where each of `concepts` is in one picture [3, H, W]: the mean centre (x, y) of the windows of `side` pixels
        that it is named in before all others of `among`; concepts that no window is named for are missing."""
        height, width = picture.shape[-2:]
        step = side // 4
        spots = [(x, y) for y in range(0, height - side + 1, step) for x in range(0, width - side + 1, step)]
        crops = torch.stack([picture[:, y : y + side, x : x + side] for x, y in spots])
        columns = torch.tensor([self.index[c] for c in among])
        chance = self.look(crops).concept[:, columns].softmax(-1)
        best, named = chance.max(-1)
        found = {}
        for concept in concepts:
            mine = (named == among.index(concept)) & (best > CERTAIN)
            if mine.any():
                weight = best[mine] / best[mine].sum()
                centres = torch.tensor(spots, dtype=torch.float32)[mine] + side / 2
                found[concept] = tuple((centres * weight[:, None]).sum(0).tolist())
        return found

    def ranks(self, concept_logits: Tensor, truth: list[str], among: list[str]) -> list[int]:
        """Rank (1 is best) of each true concept among the candidates."""
        columns = torch.tensor([self.index[c] for c in among])
        own = torch.tensor([self.index[c] for c in truth])
        candidates = concept_logits[:, columns]
        mine = concept_logits.gather(1, own[:, None])
        return ((candidates > mine).sum(1) + 1).tolist()
