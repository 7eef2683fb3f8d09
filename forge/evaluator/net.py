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
    """[B, 3, 64, 64] in [-1, 1] to logits of concepts, grounds, styles, hues and counts (one to four)."""

    def __init__(self, concepts: int, grounds: int, styles: int, hues: int, counts: int, widths: tuple[int, int, int] = (32, 80, 160)):
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
        self.hue = nn.Linear(b + c, hues)
        self.count = nn.Sequential(nn.Conv2d(c, 64, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64 * 16, counts))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        early = self.stem(x)
        late = self.coarse(self.down(self.fine(early)))
        feature = F.relu(self.feature(F.adaptive_avg_pool2d(late, 2).flatten(1)))
        middle = early[:, :, early.shape[2] // 4 : -(early.shape[2] // 4), early.shape[3] // 4 : -(early.shape[3] // 4)].mean((2, 3))
        border = torch.cat([early[:, :, 0], early[:, :, -1], early[:, :, :, 0], early[:, :, :, -1]], 2).mean(2)
        return self.concept(feature), self.ground(border), self.style(feature), self.hue(torch.cat([middle, feature], 1)), self.count(late)


def view(pictures: Tensor) -> Tensor:
    """Our pictures as the evaluator sees them: clamped, the central square, averaged down to 64 px."""
    height, width = pictures.shape[-2:]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return F.adaptive_avg_pool2d(pictures[..., top : top + side, left : left + side].clamp(-1, 1), VIEW)
