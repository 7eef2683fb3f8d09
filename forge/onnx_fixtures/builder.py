"""Writes a graph line by line: every call adds a node and answers the name of its output."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18
Shape = list[int | str]


class Builder:
    """One graph. Weights of at least `EXTERNAL_BYTES` lie outside it where `save` is given a file for them."""

    EXTERNAL_BYTES = 64

    def __init__(self, seed: int = 0) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.random = np.random.default_rng(seed)

    def input(self, name: str, shape: Shape, kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def weight(self, value: object, dtype: type = np.float32) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value, dtype=dtype), name))
        return name

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        return (self.random.standard_normal(shape) * scale).astype(np.float32)

    def op(self, kind: str, *inputs: str, output: str | None = None, domain: str = "", **attributes: object) -> str:
        name = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **attributes))
        return name

    def save(self, path: Path, outputs: dict[str, Shape], external: str | None = None) -> None:
        """Writes `path` and, beside it, the file `external` with the larger weights."""
        answers = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
        path.parent.mkdir(parents=True, exist_ok=True)
        if external is not None:
            self._externalize(path.parent / external)
        graph = helper.make_graph(self.nodes, path.stem, self.inputs, answers, self.weights)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="forge", ir_version=9)
        path.write_bytes(model.SerializeToString(deterministic=True))

    def _externalize(self, path: Path) -> None:
        data = bytearray()
        for tensor in self.weights:
            raw = tensor.raw_data
            # Shape inference reads whole numbers (shapes, pads) and refuses to look into another file.
            if len(raw) < self.EXTERNAL_BYTES or tensor.data_type == TensorProto.INT64:
                continue
            tensor.ClearField("raw_data")
            tensor.data_location = TensorProto.EXTERNAL
            for key, value in (("location", path.name), ("offset", len(data)), ("length", len(raw))):
                tensor.external_data.add(key=key, value=str(value))
            data += raw
        path.write_bytes(bytes(data))
