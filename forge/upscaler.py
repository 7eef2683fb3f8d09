"""The 2x upscaler: a picture of any even size to one twice as wide and high.

Bicubic interpolation plus a learned residual (VDSR, arXiv 1511.04587), all of it convolutions. The inner layers work at
half the input's size, where a wide layer is cheap on a CPU, and one pixel shuffle by 4 makes the residual (ESPCN,
arXiv 1609.05158). Every output pixel depends on input pixels at most `HALO` away, so tiles that overlap by that much
join without a seam.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH = 64
BLOCKS = 4
HALO = 24
"""Input pixels of context on each side after which no output pixel changes: 2 (conv_in) + 2 for each 3x3 layer, made a
multiple of 4. `test_upscaler.py` measures it."""


def bicubic_kernel() -> Tensor:
    """[12, 3, 5, 5]: Catmull-Rom interpolation (Keys, a = -0.5) by 2 as one convolution before a pixel shuffle of 2."""

    def keys(distance: float) -> float:
        d = abs(distance)
        if d < 1:
            return 1.5 * d**3 - 2.5 * d**2 + 1
        return -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2 if d < 2 else 0.0

    # Output pixel 2i + phase lies at input coordinate i - 0.25 or i + 0.25 (pixel centres at halves).
    rows = torch.tensor([[keys(tap - offset) for tap in range(-2, 3)] for offset in (-0.25, 0.25)])
    kernel = torch.zeros(3, 2, 2, 3, 5, 5)
    for colour in range(3):
        kernel[colour, :, :, colour] = rows[:, None, :, None] * rows[None, :, None, :]
    return kernel.reshape(12, 3, 5, 5)


class Block(nn.Module):
    """Two 3x3 convolutions around a skip; starts as the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.relu(self.conv1(x)))


class Upscaler(nn.Module):
    """Picture [B, 3, H, W] in [-1, 1], H and W even, to [B, 3, 2H, 2W], about in [-1, 1] (not clamped).

    Layers pad with zeros: give it `HALO` repeated edge pixels on each side and cut twice that off the answer.
    """

    def __init__(self, width: int = WIDTH, blocks: int = BLOCKS):
        super().__init__()
        self.conv_in = nn.Conv2d(3, width, 6, 2, 2)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(blocks)])
        self.conv_out = nn.Conv2d(width, 48, 3, padding=1)
        self.shuffle = nn.PixelShuffle(4)
        self.plain_shuffle = nn.PixelShuffle(2)
        self.register_buffer("bicubic", bicubic_kernel(), persistent=False)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, picture: Tensor) -> Tensor:
        fine = self.shuffle(self.conv_out(F.relu(self.blocks(self.conv_in(picture)))))
        # In the picture's own precision: autocast would round the plain path to bf16.
        with torch.autocast(picture.device.type, enabled=False):
            plain = self.plain_shuffle(F.conv2d(picture, self.bicubic, padding=2))
        return plain + fine.float()


def upscale(net: Upscaler, pictures: Tensor) -> Tensor:
    """[B, 3, H, W] in [-1, 1], H and W even, to [B, 3, 2H, 2W]: edges repeated, the margin cut off, clamped."""
    out = net(F.pad(pictures, (HALO,) * 4, mode="replicate"))
    return out[..., 2 * HALO : -2 * HALO, 2 * HALO : -2 * HALO].clamp(-1, 1)
