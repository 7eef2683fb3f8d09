"""Writes a pipeline as a folder in the hub's diffusers layout, with a manifest."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from diffusers import DiffusionPipeline

from forge.convert.forms import FORMS, MIN_ELEMENTS, convert, suffix
from forge.convert.manifest import Variants, build_manifest, write_json
from forge.convert.onnx_file import SHARD_BYTES, save, trace
from forge.convert.parts import Part, list_parts
from forge.convert.tokenizers import write_tokenizer

GATES = {"fp32": 1e-4, "fp16": 2e-2, "q8": 0.15, "q4": 0.7}
"""Largest relative error (root of summed squares) of a part in one of the forms, before it is refused."""
CLASSES = ("StableDiffusionPipeline", "StableDiffusionXLPipeline", "LatentConsistencyModelPipeline", "StableDiffusion3Pipeline")
WriteTokenizers = Callable[[Path], None]


def export_folder(folder: Path, out: Path, forms: Sequence[str] = FORMS, **options: Any) -> dict[str, dict[str, float]]:
    """Converts the checkpoint in `folder`; answers the error of every part in every form.

    `options` are those of `write_pipeline`. Raises ValueError with one sentence when the checkpoint is none that the
    studio can run.
    """
    index = folder / "model_index.json"
    if not index.is_file():
        raise ValueError(f"{folder} holds no diffusers pipeline: there is no model_index.json.")
    kind = json.loads(index.read_text()).get("_class_name")
    if kind not in CLASSES:
        raise ValueError(f"{folder} holds a {kind}; these can be converted: {', '.join(CLASSES)}.")
    without: dict[str, Any] = {"text_encoder_3": None, "tokenizer_3": None} if kind == CLASSES[3] else {}
    if kind in (CLASSES[0], CLASSES[2]):
        without = {"safety_checker": None, "requires_safety_checker": False}
    pipeline = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32, local_files_only=True, **without)
    name = folder.resolve().name
    about = {
        "id": re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._")[:64] or "model",
        "name": name[:80],
        "summary": f"Converted from a {kind} in the folder {name}."[:300],
        "licence": {"spdx": "LicenseRef-unknown", "plain": "That of the checkpoint it was converted from: see its own page."},
    }
    return write_pipeline(pipeline, out, about, forms, **options)


def write_pipeline(
    pipeline: DiffusionPipeline,
    out: Path,
    about: dict[str, Any],
    forms: Sequence[str] = ("fp32",),
    *,
    shard_bytes: int = SHARD_BYTES,
    min_elements: int = MIN_ELEMENTS,
    tokenizers: WriteTokenizers | None = None,
    models: Callable[[Part, Path], onnx.ModelProto] = trace,
) -> dict[str, dict[str, float]]:
    """Replaces `out` by the pipeline in the given forms, the preferred first.

    Every part of every form is run beside the module it came from; an error beyond its gate raises ValueError, and
    nothing replaces what was there. `models` makes the graph of a part, with a folder for its weights.
    """
    building, scratch = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.traced")
    for left in (building, scratch):
        shutil.rmtree(left, ignore_errors=True)
    parts = list_parts(pipeline)
    variants: Variants = {}
    errors: dict[str, dict[str, float]] = {form: {} for form in forms}
    overflows = bool(pipeline.vae.config.get("force_upcast", True))
    for part in parts:
        folder, traced = building / part.name, models(part, scratch)
        for form in forms:
            stem = f"model{suffix(form)}"
            in_single = overflows and part.name.startswith("vae_")
            made = convert(traced, form, in_single=in_single, min_elements=min_elements)
            shards = save(made, folder, stem, shard_bytes)
            errors[form][part.name] = error_of(folder / f"{stem}.onnx", part)
            if not errors[form][part.name] <= GATES[form]:
                shutil.rmtree(building)
                shutil.rmtree(scratch, ignore_errors=True)
                raise ValueError(f"{part.name} in its {form} form is off by {errors[form][part.name]:.1e}.")
            variants.setdefault(part.name, []).append({
                "id": form,
                "compute": "float16" if form == "fp16" else "float32",
                "graph": f"{part.name}/{stem}.onnx",
                "weights": [f"{part.name}/{shard.name}" for shard in shards],
            })
        component = getattr(pipeline, "vae" if part.name.startswith("vae_") else part.name)
        shutil.rmtree(scratch, ignore_errors=True)
        is_text = part.name.startswith("text_")
        settings = component.config.to_dict() if is_text else _named(component)
        write_json(folder / "config.json", _plain(settings))
    (tokenizers or _write_tokenizers(pipeline))(building)
    write_json(building / "scheduler" / "scheduler_config.json", _plain(_named(pipeline.scheduler)))
    write_json(building / "model_index.json", _plain(_named(pipeline)))
    write_json(building / "manifest.json", build_manifest(pipeline, parts, variants, building, about))
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return errors


def error_of(graph: Path, part: Part) -> float:
    """Relative error of a written graph against its module, the worst of its outputs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, ["CPUExecutionProvider"])
    feeds = {name: example.numpy() for name, example in zip(part.inputs, part.examples, strict=True)}
    answers = session.run(list(part.outputs), feeds)
    with torch.no_grad():
        expected = part.module(*part.examples)
    rights = expected if isinstance(expected, tuple) else (expected,)
    return max(_relative(answer, right.numpy()) for answer, right in zip(answers, rights, strict=True))


def _relative(answer: np.ndarray, right: np.ndarray) -> float:
    return float(np.sqrt(((answer - right) ** 2).sum() / (right**2).sum()))


def _write_tokenizers(pipeline: DiffusionPipeline) -> WriteTokenizers:
    def write(folder: Path) -> None:
        for name in ("tokenizer", "tokenizer_2"):
            tokenizer = getattr(pipeline, name, None)
            if tokenizer is not None:
                window = getattr(pipeline, name.replace("tokenizer", "text_encoder")).config.max_position_embeddings
                write_tokenizer(folder / name, tokenizer, window)

    return write


def _named(component: Any) -> dict[str, object]:
    """The settings of a `diffusers` component with its class first, as the hub's files have them."""
    return {"_class_name": type(component).__name__, **dict(component.config)}


def _plain(settings: dict[str, object]) -> object:
    """As JSON, without the notes on defaults, versions and origin, which are not the same everywhere."""
    skipped = ("_use_default_values", "_name_or_path", "_diffusers_version")
    kept = {key: value for key, value in settings.items() if key not in skipped}
    return json.loads(json.dumps(kept, default=str))
