"""Writes the tiny pipelines in the hub's diffusers layout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from forge.paths import REPO
from forge.tiny.manifest import build_manifest, write_json
from forge.tiny.models import build_pipeline
from forge.tiny.onnx_file import save, trace
from forge.tiny.parts import list_parts
from forge.tiny.vocabulary import write_tokenizer

MODELS = REPO / "e2e" / "models"


def export_model(model_id: str, folder: Path) -> None:
    """Replaces `folder` by the pipeline: graphs, weights, tokenizers, scheduler settings and manifest."""
    finished, folder = folder, folder.with_name(f".{folder.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    pipeline = build_pipeline(model_id)
    parts = list_parts(pipeline)
    for part in parts:
        save(trace(part), folder / part.name)
        component = getattr(pipeline, "vae" if part.name.startswith("vae_") else part.name)
        settings = component.config.to_dict() if part.name.startswith("text_") else dict(component.config)
        write_json(folder / part.name / "config.json", _plain(settings))
    for name in ("tokenizer", "tokenizer_2"):
        tokenizer = getattr(pipeline, name, None)
        if tokenizer is not None:
            write_tokenizer(folder / name, tokenizer.pad_token)
    (folder / "scheduler").mkdir()
    write_json(folder / "scheduler" / "scheduler_config.json", _plain(dict(pipeline.scheduler.config)))
    write_json(folder / "model_index.json", _plain(dict(pipeline.config)))
    write_json(folder / "manifest.json", build_manifest(model_id, pipeline, parts, folder))
    shutil.rmtree(finished, ignore_errors=True)
    folder.rename(finished)


def _plain(settings: dict[str, object]) -> object:
    """As JSON, without the notes on defaults and origin, whose order is not fixed."""
    kept = {key: value for key, value in settings.items() if key not in ("_use_default_values", "_name_or_path")}
    return json.loads(json.dumps(kept, default=str))
