"""Low-rank adapters of the denoiser: put into its layers for training, merged for scores, written for the studio.

A file holds `transformer.PATH.lora_A.weight` and `lora_B.weight` in fp16, as diffusers names them, with scale 1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from forge.denoiser import Denoiser

PREFIX = "transformer."
BLOCKS = r"^transformer_blocks\."
"""Attention and feed-forward of the transformer."""
EVERYWHERE = BLOCKS + r"|^(down|up)_blocks\.\d\.(conv\d|conv_shortcut|time_emb_proj)$|^conv_(in|out)$|^proj_out$|^adaln_single$|^text_pool\.value$"
"""These and what lies around it: the convolutions on the latent, and what time and text add to them."""

Matrices = dict[str, tuple[Tensor, Tensor]]
"""Path of a layer -> (A [rank, in, ...], B [out, rank, ...])."""


class Adapted(nn.Module):
    """A frozen layer of weight W that answers as one of weight W + B·A; B starts at zero.

    Added up before the product, not as a branch behind it: the same answers, and a third more samples a second on a CPU, where
    the branch's sums cost more than its products."""

    def __init__(self, layer: nn.Linear | nn.Conv2d, rank: int):
        super().__init__()
        self.layer = layer
        weight = layer.weight
        self.down = nn.Parameter(torch.randn(rank, *weight.shape[1:]) * weight[0].numel() ** -0.5)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank, *(1 for _ in weight.shape[2:])))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.layer.weight
        whole = torch.addmm(weight.reshape(len(weight), -1), self.up.flatten(1), self.down.flatten(1)).view(weight.shape)
        if isinstance(self.layer, nn.Conv2d):
            return F.conv2d(x, whole, self.layer.bias, self.layer.stride, self.layer.padding)
        return F.linear(x, whole, self.layer.bias)


def layers_of(net: nn.Module, pattern: str) -> list[str]:
    return [path for path, m in net.named_modules() if isinstance(m, nn.Linear | nn.Conv2d) and re.search(pattern, path)]


def insert(net: nn.Module, pattern: str, rank: int) -> dict[str, Adapted]:
    """Freezes the net and gives an adapter to every layer that the pattern names."""
    net.requires_grad_(False)
    found = {}
    for path in layers_of(net, pattern):
        parent, _, name = path.rpartition(".")
        holder = net.get_submodule(parent) if parent else net
        found[path] = Adapted(getattr(holder, name), rank)
        setattr(holder, name, found[path])
    return found


def matrices_of(adapted: Mapping[str, Adapted]) -> Matrices:
    return {path: (a.down.detach().clone(), a.up.detach().clone()) for path, a in adapted.items()}


def change_of(down: Tensor, up: Tensor) -> Tensor:
    """B·A in the layout of the layer's own weight."""
    return (up.flatten(1).float() @ down.flatten(1).float()).view(up.shape[0], *down.shape[1:])


@torch.no_grad()
def merge(net: Denoiser, stack: list[tuple[Matrices, float]]) -> Denoiser:
    """Adds weighted adapters to the net's own weights, as the studio's branches do beside them."""
    for matrices, weight in stack:
        for path, (down, up) in matrices.items():
            net.get_submodule(path).weight.add_(change_of(down, up), alpha=weight)
    return net


def file_bytes(matrices: Matrices, metadata: dict[str, str]) -> bytes:
    tensors = {}
    for path, (down, up) in matrices.items():
        tensors[f"{PREFIX}{path}.lora_A.weight"] = down.half().contiguous()
        tensors[f"{PREFIX}{path}.lora_B.weight"] = up.half().contiguous()
    return _sorted_header(save(tensors, metadata))


def _sorted_header(data: bytes) -> bytes:
    """The library writes metadata in any order; the same adapter is the same bytes here."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def read_file(path: Path) -> tuple[Matrices, dict[str, str]]:
    matrices: Matrices = {}
    with safe_open(path, "pt") as file:
        for key in file.keys():
            if key.endswith(".lora_A.weight"):
                layer = key.removeprefix(PREFIX).removesuffix(".lora_A.weight")
                matrices[layer] = (file.get_tensor(key), file.get_tensor(key.replace("lora_A", "lora_B")))
        return matrices, file.metadata() or {}


def relative_size(net: nn.Module, matrices: Matrices) -> dict[str, float]:
    """How large each change is beside its weight: which layers the style needed."""
    return {path: float(change_of(*pair).norm() / net.get_submodule(path).weight.norm()) for path, pair in matrices.items()}
