"""Reads a shipped model folder back into torch nets (weights dequantised).

Adapters can be trained, and the export checked, from what is committed alone; fp32 checkpoints are never shipped.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn

from forge.autoencoder import Decoder, Encoder
from forge.denoiser import Denoiser, DenoiserShape
from forge.quantize import NBits, dequantize_linear
from forge.text_encoder import TextEncoder


def read_weights(graph: Path) -> dict[str, np.ndarray]:
    """Module path of a parameter -> fp32 value in torch's layout (linear weights [out, in])."""
    model = onnx.load(graph)
    raw = {i.name: numpy_helper.to_array(i) for i in model.graph.initializer}
    values: dict[str, np.ndarray] = {}
    for node in model.graph.node:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        match node.op_type:
            case "MatMulNBits":
                name = node.input[1].rpartition("_Q")[0]
                values[name] = dequantize_linear(
                    NBits(raw[node.input[1]], raw[node.input[2]], attributes["bits"], attributes["N"], attributes["K"])
                )
            case "DequantizeLinear":
                levels, scales = raw[node.input[0]], raw[node.input[1]]
                values[node.input[0].rpartition("_Q")[0]] = levels * scales.reshape(-1, *[1] * (levels.ndim - 1))
            case "MatMul" if node.input[1] in raw:
                values[node.input[1]] = raw[node.input[1]].T
    for name, value in raw.items():
        if not name.endswith(("_Q8", "_Q4", "_scales")) and name not in values:
            values[name] = value
    return values


def _fill(net: nn.Module, values: dict[str, np.ndarray]) -> nn.Module:
    """Copies every parameter by name; a missing one is an error, extra constants are ignored."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            value = torch.from_numpy(np.array(values[name], dtype=np.float32))
            p.copy_(value.reshape(p.shape))
    return net.eval()


def reload_text_encoder(folder: Path) -> TextEncoder:
    return _fill(TextEncoder(), read_weights(folder / "text_encoder" / "model.onnx"))


def widen_positions(table: np.ndarray, to: int = DenoiserShape().positions) -> np.ndarray:
    """A square table of positions [1, n*n, d] as [1, d, to, to]: its centre is the old one, its border repeats the edge."""
    side = int(table.shape[1] ** 0.5)
    before = (to - side) // 2
    square = table.reshape(side, side, -1).transpose(2, 0, 1)
    return np.pad(square, ((0, 0), (before, to - side - before), (before, to - side - before)), "edge")[None]


def reload_denoiser(folder: Path) -> Denoiser:
    values = read_weights(folder / "transformer" / "model.onnx")
    ones = np.array([1, 0, 0, 1, 0, 0], np.float32)[None, :, None]
    if values["pos_embed"].ndim == 3:
        values["pos_embed"] = widen_positions(values["pos_embed"])
    # A set from before noise steered: the new layer changes nothing until it is trained.
    values.setdefault("steer.linear.weight", np.zeros(tuple(Denoiser().steer.linear.weight.shape), np.float32))
    return _fill(Denoiser(), {k: v - ones if k.endswith("scale_shift_table") else v for k, v in values.items()})


def reload_decoder(folder: Path) -> Decoder:
    values = read_weights(folder / "vae_decoder" / "model.onnx")
    net = _fill(Decoder(), values)
    net.latent_std.copy_(torch.from_numpy(values["latent_std"].copy())[None])
    net.latent_mean.copy_(torch.from_numpy(values["latent_mean"].copy())[None])
    return net


def reload_encoder(folder: Path) -> Encoder:
    values = read_weights(folder / "vae_encoder" / "model.onnx")
    # Undo the folding of PixelUnshuffle(4) into one 12x12 convolution.
    out = values["conv_in.weight"].shape[0]
    kernel = values["conv_in.weight"].reshape(out, 3, 3, 4, 3, 4).transpose(0, 1, 3, 5, 2, 4).reshape(out, 48, 3, 3)
    return _fill(Encoder(), {**values, "conv_in.weight": kernel})
