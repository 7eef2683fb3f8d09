"""The forms of a traced graph: 32-bit as it is, 16-bit, 8-bit and 4-bit weights. Weight-only; inputs and outputs stay
32-bit in each, so that one way of feeding them fits all.
"""

from __future__ import annotations

import re

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from forge.convert.onnx_file import value_of
from forge.quantize import BLOCK, quantize_linear, quantize_rows

FORMS = ("fp16", "q8", "q4", "fp32")
MIN_ELEMENTS = 8192
"""Smaller weights stay as they are: they are a thousandth of a model, and many of them are sensitive."""
KEEP = re.compile(r"(^|\.)(conv_in|conv_out|time_embedding|time_text_embed|add_embedding|time_embed|proj_out|norm_out|pos_embed|latent_dist|quant_conv|post_quant_conv)(\.|$)")
"""First, last and time layers are the sensitive ones (QuEST, arXiv 2402.03666): they are not quantized."""


def suffix(form: str) -> str:
    """Of a form's files, as the hub names them: none for 32-bit."""
    return "" if form == "fp32" else f"_{form}"


def convert(model: onnx.ModelProto, form: str, *, in_single: bool = False, min_elements: int = MIN_ELEMENTS) -> onnx.ModelProto:
    """A copy of a traced model in one of `FORMS`.

    `in_single` widens 16-bit weights before they are used: for a VAE whose activations overflow 16 bits.
    """
    model = onnx.ModelProto.FromString(model.SerializeToString())
    match form:
        case "fp32":
            return model
        case "fp16":
            return _half(model, in_single, min_elements)
        case "q8" | "q4":
            return _quantized(model, int(form[1]), min_elements)
    raise ValueError(f"{form} is not one of {', '.join(FORMS)}")


class _Rewriter:
    """Collects the nodes of the new graph; weights are replaced once, also where several nodes read them."""

    def __init__(self, model: onnx.ModelProto, min_elements: int) -> None:
        self.model, self.min_elements = model, min_elements
        self.weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []
        self.added: dict[str, onnx.TensorProto] = {}

    def weight(self, name: str, dims: tuple[int, ...]) -> np.ndarray | None:
        """The weight of this name where it is large, 32-bit and of one of these ranks."""
        tensor = self.weights.get(name)
        if tensor is None or tensor.data_type != TensorProto.FLOAT or len(tensor.dims) not in dims:
            return None
        return value_of(tensor) if np.prod(tensor.dims) >= self.min_elements else None

    def add(self, name: str, value: np.ndarray) -> str:
        if name not in self.added:
            self.added[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def node(self, op: str, inputs: list[str], name: str, output: str | None = None, **attributes: object) -> str:
        output = output or f"{name}_output_0"
        self.nodes.append(helper.make_node(op, inputs, [output], name=name, **attributes))
        return output

    def finish(self) -> onnx.ModelProto:
        graph = self.model.graph
        del graph.node[:]
        graph.node.extend(self.nodes)
        used = {name for node in self.nodes for name in node.input}
        kept = [tensor for tensor in graph.initializer if tensor.name in used]
        del graph.initializer[:]
        graph.initializer.extend([*kept, *self.added.values()])
        return self.model


def _half(model: onnx.ModelProto, in_single: bool, min_elements: int) -> onnx.ModelProto:
    """Products with weights in 16 bits; everything between them, norms and sums and softmax, stays in 32."""
    rewrite = _Rewriter(model, min_elements)
    narrowed: dict[str, str] = {}

    def narrow(value: str, base: str) -> str:
        if value not in narrowed:
            narrowed[value] = rewrite.node("Cast", [value], f"{base}/Cast_{len(narrowed)}", to=TensorProto.FLOAT16)
        return narrowed[value]

    for node in model.graph.node:
        table = rewrite.weight(node.input[0], (2,)) if node.op_type == "Gather" else None
        if table is not None:
            node.input[0] = rewrite.add(f"{node.input[0]}_F16", np.clip(table, -65504, 65504).astype(np.float16))
            answer, node.output[0] = node.output[0], f"{node.name}_output_half"
            rewrite.nodes.append(node)
            rewrite.node("Cast", [node.output[0]], f"{node.name}/Cast_out", answer, to=TensorProto.FLOAT)
            continue
        name = node.input[1] if node.op_type in ("MatMul", "Gemm", "Conv") else ""
        value = rewrite.weight(name, (2, 4))
        if value is None:
            rewrite.nodes.append(node)
            continue
        half = rewrite.add(f"{name}_F16", np.clip(value, -65504, 65504).astype(np.float16))
        if in_single:
            wide = f"{name}_F32"
            if wide not in narrowed:
                narrowed[wide] = rewrite.node("Cast", [half], f"{node.name}/Cast_weight", to=TensorProto.FLOAT)
            node.input[1] = narrowed[wide]
            rewrite.nodes.append(node)
            continue
        bias = [narrow(name, node.name) for name in node.input[2:]]
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        product = rewrite.node(node.op_type, [narrow(node.input[0], node.name), half, *bias], node.name, **attributes)
        rewrite.node("Cast", [product], f"{node.name}/Cast_out", node.output[0], to=TensorProto.FLOAT)
    return rewrite.finish()


def _quantized(model: onnx.ModelProto, bits: int, min_elements: int) -> onnx.ModelProto:
    """Linear layers as MatMulNBits, blocks of 32; kernels and embeddings in 8 bits, one scale a channel or token."""
    rewrite = _Rewriter(model, min_elements)
    for node in model.graph.node:
        attributes = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        match node.op_type:
            case "MatMul" | "Gemm":
                path = node.input[1].removesuffix(".weight")
                value = None if KEEP.search(path) else rewrite.weight(node.input[1], (2,))
                transposed = attributes.get("transB", 0) == 1
                plain = attributes.get("alpha", 1.0) == 1.0 and attributes.get("beta", 1.0) == 1.0 and not attributes.get("transA", 0)
                if value is None or not plain:
                    rewrite.nodes.append(node)
                    continue
                q = quantize_linear(value if transposed else value.T, bits)
                inputs = [node.input[0], rewrite.add(f"{path}.weight_Q{bits}", q.packed), rewrite.add(f"{path}.weight_scales", q.scales)]
                if len(node.input) > 2:
                    inputs += ["", "", node.input[2]]
                rewrite.node(
                    "MatMulNBits", inputs, node.name, node.output[0],
                    domain="com.microsoft", K=q.in_width, N=q.out_width, bits=bits, block_size=BLOCK, accuracy_level=0,
                )
            case "Conv" | "Gather":
                place = 1 if node.op_type == "Conv" else 0
                name = node.input[place]
                value = None if KEEP.search(name) else rewrite.weight(name, (4,) if place else (2,))
                if value is not None:
                    levels, scales = quantize_rows(value)
                    weights = [rewrite.add(f"{name}_Q8", levels), rewrite.add(f"{name}_scales", scales)]
                    wide = f"{name}_F32"
                    if not any(wide in made.output for made in rewrite.nodes):
                        rewrite.node("DequantizeLinear", weights, f"{node.name}/DequantizeLinear", wide, axis=0)
                    node.input[place] = wide
                rewrite.nodes.append(node)
            case _:
                rewrite.nodes.append(node)
    result = rewrite.finish()
    if "com.microsoft" not in {opset.domain for opset in result.opset_import}:
        result.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    return result
