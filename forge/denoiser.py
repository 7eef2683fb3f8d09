"""The denoiser: a small UViT. Convolutions on the latent, a transformer on its 2x2 patches between them, skips around.

It predicts the clean latent x0 (x-prediction) of the flow path x_t = (1-t) x0 + t noise. Text enters twice: by
cross-attention, and as a learned pooling (inside this net, so that prompt weights act on it too) that joins the time.
What a caption leaves open is decided by the noise (forge/steering.py), whose channel means join them at pure noise.
Modules are named as in diffusers (`transformer_blocks.0.attn1.to_q`), so LoRA files address them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from forge.steering import CUTS, FACTORS, quantile
from forge.text_encoder import attend


@dataclass(frozen=True)
class DenoiserShape:
    latent: int = 12
    positions: int = 10
    """Rows and columns of the table of positions; a latent may have twice as many, and uses the table's centre."""
    channels: int = 96
    width: int = 256
    layers: int = 6
    heads: int = 4
    res_blocks: int = 2
    text_width: int = 256
    window: int = 32
    condition: int = 256


class Attention(nn.Module):
    """Self-attention, or cross-attention where `context_width` is given."""

    def __init__(self, width: int, heads: int, context_width: int | None = None):
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context_width or width, width, bias=False)
        self.to_v = nn.Linear(context_width or width, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width, bias=False)])

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        context = x if context is None else context
        out = attend(self.to_q(x), self.to_k(context), self.to_v(context), self.heads)
        return self.to_out[0](out)


class Projection(nn.Module):
    """Linear + ReLU under diffusers' name `net.0.proj`."""

    def __init__(self, width: int, inner: int):
        super().__init__()
        self.proj = nn.Linear(width, inner)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.proj(x))


class FeedForward(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.net = nn.ModuleList([Projection(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)])
        nn.init.zeros_(self.net[2].weight)

    def forward(self, x: Tensor) -> Tensor:
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    """Self-attention, cross-attention, feed-forward; shift, scale and gate shared by all blocks (adaLN-single)."""

    def __init__(self, shape: DenoiserShape):
        super().__init__()
        width = shape.width
        self.norm1 = nn.LayerNorm(width, elementwise_affine=False)
        self.attn1 = Attention(width, shape.heads)
        self.norm2 = nn.LayerNorm(width, elementwise_affine=False)
        self.attn2 = Attention(width, shape.heads, shape.text_width)
        self.norm3 = nn.LayerNorm(width, elementwise_affine=False)
        self.ff = FeedForward(width)
        self.scale_shift_table = nn.Parameter(torch.randn(1, 6, width) * 0.02)

    def forward(self, x: Tensor, text: Tensor, modulation: Tensor) -> Tensor:
        # Six [B, 1, width] slices; split, not unbind, so that the graph needs no squeeze.
        m = (modulation + self.scale_shift_table).to(x.dtype).split(1, 1)
        x = x + m[2] * self.attn1(torch.addcmul(m[1], self.norm1(x), m[0] + 1))
        x = x + self.attn2(self.norm2(x), text)
        return x + m[5] * self.ff(torch.addcmul(m[4], self.norm3(x), m[3] + 1))


class ResBlock(nn.Module):
    """Group norm, SiLU, 3x3 convolution, twice; the condition is added between."""

    def __init__(self, into: int, out: int, condition: int):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, into), nn.Conv2d(into, out, 3, padding=1)
        self.norm2, self.conv2 = nn.GroupNorm(8, out), nn.Conv2d(out, out, 3, padding=1)
        self.time_emb_proj = nn.Linear(condition, out)
        self.conv_shortcut = nn.Conv2d(into, out, 1) if into != out else nn.Identity()
        self.out = out

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x))) + self.time_emb_proj(condition).view(-1, self.out, 1, 1)
        return self.conv_shortcut(x) + self.conv2(F.silu(self.norm2(h)))


class TextPool(nn.Module):
    """Learned pooling of the text: four heads, each a softmax over the tokens."""

    def __init__(self, shape: DenoiserShape, heads: int = 4):
        super().__init__()
        self.heads, self.window, self.size = heads, shape.window, shape.condition // heads
        self.score = nn.Linear(shape.text_width, heads)
        self.value = nn.Linear(shape.text_width, shape.condition)
        self.width = shape.condition

    def forward(self, text: Tensor) -> Tensor:
        weights = self.score(text).transpose(1, 2).softmax(-1).view(-1, self.heads, 1, self.window)
        values = self.value(text).view(-1, self.window, self.heads, self.size).transpose(1, 2)
        return torch.matmul(weights.to(values.dtype), values).reshape(-1, self.width)


class Steer(nn.Module):
    """Which side of each cut the noise's channel means lie on (their deviation is 1/16 over about 256 cells), as a condition
    [B, condition]; fades to nothing from t = 1 to 0.9, where the picture itself begins to show."""

    SHARPNESS = 400.0
    """How steep a cut is. Noise that is read as half of either side is drawn as both pictures at once: at 80 one picture in 200."""

    def __init__(self, latent: int, condition: int):
        super().__init__()
        cuts, features = quantile(torch.tensor(CUTS)), FACTORS * len(CUTS)
        chosen = torch.zeros(latent, features)
        for n in range(features):
            chosen[n // len(CUTS), n] = 16 * self.SHARPNESS
        self.register_buffer("chosen", chosen, persistent=False)
        self.register_buffer("cuts", self.SHARPNESS * cuts.repeat(FACTORS)[None], persistent=False)
        self.linear = nn.Linear(features, condition, bias=False)
        nn.init.zeros_(self.linear.weight)

    def forward(self, sample: Tensor, timestep: Tensor) -> Tensor:
        sides = torch.sigmoid(sample.mean((2, 3)) @ self.chosen - self.cuts)
        return self.linear(sides * F.relu(timestep.view(-1, 1) / 100 - 9))


class Denoiser(nn.Module):
    """(sample [B, 12, H, W] with H and W even and at most 20, timestep [B] in 0..1000, encoder_hidden_states [B, window, 256]) to x0."""

    def __init__(self, shape: DenoiserShape = DenoiserShape()):
        super().__init__()
        self.shape = shape
        c, d, cond = shape.channels, shape.width, shape.condition
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(1000), cond // 2))[None], persistent=False)
        self.time_proj = nn.Linear(cond, cond)
        self.text_pool = TextPool(shape)
        self.steer = Steer(shape.latent, cond)
        self.adaln_single = nn.Linear(cond, 6 * d)
        self.conv_in = nn.Conv2d(shape.latent, c, 3, padding=1)
        self.down_blocks = nn.ModuleList(ResBlock(c, c, cond) for _ in range(shape.res_blocks))
        self.proj_in = nn.Conv2d(c, d, 2, stride=2)
        self.pos_embed = nn.Parameter(torch.randn(1, d, shape.positions, shape.positions) * 0.02)
        self.transformer_blocks = nn.ModuleList(TransformerBlock(shape) for _ in range(shape.layers))
        self.proj_out = nn.Conv2d(d, 4 * c, 1)
        self.shuffle = nn.PixelShuffle(2)
        self.up_blocks = nn.ModuleList(ResBlock(2 * c, c, cond) for _ in range(shape.res_blocks))
        self.conv_out = nn.Conv2d(c, shape.latent, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def positions(self, rows: int, columns: int) -> Tensor:
        """The centre of the table: a thing in the middle has the same place in every aspect."""
        top, left = (self.shape.positions - rows) // 2, (self.shape.positions - columns) // 2
        return self.pos_embed[:, :, top : top + rows, left : left + columns]

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        d = self.shape.width
        angle = (timestep / 1000).view(-1, 1) * self.frequencies
        time = self.time_proj(torch.cat([angle.sin(), angle.cos()], 1))
        condition = F.silu(time + self.text_pool(encoder_hidden_states) + self.steer(sample, timestep))
        modulation = self.adaln_single(condition).view(-1, 6, d)
        x = self.conv_in(sample)
        skips = []
        for block in self.down_blocks:
            x = block(x, condition)
            skips.append(x)
        x = self.proj_in(x)
        rows, columns = x.shape[2:]
        tokens = (x + self.positions(rows, columns)).flatten(2).transpose(1, 2)
        for block in self.transformer_blocks:
            tokens = block(tokens, encoder_hidden_states, modulation)
        x = self.shuffle(self.proj_out(tokens.transpose(1, 2).reshape(-1, d, rows, columns)))
        for block in self.up_blocks:
            x = block(torch.cat([x, skips.pop()], 1), condition)
        return self.conv_out(x)
