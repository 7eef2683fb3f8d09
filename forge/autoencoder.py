"""The autoencoder: 256 px pictures to a 16x16x12 latent and back.

Small convolutions on top of a linear shortcut: each 16x16 patch's PCA (768 -> 12), so training starts from the
best linear code and learns the residual (the idea of DC-AE, arXiv 2410.10733, with a PCA in place of averaging).
The raw latent is what training sees; `Encoder` and `Decoder` fold in its mean and deviation, so that the latent
every other part of the studio sees has mean 0 and deviation 1 per channel.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class AutoencoderShape:
    """Widths at 1/4, 1/8 and 1/16 of the picture; `latent` channels."""

    widths: tuple[int, int, int] = (48, 96, 192)
    latent: int = 12
    patch: int = 16


class ResBlock(nn.Module):
    """Two 3x3 convolutions around a skip; starts as the identity."""

    def __init__(self, width: int):
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.conv2(F.silu(self.conv1(F.silu(x))))


class Encoder(nn.Module):
    """Picture [B, 3, 256, 256] in [-1, 1] to latent [B, 12, 16, 16]."""

    def __init__(self, shape: AutoencoderShape = AutoencoderShape()):
        super().__init__()
        a, b, c = shape.widths
        self.unshuffle = nn.PixelUnshuffle(4)
        self.conv_in = nn.Conv2d(48, a, 3, padding=1)
        self.down = nn.Sequential(
            ResBlock(a), nn.Conv2d(a, b, 2, 2), ResBlock(b), ResBlock(b), nn.Conv2d(b, c, 2, 2), ResBlock(c), ResBlock(c)
        )
        self.conv_out = nn.Conv2d(c, shape.latent, 1)
        self.shortcut = nn.Conv2d(3, shape.latent, shape.patch, shape.patch)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, picture: Tensor) -> Tensor:
        return self.shortcut(picture) + self.conv_out(self.down(self.conv_in(self.unshuffle(picture))))


class Decoder(nn.Module):
    """Latent [B, 12, 16, 16] to picture [B, 3, 256, 256], about in [-1, 1] (not clamped)."""

    def __init__(self, shape: AutoencoderShape = AutoencoderShape()):
        super().__init__()
        a, b, c = shape.widths
        self.conv_in = nn.Conv2d(shape.latent, c, 3, padding=1)
        self.up = nn.Sequential(
            ResBlock(c), ResBlock(c), ResBlock(c), nn.Conv2d(c, 4 * b, 1), nn.PixelShuffle(2),
            ResBlock(b), ResBlock(b), nn.Conv2d(b, 4 * a, 1), nn.PixelShuffle(2), ResBlock(a), ResBlock(a),
        )
        self.conv_out = nn.Conv2d(a, 48, 3, padding=1)
        self.shuffle = nn.PixelShuffle(4)
        self.shortcut = nn.Conv2d(shape.latent, 3 * shape.patch**2, 1)
        self.shortcut_shuffle = nn.PixelShuffle(shape.patch)
        # The decoder's view of the unit-variance latent; exact identities until `fold_statistics`.
        self.register_buffer("latent_mean", torch.zeros(1, shape.latent, 1, 1))
        self.register_buffer("latent_std", torch.ones(1, shape.latent, 1, 1))
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, latent: Tensor) -> Tensor:
        latent = latent * self.latent_std + self.latent_mean
        fine = self.shuffle(self.conv_out(self.up(self.conv_in(latent))))
        return self.shortcut_shuffle(self.shortcut(latent)) + fine


@torch.no_grad()
def start_from_pca(encoder: Encoder, decoder: Decoder, pictures: Tensor) -> None:
    """Sets both shortcuts to the whitened PCA of the pictures' 16x16 patches."""
    patch, latent = encoder.shortcut.kernel_size[0], encoder.shortcut.out_channels
    rows = F.pixel_unshuffle(pictures, patch).permute(0, 2, 3, 1).reshape(-1, 3 * patch**2)
    mean = rows.mean(0)
    values, vectors = torch.linalg.eigh((rows - mean).T @ (rows - mean) / len(rows))
    basis, deviation = vectors.flip(1)[:, :latent], values.flip(0)[:latent].clamp(min=1e-4).sqrt()
    # pixel_unshuffle orders a patch as (colour, y, x): the same order as a convolution kernel.
    encoder.shortcut.weight.copy_((basis / deviation).T.reshape(latent, 3, patch, patch))
    encoder.shortcut.bias.copy_(-(mean @ basis) / deviation)
    decoder.shortcut.weight.copy_((basis * deviation)[:, :, None, None])
    decoder.shortcut.bias.copy_(mean)


@torch.no_grad()
def fold_statistics(encoder: Encoder, decoder: Decoder, mean: Tensor, std: Tensor) -> None:
    """Folds the raw latent's statistics ([latent] each) in, so encoder output and decoder input have mean 0, std 1."""
    for conv in (encoder.conv_out, encoder.shortcut):
        conv.weight.div_(std[:, None, None, None])
        conv.bias.div_(std)
    encoder.shortcut.bias.sub_(mean / std)
    decoder.latent_std.copy_(std.view(1, -1, 1, 1))
    decoder.latent_mean.copy_(mean.view(1, -1, 1, 1))
