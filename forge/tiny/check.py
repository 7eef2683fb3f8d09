"""Does everything committed still follow from the code and the pinned libraries?

Graphs are not traced again (a minute per pipeline): each is compared, weights and answers, with the module it came from.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

from forge.convert.onnx_file import EXTERNAL_FROM_BYTES
from forge.convert.parts import Part, list_parts
from forge.tiny.cases import CASES
from forge.tiny.export import MODELS
from forge.tiny.golden import GOLDENS, psnr, read_goldens, run_case
from forge.tiny.models import build_pipeline

LATENT_TOLERANCE = 1e-4
PICTURE_DB = 60.0
PART_TOLERANCE = 1e-5
CONTRAST = 40.0
MISTAKE_DB = 25.0
ERROR_GROWTH = 100.0

OPERATORS = frozenset(
    """Add Cast Concat Conv Cos Div Einsum Erf Gather Gemm InstanceNormalization LayerNormalization MatMul Mul Pow
    ReduceMean Relu Reshape Resize Sigmoid Sin Slice Softmax Split Sqrt Squeeze Sub Tanh Transpose Unsqueeze
    Reciprocal Pad""".split()
)
"""Operators that the WebGPU provider runs on floats; none of them is left to the CPU in these graphs."""
FLOATS = frozenset({onnx.TensorProto.FLOAT})


def check_part(folder: Path, part: Part) -> list[str]:
    """The faults of one exported graph."""
    faults = []
    bare = onnx.load(folder / "model.onnx", load_external_data=False)
    found = {node.op_type for node in bare.graph.node}
    if found - OPERATORS:
        faults.append(f"operators {sorted(found - OPERATORS)} are not on the list")
    produced = {name for node in bare.graph.node for name in node.output}
    for node in bare.graph.node:
        if node.op_type == "Reshape" and node.input[1] in produced:
            faults.append(f"{node.name} takes a shape that is computed")
    for tensor in bare.graph.initializer:
        external = tensor.data_location == onnx.TensorProto.EXTERNAL
        where = {entry.key: entry.value for entry in tensor.external_data}
        if external and where["location"] != "model.onnx_data":
            faults.append(f"{tensor.name} lies in {where['location']}")
        if not external and tensor.ByteSize() > EXTERNAL_FROM_BYTES + 256:
            faults.append(f"{tensor.name} is inside the graph")

    graph = onnx.load(folder / "model.onnx").graph
    stored = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    missing = [name for name, value in _linear_weights(part.module) if not _holds(stored, name, value)]
    if missing:
        faults.append(f"weights differ or are missing: {missing[:3]}")

    session = onnxruntime.InferenceSession(folder / "model.onnx", _one_thread(), ["CPUExecutionProvider"])
    feeds = {name: example.numpy() for name, example in zip(part.inputs, part.examples, strict=True)}
    answers = session.run(list(part.outputs), feeds)
    with torch.no_grad():
        expected = part.module(*part.examples)
    for name, answer, right in zip(
        part.outputs, answers, expected if isinstance(expected, tuple) else (expected,), strict=True
    ):
        error = np.abs(answer - right.numpy()).max() / np.abs(right.numpy()).max()
        if not error < PART_TOLERANCE:
            faults.append(f"{name} is off by {error:.1e}")
    return faults


def check_model(model_id: str) -> list[str]:
    """The faults of one exported pipeline: its parts, and the sizes and hashes of its files."""
    folder = MODELS / model_id
    faults = []
    for part in list_parts(build_pipeline(model_id)):
        faults += [f"{model_id}/{part.name}: {fault}" for fault in check_part(folder / part.name, part)]
    manifest = json.loads((folder / "manifest.json").read_text())
    there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
    if there != set(manifest["files"]):
        faults.append(f"{model_id}: files and manifest differ: {sorted(there ^ set(manifest['files']))}")
    for path, told in manifest["files"].items():
        if hashlib.sha256((folder / path).read_bytes()).hexdigest() != told["sha256"]:
            faults.append(f"{model_id}/{path}: wrong hash")
    return faults


def check_golden(case_id: str) -> list[str]:
    """The faults of one golden: the same numbers from the libraries of today, and a test that is sharp."""
    entry = next(entry for entry in json.loads((GOLDENS / "cases.json").read_text())["cases"] if entry["id"] == case_id)
    case = next(case for case in CASES if case.id == case_id)
    faults = [] if entry["request"] == case.request() else ["another request was recorded"]
    recorded = read_goldens(GOLDENS, entry)
    arrays, told = run_case(case)
    if arrays.keys() != recorded.keys():
        return [f"recorded {sorted(recorded)}, now {sorted(arrays)}"]
    if not np.array_equal(arrays["noise"], recorded["noise"]):
        faults.append("the noise of the seed differs")
    for name in arrays.keys() - {"noise", "picture"}:
        scale = max(float(np.abs(recorded[name]).max()), 1e-30)
        error = float(np.abs(arrays[name] - recorded[name]).max()) / scale
        if not error < LATENT_TOLERANCE:
            faults.append(f"{name} is off by {error:.1e}")
    if not np.allclose(told["timesteps"], entry["timesteps"], rtol=1e-6):
        faults.append("the timesteps differ")
    if not psnr(arrays["picture"], recorded["picture"]) >= PICTURE_DB:
        faults.append("the picture differs")
    measured = entry["measured"]
    if not float(recorded["picture"].std()) >= CONTRAST:
        faults.append("the picture is flat")
    faults += [f"{name} is {value}" for name, value in measured.items() if name.endswith("Db") and value >= MISTAKE_DB]
    if not measured["errorGrowth"] < ERROR_GROWTH:
        faults.append("a rounding error grows too much")
    return [f"{case_id}: {fault}" for fault in faults]


def _linear_weights(module: torch.nn.Module) -> list[tuple[str, np.ndarray]]:
    """Weights of two and more dimensions, which export keeps by name."""
    skipped = ("position_ids", "vae.encoder.", "vae.decoder.", "vae.quant_conv.", "vae.post_quant_conv.")
    wrappers = ("unet.", "transformer.")
    found = []
    for name, parameter in module.named_parameters():
        if parameter.ndim < 2 or name.startswith(skipped):
            continue
        for wrapper in wrappers:
            name = name.removeprefix(wrapper)
        found.append((name, parameter.detach().numpy()))
    return found


def _holds(stored: dict[str, np.ndarray], name: str, value: np.ndarray) -> bool:
    """Bit for bit, as it is or transposed."""
    there = stored.get(name)
    return there is not None and (np.array_equal(there, value) or np.array_equal(there.T, value))


def _one_thread() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return options
