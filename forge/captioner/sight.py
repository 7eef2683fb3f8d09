"""Learning to see: dense labels on BLIP's vision tower. These heads exist in training only and are never exported.

A caption tells a picture's few words after much computing; a label under each patch tells 64 things at once, so the vision tower
learns what is where long before the decoder could teach it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from forge.captioner.scenes import GROUND_CLASSES, NOTHING, SEEN_STYLES, View, classes
from forge.hues import HUE_NAMES


@dataclass
class Labels:
    patches: Tensor
    hues: Tensor
    ground: Tensor
    style: Tensor
    count: Tensor

    @classmethod
    def of(cls, views: list[View]) -> Labels:
        return cls(
            torch.from_numpy(np.stack([v.patches for v in views])).flatten(1),
            torch.from_numpy(np.stack([v.hues for v in views])).flatten(1),
            torch.tensor([GROUND_CLASSES.index(v.scene.ground) for v in views]),
            torch.tensor([SEEN_STYLES.index(v.style) if v.style in SEEN_STYLES else NOTHING for v in views]),
            torch.tensor([len(v.scene.things) - 1 for v in views]),
        )


class SightHeads(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.patch = nn.Linear(width, len(classes()) + 1)
        self.hue = nn.Linear(width, len(HUE_NAMES))
        self.ground = nn.Linear(width, len(GROUND_CLASSES))
        self.style = nn.Linear(width, len(SEEN_STYLES))
        self.count = nn.Linear(width, 4)

    def adopt(self, kept: dict[str, Tensor]) -> None:
        """Heads of an earlier vocabulary: its concepts keep their rows, later ones are new, "nothing" stays the last."""
        fresh = self.state_dict()
        known = len(kept["patch.weight"]) - 1
        for name in ("patch.weight", "patch.bias"):
            fresh[name][:known], fresh[name][-1] = kept[name][:known], kept[name][-1]
        self.load_state_dict({**kept, **{n: fresh[n] for n in ("patch.weight", "patch.bias")}})

    def forward(self, states: Tensor, labels: Labels) -> tuple[Tensor, dict[str, float]]:
        """The loss, and shares of right answers: of patches with a thing, and of the whole picture's facts."""
        whole, cells = states[:, 0], states[:, 1:]
        patch = self.patch(cells).float().flatten(0, 1)
        truth = labels.patches.flatten()
        there = (truth != self.patch.out_features - 1) & (truth != NOTHING)
        weight = torch.ones(self.patch.out_features)
        weight[-1] = 0.15
        loss = F.cross_entropy(patch, truth, weight, label_smoothing=0.05)
        hits = {"patch": float((patch.argmax(1) == truth)[there].float().mean())}
        loss = loss + 0.3 * F.cross_entropy(self.hue(cells).float().flatten(0, 1), labels.hues.flatten()).nan_to_num()
        for name, head, right in (("ground", self.ground, labels.ground), ("style", self.style, labels.style), ("count", self.count, labels.count)):
            answer = head(whole).float()
            loss = loss + 0.3 * F.cross_entropy(answer, right)
            hits[name] = float((answer.argmax(1) == right).float().mean())
        return loss, hits
