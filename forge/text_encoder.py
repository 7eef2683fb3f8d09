"""The text encoder: token ids to one vector per token. Trained together with the denoiser.

Names follow CLIP's (`text_model.encoder.layers.0.self_attn.q_proj`), so adapters for text encoders fit. There is no
mask: padding is <|endoftext|>, as in SD 1.5, and the net learns to read past it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class TextShape:
    vocab: int = 4096
    window: int = 32
    width: int = 256
    layers: int = 2
    heads: int = 4


def attend(q: Tensor, k: Tensor, v: Tensor, heads: int) -> Tensor:
    """Attention as two plain matrix products: twice as fast to train on a CPU as the fused kernel, and exports as such."""
    batch, rows, width = q.shape
    columns, size = k.shape[1], width // heads
    q = (q * size**-0.5).view(batch, rows, heads, size).transpose(1, 2)
    k = k.view(batch, columns, heads, size).permute(0, 2, 3, 1)
    v = v.view(batch, columns, heads, size).transpose(1, 2)
    weights = torch.matmul(q, k).softmax(-1)
    return torch.matmul(weights.to(v.dtype), v).transpose(1, 2).reshape(batch, rows, width)


class TextAttention(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.heads = shape.heads
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.k_proj = nn.Linear(shape.width, shape.width)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor) -> Tensor:
        return self.out_proj(attend(self.q_proj(x), self.k_proj(x), self.v_proj(x), self.heads))


class TextMlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.relu(self.fc1(x)))


class TextLayer(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.layer_norm1, self.self_attn = nn.LayerNorm(shape.width), TextAttention(shape)
        self.layer_norm2, self.mlp = nn.LayerNorm(shape.width), TextMlp(shape.width)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attn(self.layer_norm1(x))
        return x + self.mlp(self.layer_norm2(x))


class TextEmbeddings(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.token_embedding = nn.Embedding(shape.vocab, shape.width)
        self.position_embedding = nn.Parameter(torch.randn(1, shape.window, shape.width) * 0.02)
        nn.init.normal_(self.token_embedding.weight, std=0.5)

    def forward(self, ids: Tensor) -> Tensor:
        return self.token_embedding(ids) + self.position_embedding


class TextStack(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.layers = nn.ModuleList(TextLayer(shape) for _ in range(shape.layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x


class TextModel(nn.Module):
    def __init__(self, shape: TextShape):
        super().__init__()
        self.embeddings, self.encoder = TextEmbeddings(shape), TextStack(shape)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def forward(self, ids: Tensor) -> Tensor:
        return self.final_layer_norm(self.encoder(self.embeddings(ids)))


class TextEncoder(nn.Module):
    """input_ids [B, window] to last_hidden_state [B, window, width]."""

    def __init__(self, shape: TextShape = TextShape()):
        super().__init__()
        self.shape = shape
        self.text_model = TextModel(shape)

    def forward(self, input_ids: Tensor) -> Tensor:
        return self.text_model(input_ids)
