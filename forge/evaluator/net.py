"""The evaluator's net: names the concept, the ground and the style of a picture seen at 64 px."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

VIEW = 64
"""The evaluator looks at pictures of 64x64 px."""


class Block(nn.Module):
    """Residual pair of 3x3 convolutions with batch norm."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x))))))


class Evaluator(nn.Module):
    """[B, 3, 64, 64] in [-1, 1] to logits of concepts, grounds and styles."""

    def __init__(self, concepts: int, grounds: int, styles: int, widths: tuple[int, int, int] = (32, 80, 160)):
        super().__init__()
        a, b, c = widths
        self.stem = nn.Sequential(
            nn.Conv2d(3, a, 5, 2, 2, bias=False), nn.BatchNorm2d(a), nn.ReLU(),
            nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(),
        )
        self.fine = nn.Sequential(Block(b), Block(b))
        self.down = nn.Sequential(nn.Conv2d(b, c, 2, 2, bias=False), nn.BatchNorm2d(c), nn.ReLU())
        self.coarse = nn.Sequential(Block(c), Block(c))
        # Where things are matters (an eye's place in a face): pool to 2x2, not to one.
        self.feature = nn.Linear(4 * c, c)
        self.concept = nn.Linear(c, concepts)
        self.ground = nn.Linear(b, grounds)
        self.style = nn.Linear(c, styles)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        early = self.stem(x)
        late = self.coarse(self.down(self.fine(early)))
        feature = F.relu(self.feature(F.adaptive_avg_pool2d(late, 2).flatten(1)))
        border = torch.cat([early[:, :, 0], early[:, :, -1], early[:, :, :, 0], early[:, :, :, -1]], 2).mean(2)
        return self.concept(feature), self.ground(border), self.style(feature)


def view(pictures: Tensor) -> Tensor:
    """Our 256 px pictures as the evaluator sees them: clamped, averaged down to 64 px."""
    return F.adaptive_avg_pool2d(pictures.clamp(-1, 1), VIEW)
