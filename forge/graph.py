"""A small ONNX graph writer: one method per layer kind, module paths kept in node and initializer names.

Graphs are written by hand rather than traced, so that they hold exactly the operators the browser's WebGPU backend runs,
weights lie the way the kernels read them, and an adapter finds `/transformer_blocks.0/attn1/to_q/MatMul` by name.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from forge.quantize import BLOCK, quantize_linear, quantize_rows

OPSET = 17
ALLOWED_OPERATORS = frozenset({
    "Add", "Concat", "Conv", "Cos", "DepthToSpace", "DequantizeLinear", "Gather", "InstanceNormalization", "LayerNormalization",
    "MatMul", "MatMulNBits", "Mul", "Relu", "Reshape", "Sigmoid", "Sin", "Softmax", "Split", "Transpose",
    "Gelu", "ReduceMean", "Sqrt",
    "Div", "Shape", "Slice", "Sub",
})
"""Each runs on onnxruntime-web's WebGPU and wasm backends alike (facts measured for 1.31-dev). The last line's compute
with shapes: they are folded away where a session fixes the named dimensions."""

INLINE_BYTES = 1024
"""Tensors up to this size stay inside model.onnx; all others go to model.onnx_data."""


def _numpy(tensor) -> np.ndarray:
    return tensor.detach().float().numpy().copy()


class Graph:
    """Collects nodes and initializers. `bits` 0 writes fp32 weights; 8 or 4 quantises all but `keep` (module paths)."""

    def __init__(self, name: str, bits: int = 0, keep: frozenset[str] = frozenset()):
        self.name, self.bits, self.keep = name, bits, keep
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    # -- building blocks

    def input(self, name: str, shape: list[int | str], kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, value: str, name: str, shape: list[int | str]) -> None:
        """Names an inner value as an output of the graph."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for n, held in enumerate(names):
                    if held == value:
                        names[n] = name
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))

    def constant(self, name: str, value: np.ndarray) -> str:
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(self, op: str, inputs: list[str], name: str, outputs: int = 1, domain: str = "", **attributes) -> list[str]:
        names = [f"{name}_output_{n}" for n in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=name, domain=domain, **attributes))
        return names

    def op(self, op: str, inputs: list[str], name: str, **attributes) -> str:
        return self.node(op, inputs, name, **attributes)[0]

    def reshape(self, x: str, shape: list[int], name: str) -> str:
        """0 copies the input's dimension (so batch and text length stay free); one -1 is inferred."""
        key = "shape_" + "_".join(str(n).replace("-", "m") for n in shape)
        return self.op("Reshape", [x, self.constant(key, np.array(shape, np.int64))], name)

    def reshape_like(self, x: str, other: str, name: str) -> str:
        """The shape of another value, whatever it is at run time."""
        return self.op("Reshape", [x, self.op("Shape", [other], f"{name}/Shape")], name)

    def _quantizes(self, path: str, elements: int) -> bool:
        return bool(self.bits) and path not in self.keep and elements >= 8192

    # -- layers

    def linear(self, x: str, path: str, layer: nn.Module) -> str:
        """MatMulNBits with its bias, or MatMul + Add. The node is `/path/MatMul` either way. A layer that consists of two
        (`down`, `up`: a factorized one) is written as two."""
        if not isinstance(layer, nn.Linear):
            return self.linear(self.linear(x, f"{path}.down", layer.down), f"{path}.up", layer.up)
        weight, bias = _numpy(layer.weight), None if layer.bias is None else _numpy(layer.bias)
        name = f"/{_slashed(path)}/MatMul"
        if self._quantizes(path, weight.size):
            q = quantize_linear(weight, self.bits)
            inputs = [x, self.constant(f"{path}.weight_Q{q.bits}", q.packed), self.constant(f"{path}.weight_scales", q.scales)]
            if bias is not None:
                inputs += ["", "", self.constant(f"{path}.bias", bias)]
            return self.op("MatMulNBits", inputs, name, domain="com.microsoft", K=q.in_width, N=q.out_width, bits=q.bits,
                           block_size=BLOCK, accuracy_level=0)
        out = self.op("MatMul", [x, self.constant(f"{path}.weight", weight.T)], name)
        if bias is None:
            return out
        return self.op("Add", [out, self.constant(f"{path}.bias", bias)], f"/{_slashed(path)}/Add")

    def conv(self, x: str, path: str, layer: nn.Conv2d) -> str:
        return self.conv_with(x, path, _numpy(layer.weight), _numpy(layer.bias), layer.stride[0], layer.padding[0])

    def conv_with(self, x: str, path: str, weight: np.ndarray, bias: np.ndarray, stride: int, padding: int) -> str:
        if self._quantizes(path, weight.size):
            levels, scales = quantize_rows(weight)
            inputs = [self.constant(f"{path}.weight_Q8", levels), self.constant(f"{path}.weight_scales", scales)]
            kernel = self.op("DequantizeLinear", inputs, f"/{_slashed(path)}/DequantizeLinear", axis=0)
        else:
            kernel = self.constant(f"{path}.weight", weight)
        size = weight.shape[-1]
        return self.op("Conv", [x, kernel, self.constant(f"{path}.bias", bias)], f"/{_slashed(path)}/Conv",
                       kernel_shape=[size, size], strides=[stride, stride], pads=[padding] * 4)

    def layer_norm(self, x: str, path: str, layer: nn.LayerNorm) -> str:
        width = layer.normalized_shape[0]
        if layer.elementwise_affine:
            scale, shift = self.constant(f"{path}.weight", _numpy(layer.weight)), self.constant(f"{path}.bias", _numpy(layer.bias))
        else:
            scale = self.constant(f"ones_{width}", np.ones(width, np.float32))
            shift = self.constant(f"zeros_{width}", np.zeros(width, np.float32))
        return self.op("LayerNormalization", [x, scale, shift], f"/{_slashed(path)}/LayerNormalization", axis=-1, epsilon=layer.eps)

    def group_norm(self, x: str, path: str, layer: nn.GroupNorm) -> str:
        """As InstanceNormalization over [batch, groups, rest]: GroupNormalization has no WebGPU kernel."""
        groups, base = layer.num_groups, f"/{_slashed(path)}"
        ones, zeros = (self.constant(f"{n}_{groups}", f(groups, np.float32)) for n, f in (("ones", np.ones), ("zeros", np.zeros)))
        flat = self.reshape(x, [0, groups, -1], f"{base}/Reshape")
        flat = self.op("InstanceNormalization", [flat, ones, zeros], f"{base}/InstanceNormalization", epsilon=layer.eps)
        x = self.reshape_like(flat, x, f"{base}/Reshape_1")
        x = self.op("Mul", [x, self.constant(f"{path}.weight", _numpy(layer.weight)[:, None, None])], f"{base}/Mul")
        return self.op("Add", [x, self.constant(f"{path}.bias", _numpy(layer.bias)[:, None, None])], f"{base}/Add")

    def silu(self, x: str, name: str) -> str:
        return self.op("Mul", [x, self.op("Sigmoid", [x], f"{name}/Sigmoid")], f"{name}/Mul")

    def attention(self, q: str, k: str, v: str, heads: int, width: int, path: str) -> str:
        """softmax(q k^T / sqrt(size)) v on [batch, tokens, width] values; any number of tokens."""
        size, base = width // heads, f"/{_slashed(path)}"
        q = self.op("Mul", [q, self.constant(f"attention_scale_{size}", np.array(size**-0.5, np.float32))], f"{base}/Mul")
        q, k, v = (self.reshape(x, [0, 0, heads, size], f"{base}/{n}/Reshape") for x, n in ((q, "q"), (k, "k"), (v, "v")))
        q = self.op("Transpose", [q], f"{base}/q/Transpose", perm=[0, 2, 1, 3])
        k = self.op("Transpose", [k], f"{base}/k/Transpose", perm=[0, 2, 3, 1])
        v = self.op("Transpose", [v], f"{base}/v/Transpose", perm=[0, 2, 1, 3])
        weights = self.op("Softmax", [self.op("MatMul", [q, k], f"{base}/scores/MatMul")], f"{base}/Softmax", axis=-1)
        out = self.op("Transpose", [self.op("MatMul", [weights, v], f"{base}/values/MatMul")], f"{base}/Transpose", perm=[0, 2, 1, 3])
        return self.reshape(out, [0, 0, width], f"{base}/Reshape")

    # -- files

    def model(self) -> onnx.ModelProto:
        """The checked model, weights inside."""
        foreign = {n.op_type for n in self.nodes} - ALLOWED_OPERATORS
        if foreign:
            raise ValueError(f"{self.name} uses operators outside the allow-list: {sorted(foreign)}")
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, producer_name="forge", ir_version=8)
        return model

    def write(self, folder: Path) -> None:
        """`model.onnx` (graph and tiny constants) and `model.onnx_data` (all other tensors)."""
        folder.mkdir(parents=True, exist_ok=True)
        for old in ("model.onnx", "model.onnx_data"):
            (folder / old).unlink(missing_ok=True)
        onnx.save_model(self.model(), folder / "model.onnx", save_as_external_data=True, all_tensors_to_one_file=True,
                        location="model.onnx_data", size_threshold=INLINE_BYTES + 1)


def _slashed(path: str) -> str:
    """torch's `transformer_blocks.0.attn1.to_q` as the hub's exports spell it: `transformer_blocks.0/attn1/to_q`."""
    parts: list[str] = []
    for piece in path.split("."):
        if piece.isdigit() and parts:
            parts[-1] += "." + piece
        else:
            parts.append(piece)
    return "/".join(parts)
