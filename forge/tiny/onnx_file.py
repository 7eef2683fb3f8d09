"""A traced module as a graph-only `model.onnx` beside `model.onnx_data`, with the module paths in its names.

A linear layer `X` is a MatMul named `/X/MatMul` on an initializer `X.weight` of [inputs, outputs] (already
transposed), or a Gemm with transB on the original [outputs, inputs].
"""

from __future__ import annotations

import ast
from pathlib import Path
from unittest.mock import patch

import onnx
import torch
from onnx.external_data_helper import convert_model_to_external_data
from torch import Tensor

from forge.tiny.parts import Part

OPSET = 18
EXTERNAL_FROM_BYTES = 1024
WRAPPER_NAMES = ("unet.", "transformer.", "vae.")
"""Attributes that wrap the real module during export and are no part of the hub's names."""


def trace(part: Part) -> onnx.ModelProto:
    """The part as one self-contained model."""
    tokens = torch.export.Dim("tokens", min=2, max=4096)
    shapes = [{1: tokens} if name in part.any_tokens else None for name in part.inputs]
    plain = patch.object(torch.nn.functional, "scaled_dot_product_attention", _plain_attention)
    with torch.no_grad(), plain:
        program = torch.onnx.export(
            part.module,
            part.examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=list(part.inputs),
            output_names=list(part.outputs),
            dynamic_shapes=tuple(shapes),
            verbose=False,
        )
    model = program.model_proto
    _name_by_module(model.graph)
    _strip(model)
    onnx.checker.check_model(model)
    return model


def save(model: onnx.ModelProto, folder: Path) -> None:
    """Writes `model.onnx` and `model.onnx_data`; every tensor of 1 KB or more goes to the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "model.onnx_data"
    data.unlink(missing_ok=True)
    model = onnx.ModelProto.FromString(model.SerializeToString())
    convert_model_to_external_data(model, location=data.name, size_threshold=EXTERNAL_FROM_BYTES)
    onnx.save_model(model, folder / "model.onnx")
    data.chmod(0o644)


def _plain_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    **_: object,
) -> Tensor:
    """Attention whose trace is MatMul, Softmax, MatMul: the library's own decomposition reads shapes at run time."""
    assert not is_causal and dropout_p == 0.0
    scores = (query * (scale or query.shape[-1] ** -0.5)) @ key.transpose(-1, -2)
    if attn_mask is not None:
        scores = scores + attn_mask
    return scores.softmax(dim=-1) @ value


def _name_by_module(graph: onnx.GraphProto) -> None:
    paths = {node.name: _module_path(node) for node in graph.node}
    initializers = {tensor.name: tensor for tensor in graph.initializer}
    renamed: dict[str, str] = {name: _unwrapped(name) for name in initializers}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in initializers and "." not in node.input[1]:
            renamed[node.input[1]] = f"{paths[node.name]}.weight"
    assert len(set(renamed.values())) == len(renamed), "two initializers would share a name"

    used: dict[str, int] = {}
    for node in graph.node:
        stem = f"{_slashed(paths[node.name])}/{node.op_type}"
        used[stem] = used.get(stem, -1) + 1
        node.name = stem if used[stem] == 0 else f"{stem}_{used[stem]}"
        for index, name in enumerate(node.input):
            node.input[index] = renamed.get(name, name)
    for tensor in graph.initializer:
        tensor.name = renamed[tensor.name]


def _module_path(node: onnx.NodeProto) -> str:
    """Dotted path of the module that made the node; "" for the outermost."""
    scopes = next((p.value for p in node.metadata_props if p.key == "pkg.torch.onnx.name_scopes"), None)
    names = ast.literal_eval(scopes) if scopes else []
    return _unwrapped(names[-2]) if len(names) > 1 else ""


def _unwrapped(name: str) -> str:
    for wrapper in WRAPPER_NAMES:
        name = name.removeprefix(wrapper)
    return name


def _slashed(path: str) -> str:
    """`down_blocks.0.attn1.to_q` as `/down_blocks.0/attn1/to_q`, as the older exporter names nodes."""
    out = ""
    for step in path.split(".") if path else []:
        out += f".{step}" if step.isdigit() else f"/{step}"
    return out


def _strip(model: onnx.ModelProto) -> None:
    """Drops traces of source files, versions and inferred shapes, so that the bytes depend on the graph only."""
    graph = model.graph
    model.producer_version = ""
    del model.metadata_props[:], graph.metadata_props[:], graph.value_info[:]
    model.doc_string = graph.doc_string = ""
    assert not model.functions
    for item in [*graph.node, *graph.initializer, *graph.input, *graph.output]:
        del item.metadata_props[:]
        item.doc_string = ""
