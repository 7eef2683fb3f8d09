"""Converting a checkpoint: every form computes what its rounded weights say, and a folder comes out whole."""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from forge.__main__ import main
from forge.convert.export import GATES, error_of, export_folder
from forge.convert.forms import KEEP, convert
from forge.convert.onnx_file import save, trace
from forge.convert.parts import Part, list_parts
from forge.quantize import dequantize_linear, quantize_linear, quantize_rows
from forge.tiny.export import MODELS
from forge.tiny.models import build_pipeline

torch.set_num_threads(1)
SMALL = 128
"""The tiny pipelines have no weight of 8192 elements: what is small in them is not what is small in a model."""
PARTS = ("text_encoder", "unet", "vae_decoder")


def committed(part: Part, _scratch: Path | None = None) -> onnx.ModelProto:
    return onnx.load(MODELS / "tiny-sd" / part.name / "model.onnx")


@pytest.fixture(scope="module")
def parts() -> dict[str, Part]:
    return {part.name: part for part in list_parts(build_pipeline("tiny-sd"))}


def run(model: onnx.ModelProto, part: Part) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    feeds = {name: example.numpy() for name, example in zip(part.inputs, part.examples, strict=True)}
    return session.run([part.outputs[0]], feeds)[0]


def rounded(model: onnx.ModelProto, form: str) -> onnx.ModelProto:
    """The 32-bit graph on weights that were rounded as the form rounds them."""
    linear = {node.input[1]: bool(node.op_type == "Gemm") for node in model.graph.node if node.op_type in ("MatMul", "Gemm")}
    rows = {node.input[1] for node in model.graph.node if node.op_type == "Conv"}
    rows |= {node.input[0] for node in model.graph.node if node.op_type == "Gather"}
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.size < SMALL or value.dtype != np.float32 or value.ndim < 2:
            continue
        if form == "fp16":
            value = value.astype(np.float16).astype(np.float32) if tensor.name in {*linear, *rows} else value
        elif KEEP.search(tensor.name):
            continue
        elif tensor.name in linear:
            given = value if linear[tensor.name] else value.T
            back = dequantize_linear(quantize_linear(given, int(form[1])))
            value = back if linear[tensor.name] else back.T
        elif tensor.name in rows:
            levels, scales = quantize_rows(value)
            value = levels * scales.reshape(-1, *[1] * (value.ndim - 1))
        tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(value, np.float32), tensor.name))
    return model


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize(("form", "limit"), [("q8", 1e-4), ("q4", 1e-4)])
def test_a_form_computes_with_its_rounded_weights(name: str, form: str, limit: float, parts: dict[str, Part]) -> None:
    made = convert(committed(parts[name]), form, min_elements=SMALL)
    answer, right = run(made, parts[name]), run(rounded(committed(parts[name]), form), parts[name])
    assert np.abs(answer - right).max() < limit * np.abs(right).max()


@pytest.mark.parametrize("in_single", [False, True])
@pytest.mark.parametrize("name", PARTS)
def test_half_precision_stays_near(name: str, in_single: bool, parts: dict[str, Part]) -> None:
    made = convert(committed(parts[name]), "fp16", in_single=in_single, min_elements=SMALL)
    answer, right = run(made, parts[name]), run(committed(parts[name]), parts[name])
    assert np.abs(answer - right).max() < 2e-2 * np.abs(right).max()
    if in_single:
        exact = run(rounded(committed(parts[name]), "fp16"), parts[name])
        assert np.abs(answer - exact).max() < 1e-4 * np.abs(exact).max()


@pytest.mark.parametrize("form", ["fp16", "q8", "q4"])
def test_a_form_is_smaller_and_fed_alike(form: str, parts: dict[str, Part]) -> None:
    for name in PARTS:
        plain = committed(parts[name])
        made = convert(plain, form, min_elements=SMALL)
        assert made.ByteSize() < plain.ByteSize()
        assert list(made.graph.input) == list(plain.graph.input) and list(made.graph.output) == list(plain.graph.output)
        names = {node.name for node in made.graph.node}
        assert {node.name for node in plain.graph.node} <= names, "adapters find their layers by these names"


def test_weights_are_split_into_files_of_a_limit(tmp_path: Path, parts: dict[str, Part]) -> None:
    shards = save(committed(parts["unet"]), tmp_path, "model", 50_000)
    assert len(shards) > 3 and all(shard.stat().st_size <= 50_000 for shard in shards)
    assert [shard.name for shard in shards[:2]] == ["model.onnx_data", "model.onnx_data_1"]
    assert error_of(tmp_path / "model.onnx", parts["unet"]) < 1e-5
    again = save(committed(parts["unet"]), tmp_path)
    assert [path.name for path in tmp_path.glob("model.onnx_*")] == [shard.name for shard in again]


def test_a_traced_graph_keeps_its_weights_in_files(tmp_path: Path, parts: dict[str, Part]) -> None:
    """Protobuf ends at 2 GB, and UNets do not."""
    part = parts["text_encoder"]
    model = trace(part, tmp_path / "scratch")
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) > 1000]
    assert large and all(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in large)
    for form in ("fp32", "fp16", "q4"):
        save(convert(model, form, min_elements=SMALL), tmp_path / form)
        assert error_of(tmp_path / form / "model.onnx", part) <= GATES[form]
    graph = MODELS / "tiny-sd" / "text_encoder" / "model.onnx"
    assert (tmp_path / "fp32" / "model.onnx").read_bytes() == graph.read_bytes()
    assert (tmp_path / "fp32" / "model.onnx_data").read_bytes() == graph.with_name("model.onnx_data").read_bytes()


def test_a_checkpoint_on_disk_becomes_a_folder_of_the_studio(tmp_path: Path) -> None:
    checkpoint, out = tmp_path / "My Checkpoint", tmp_path / "out"
    build_pipeline("tiny-sd").save_pretrained(checkpoint)
    errors = export_folder(checkpoint, out, ("q8", "fp32"), models=committed, min_elements=SMALL)
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["id"] == "my-checkpoint"
    assert [form["id"] for form in manifest["parts"]["unet"]["variants"]] == ["q8", "fp32"]
    assert all(error <= GATES[form] for form, parts in errors.items() for error in parts.values())
    reference = json.loads((MODELS / "tiny-sd" / "manifest.json").read_text())
    for field in ("noise", "latent", "tokenizers", "textEncoders", "conditioning", "denoiser", "sizes"):
        assert manifest[field] == reference[field]
    for folder in ("text_encoder", "unet", "vae_decoder", "vae_encoder"):
        for name in ("model.onnx", "model.onnx_data"):
            assert (out / folder / name).read_bytes() == (MODELS / "tiny-sd" / folder / name).read_bytes()
    assert (out / "tokenizer" / "tokenizer.json").read_bytes() == (MODELS / "tiny-sd" / "tokenizer" / "tokenizer.json").read_bytes()


def test_a_part_that_is_wrong_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    checkpoint, out = tmp_path / "checkpoint", tmp_path / "out"
    build_pipeline("tiny-sd").save_pretrained(checkpoint)
    out.mkdir()
    (out / "kept").touch()

    def wrong(part: Part, _scratch: Path) -> onnx.ModelProto:
        model = committed(part)
        tensor = max(model.graph.initializer, key=lambda t: t.ByteSize())
        tensor.CopyFrom(numpy_helper.from_array(1.5 * numpy_helper.to_array(tensor), tensor.name))
        return model

    with pytest.raises(ValueError, match="text_encoder in its fp32 form is off"):
        export_folder(checkpoint, out, ("fp32",), models=wrong)
    assert [path.name for path in out.iterdir()] == ["kept"]


@pytest.mark.parametrize(
    ("index", "sentence"),
    [(None, "no model_index.json"), ({"_class_name": "FluxPipeline"}, "FluxPipeline; these can be converted")],
)
def test_other_folders_get_a_sentence(index: dict | None, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if index is not None:
        (tmp_path / "model_index.json").write_text(json.dumps(index))
    monkeypatch.setattr("sys.argv", ["forge", "export", str(tmp_path)])
    with pytest.raises(SystemExit, match=sentence):
        main()


def test_unknown_dtypes_get_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["forge", "export", str(tmp_path), "--dtypes", "q3"])
    with pytest.raises(SystemExit, match="fp16,q8,q4,fp32"):
        main()
