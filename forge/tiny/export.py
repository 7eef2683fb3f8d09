"""Writes the tiny pipelines in the hub's diffusers layout."""

from __future__ import annotations

from pathlib import Path

from forge.convert.export import write_pipeline
from forge.paths import REPO
from forge.tiny.manifest import about
from forge.tiny.models import build_pipeline
from forge.tiny.vocabulary import write_tokenizer

MODELS = REPO / "e2e" / "models"


def export_model(model_id: str, folder: Path) -> None:
    """Replaces `folder` by the pipeline: graphs, weights, tokenizers, scheduler settings and manifest."""
    pipeline = build_pipeline(model_id)

    def write_tokenizers(there: Path) -> None:
        for name in ("tokenizer", "tokenizer_2"):
            tokenizer = getattr(pipeline, name, None)
            if tokenizer is not None:
                write_tokenizer(there / name, tokenizer.pad_token)

    write_pipeline(pipeline, folder, about(model_id), tokenizers=write_tokenizers)
