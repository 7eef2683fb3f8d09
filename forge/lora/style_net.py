"""The style judge's net: which of the five drawing styles a picture is in."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from forge.evaluator.net import VIEW as VIEW
from forge.evaluator.net import Block
from forge.evaluator.net import view as view


class StyleNet(nn.Module):
    """[B, 3, 64, 64] in [-1, 1] to logits of the styles.

    Its trunk is the evaluator's, layer by layer, so that it can begin with eyes that know the drawings. The head reads the
    drawing as a whole (a Noto apple is another apple than Blobmoji's) and the mean and peak of every channel (flatness,
    outlines and shading are everywhere).
    """

    def __init__(self, styles: int, widths: tuple[int, int, int] = (32, 80, 160)):
        super().__init__()
        a, b, c = widths
        self.stem = nn.Sequential(
            nn.Conv2d(3, a, 5, 2, 2, bias=False), nn.BatchNorm2d(a), nn.ReLU(),
            nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
        )
        self.fine = nn.Sequential(Block(b), Block(b))
        self.down = nn.Sequential(nn.Conv2d(b, c, 2, 2, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        self.coarse = nn.Sequential(Block(c), Block(c))
        self.feature = nn.Linear(4 * c, c)
        self.style = nn.Sequential(nn.Linear(3 * c + 2 * b, 256), nn.ReLU(), nn.Linear(256, styles))

    def forward(self, x: Tensor) -> Tensor:
        early = self.fine(self.stem(x))
        late = self.coarse(self.down(early))
        whole = F.relu(self.feature(F.adaptive_avg_pool2d(late, 2).flatten(1)))
        everywhere = [pool for layer in (early, late) for pool in (layer.mean((2, 3)), layer.amax((2, 3)))]
        return self.style(F.dropout(torch.cat([whole, *everywhere], 1), 0.1, self.training))

    def start_from(self, evaluator: dict[str, Tensor]) -> None:
        """Takes the trunk of the frozen evaluator; the head stays new."""
        own = self.state_dict()
        own.update({k: v for k, v in evaluator.items() if k in own and own[k].shape == v.shape})
        self.load_state_dict(own)
