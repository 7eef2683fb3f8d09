"""Weight-only quantisation, as onnxruntime-web runs it on WebGPU: MatMulNBits for linear layers, int8 kernels for
convolutions (DequantizeLinear before Conv). Arithmetic stays fp32. Pure numpy, no graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

BLOCK = 32


@dataclass(frozen=True)
class NBits:
    """Arguments of com.microsoft.MatMulNBits for a weight [out, in]: packed [out, blocks, bytes], scales [out * blocks]."""

    packed: np.ndarray
    scales: np.ndarray
    bits: int
    out_width: int
    in_width: int


def quantize_linear(weight: np.ndarray, bits: int) -> NBits:
    """Symmetric, blocks of 32 along the input. Zero point is the middle (128 or 8), MatMulNBits' default."""
    out_width, in_width = weight.shape
    blocks = -(-in_width // BLOCK)
    padded = np.zeros((out_width, blocks * BLOCK), np.float32)
    padded[:, :in_width] = weight
    grouped = padded.reshape(out_width, blocks, BLOCK)
    middle = 1 << (bits - 1)
    scales = _best_scales(grouped, middle)
    levels = np.clip(np.round(grouped / scales[..., None]) + middle, 0, 2 * middle - 1).astype(np.uint8)
    packed = levels if bits == 8 else levels[..., 0::2] | (levels[..., 1::2] << 4)
    return NBits(packed, scales.reshape(-1).astype(np.float32), bits, out_width, in_width)


def _best_scales(grouped: np.ndarray, middle: int) -> np.ndarray:
    """Scale per block with the least squared error among a few shrunken ranges (clipping helps at 4 bits)."""
    peak = np.maximum(np.abs(grouped).max(-1), 1e-8)
    best, best_error = peak / (middle - 1), np.full(peak.shape, np.inf)
    for share in (1.0,) if middle > 8 else (1.0, 0.95, 0.9, 0.85, 0.8, 0.75):
        scale = peak * share / (middle - 1)
        levels = np.clip(np.round(grouped / scale[..., None]), -middle, middle - 1)
        error = ((levels * scale[..., None] - grouped) ** 2).sum(-1)
        best, best_error = np.where(error < best_error, scale, best), np.minimum(error, best_error)
    return best


def dequantize_linear(q: NBits) -> np.ndarray:
    """The weight MatMulNBits computes with, [out, in]."""
    blocks = q.packed.shape[1]
    levels = q.packed if q.bits == 8 else np.stack([q.packed & 15, q.packed >> 4], -1).reshape(q.out_width, blocks, BLOCK)
    values = (levels.astype(np.float32) - (1 << (q.bits - 1))) * q.scales.reshape(q.out_width, blocks, 1)
    return values.reshape(q.out_width, -1)[:, : q.in_width]


def quantize_rows(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 with one scale per first index (output channel of a kernel, token of an embedding)."""
    flat = weight.reshape(weight.shape[0], -1)
    scales = np.maximum(np.abs(flat).max(1), 1e-8).astype(np.float32) / 127
    levels = np.clip(np.round(flat / scales[:, None]), -127, 127).astype(np.int8)
    return levels.reshape(weight.shape), scales
