"""Repositories that only the hub of the tests serves: a pipeline in every form, and the captioners."""

from __future__ import annotations

from pathlib import Path

import onnx

from forge.convert.export import write_pipeline
from forge.convert.parts import Part
from forge.paths import REPO
from forge.tiny.captioners import captioners, write_captioner
from forge.tiny.export import MODELS
from forge.tiny.manifest import about
from forge.tiny.models import build_pipeline

REPOSITORIES = REPO / "e2e" / "hub" / "repositories"
FORMS = ("fp16", "q8", "q4")
MIN_ELEMENTS = 128
"""Small enough that the tiny weights are quantized at all."""
SHARD_BYTES = 100_000
"""Small enough that some part has several weight files."""


def write_repositories() -> None:
    """Replaces `tiny-sd-forms`, made of the committed graphs of tiny-sd, and the captioners."""

    def committed(part: Part, _scratch: Path) -> onnx.ModelProto:
        return onnx.load(MODELS / "tiny-sd" / part.name / "model.onnx")

    settings = {**about("tiny-sd"), "id": "tiny-sd-forms", "name": "Tiny Stable Diffusion in three forms"}
    folder = REPOSITORIES / "tiny-sd-forms"
    pipeline = build_pipeline("tiny-sd")
    write_pipeline(pipeline, folder, settings, FORMS, shard_bytes=SHARD_BYTES, min_elements=MIN_ELEMENTS, models=committed)
    for captioner in captioners():
        write_captioner(captioner, REPOSITORIES / captioner.name)
