"""Quantised weights: small errors, and the very numbers onnxruntime computes with."""

import numpy as np
import pytest

from forge.quantize import dequantize_linear, quantize_linear, quantize_rows


@pytest.mark.parametrize(("bits", "limit"), [(8, 0.006), (4, 0.11)])
def test_linear_error_is_small(bits: int, limit: float) -> None:
    weight = np.random.default_rng(0).normal(size=(48, 72)).astype(np.float32)
    back = dequantize_linear(quantize_linear(weight, bits))
    assert np.sqrt(((back - weight) ** 2).mean()) < limit


def test_zero_weights_stay_zero() -> None:
    assert not dequantize_linear(quantize_linear(np.zeros((4, 32), np.float32), 4)).any()


def test_rows_keep_their_own_scale() -> None:
    weight = np.stack([np.full((3, 3), 0.01), np.full((3, 3), 10.0)]).astype(np.float32)
    levels, scales = quantize_rows(weight)
    assert np.allclose(levels * scales[:, None, None], weight, rtol=0.01)
