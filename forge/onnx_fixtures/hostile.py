"""Files that a runtime must not be given. What is merely broken (random, cut, nested) the tests make themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper

from forge.onnx_fixtures.builder import Builder


def write_hostile(folder: Path) -> None:
    _endless_loop(folder)
    _outside_data(folder)


def _endless_loop(folder: Path) -> None:
    """A valid model whose run never ends: 2^62 rounds."""
    b = Builder()
    x = b.input("x", [1])
    value = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("held", "more")]
    round_, go = (
        helper.make_tensor_value_info("round", TensorProto.INT64, []),
        helper.make_tensor_value_info("go", TensorProto.BOOL, []),
    )
    again = helper.make_tensor_value_info("again", TensorProto.BOOL, [])
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["again"]), helper.make_node("Add", ["held", "held"], ["more"])],
        "body",
        [round_, go, value[0]],
        [again, value[1]],
    )
    b.op("Loop", b.weight(2**62, np.int64), b.weight(True, np.bool_), x, output="y", body=body)
    b.save(folder / "hang.onnx", {"y": [1]})


def _outside_data(folder: Path) -> None:
    """A weight that claims to lie in a file of the system."""
    b = Builder()
    b.op("Add", b.input("x", [4]), b.weight([1, 2, 3, 4]), output="y")
    tensor = b.weights[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    b.save(folder / "outside.onnx", {"y": [4]})
