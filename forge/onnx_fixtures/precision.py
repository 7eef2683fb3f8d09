"""Graphs in float32 for the float16 pass: each has the operators of one family of parts, at toy size."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from onnx import TensorProto

from forge.onnx_fixtures.builder import Builder

BLOCK = 32


def write_precision(folder: Path) -> None:
    _mlp(folder)
    _conv(folder)
    _attention(folder)
    _loud_norm(folder)


def _linear_nbits(b: Builder, x: str, width: int, out: int, bits: int) -> str:
    """MatMulNBits with symmetric blocks of 32 along the input features."""
    weight = b.normal(out, width // BLOCK, BLOCK, scale=1 / math.sqrt(width))
    middle = 1 << (bits - 1)
    scales = np.abs(weight).max(axis=2) / (middle - 1)
    codes = (np.rint(weight / scales[..., None]) + middle).astype(np.uint8)
    packed = codes if bits == 8 else codes[..., 0::2] | codes[..., 1::2] << 4
    return b.op(
        "MatMulNBits",
        x,
        b.weight(packed, np.uint8),
        b.weight(scales.reshape(-1)),
        domain="com.microsoft",
        K=width,
        N=out,
        bits=bits,
        block_size=BLOCK,
    )


def _mlp(folder: Path) -> None:
    """Quantized linears, a decomposed GELU, a fused norm and the sinusoidal embedding of a timestep."""
    b = Builder(seed=1)
    x, timestep = b.input("x", [2, 64]), b.input("timestep", [1])
    frequencies = np.exp(-math.log(10_000) * np.arange(16) / 16)
    angle = b.op("Mul", b.op("Unsqueeze", timestep, b.weight([1], np.int64)), b.weight(frequencies))
    waves = b.op("Concat", b.op("Cos", angle), b.op("Sin", angle), axis=1)
    embedded = b.op("MatMul", waves, b.weight(b.normal(32, 64, scale=0.1)))
    hidden = _linear_nbits(b, b.op("Add", x, embedded), 64, 128, bits=8)
    hidden = b.op("Add", hidden, b.weight(b.normal(128, scale=0.1)))
    erf = b.op("Erf", b.op("Div", hidden, b.op("Constant", value_float=math.sqrt(2))))
    gelu = b.op("Mul", b.op("Mul", hidden, b.op("Add", erf, b.op("Constant", value_float=1.0))), b.weight(0.5))
    hidden = _linear_nbits(b, gelu, 128, 64, bits=4)
    b.op("LayerNormalization", hidden, b.weight(b.normal(64)), b.weight(b.normal(64, scale=0.1)), output="norm")
    b.op("Add", "norm", x, output="y")
    b.save(folder / "mlp.onnx", {"y": [2, 64]}, external="mlp.onnx.data")


def _quantized_conv(b: Builder, x: str, out: int, channels: int, side: int) -> str:
    """Conv on int8 weights with one scale per output channel."""
    weight = b.normal(out, channels, side, side, scale=1 / math.sqrt(channels * side * side))
    scales = np.abs(weight).max(axis=(1, 2, 3)) / 127
    codes = np.rint(weight / scales[:, None, None, None])
    kernel = b.op("DequantizeLinear", b.weight(codes, np.int8), b.weight(scales), axis=0)
    return b.op("Conv", x, kernel, b.weight(b.normal(out, scale=0.1)), pads=[side // 2] * 4)


def _group_norm(b: Builder, x: str, channels: int, groups: int) -> str:
    """The exporters' form: reshape, InstanceNormalization, reshape back, scale and shift."""
    flat = b.op("Reshape", x, b.weight([0, groups, -1], np.int64))
    normed = b.op("InstanceNormalization", flat, b.weight(np.ones(groups)), b.weight(np.zeros(groups)), epsilon=1e-5)
    back = b.op("Reshape", normed, b.op("Shape", x))
    scaled = b.op("Mul", back, b.weight(1 + b.normal(channels, 1, 1, scale=0.1)))
    return b.op("Add", scaled, b.weight(b.normal(channels, 1, 1, scale=0.1)))


def _conv(folder: Path) -> None:
    """A decoder block: quantized convolutions, group norm, SiLU, upsampling, padding and a generated tensor."""
    b = Builder(seed=2)
    x = b.input("x", [1, 4, 8, 8])
    hidden = _group_norm(b, _quantized_conv(b, x, 16, 4, 3), channels=16, groups=4)
    hidden = b.op("Mul", hidden, b.op("Sigmoid", hidden))
    up = b.op("Resize", hidden, "", b.weight([1, 1, 2, 2]), mode="nearest", nearest_mode="floor")
    filled = b.op("ConstantOfShape", b.op("Shape", up))
    up = b.op("Add", up, filled)
    up = b.op("Pad", up, b.weight([0, 0, 1, 1, 0, 0, 1, 1], np.int64), b.op("Constant", value_float=0.25))
    up = b.op("Clip", up, b.weight(-3.4e38), b.weight(3.4e38))
    skip = b.op("ConvTranspose", x, b.weight(b.normal(4, 16, 2, 2, scale=0.3)), strides=[2, 2], pads=[0, 0, 0, 0])
    skip = b.op("Pad", skip, b.weight([0, 0, 1, 1, 0, 0, 1, 1], np.int64), mode="reflect")
    b.op("Tanh", _quantized_conv(b, b.op("Add", up, skip), 3, 16, 3), output="y")
    b.save(folder / "conv.onnx", {"y": [1, 3, 18, 18]}, external="conv.onnx.data")


def _heads(b: Builder, x: str, width: int, heads: int, order: list[int]) -> str:
    split = b.op("Reshape", b.op("MatMul", x, b.weight(b.normal(width, width, scale=1 / math.sqrt(width)))),
                 b.weight([0, 0, heads, width // heads], np.int64))
    return b.op("Transpose", split, perm=order)


def _attention(folder: Path) -> None:
    """A text block: embedding, masked attention as matrix products, and a norm in nine nodes."""
    b = Builder(seed=3)
    width, heads, window = 32, 4, 6
    ids = b.input("ids", [1, window], TensorProto.INT64)
    keep = b.input("keep", [1, window], TensorProto.INT64)
    x = b.op("Gather", b.weight(b.normal(50, width)), ids)
    causal = np.triu(np.full((window, window), np.finfo(np.float32).min), 1)
    padding = b.op("Mul", b.op("Sub", b.weight(1.0), b.op("Cast", keep, to=TensorProto.FLOAT)), b.weight(-10_000.0))
    padding = b.op("Unsqueeze", padding, b.weight([1, 2], np.int64))
    query, key = _heads(b, x, width, heads, [0, 2, 1, 3]), _heads(b, x, width, heads, [0, 2, 3, 1])
    scores = b.op("Mul", b.op("MatMul", query, key), b.weight(1 / math.sqrt(width // heads)))
    scores = b.op("Add", b.op("Add", scores, b.weight(causal)), padding)
    mixed = b.op("MatMul", b.op("Softmax", scores, axis=-1), _heads(b, x, width, heads, [0, 2, 1, 3]))
    joined = b.op("Reshape", b.op("Transpose", mixed, perm=[0, 2, 1, 3]), b.weight([0, 0, width], np.int64))
    residual = b.op("Add", x, joined)
    centred = b.op("Sub", residual, b.op("ReduceMean", residual, b.weight([-1], np.int64)))
    variance = b.op("ReduceMean", b.op("Pow", centred, b.weight(2.0)), b.weight([-1], np.int64))
    deviation = b.op("Sqrt", b.op("Add", variance, b.weight(1e-12)))
    scaled = b.op("Mul", b.op("Div", centred, deviation), b.weight(1 + b.normal(width, scale=0.1)))
    normed = b.op("Add", scaled, b.weight(b.normal(width, scale=0.1)))
    b.op("Gemm", b.op("Reshape", normed, b.weight([-1, width], np.int64)),
         b.weight(b.normal(8, width, scale=0.2)), b.weight(b.normal(8, scale=0.1)), transB=1, output="y")
    b.save(folder / "attention.onnx", {"y": [window, 8]}, external="attention.onnx.data")


def _loud_norm(folder: Path) -> None:
    """RMS norms of values near 3000: the squares, 9 million, do not fit float16; written by Mul and by Pow."""
    b = Builder(seed=4)
    x = b.input("x", [2, 32])
    hidden = b.op("MatMul", x, b.weight(b.normal(32, 32, scale=500)), output="loud")
    for square in ("Mul", "Pow"):
        other = hidden if square == "Mul" else b.weight(2.0)
        mean = b.op("ReduceMean", b.op(square, hidden, other, output=f"square_{square}"), b.weight([-1], np.int64))
        deviation = b.op("Sqrt", b.op("Add", mean, b.weight(1e-6)))
        normed = (
            b.op("Mul", hidden, b.op("Reciprocal", deviation)) if square == "Mul" else b.op("Div", hidden, deviation)
        )
        hidden = b.op("Mul", normed, b.weight(1 + b.normal(32, scale=0.1)))
        hidden = b.op("MatMul", hidden, b.weight(b.normal(32, 32, scale=1 if square == "Pow" else 500)))
    b.op("Identity", hidden, output="y")
    b.save(folder / "loud-norm.onnx", {"y": [2, 32]})
