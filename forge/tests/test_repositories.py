"""What the test hub serves follows from the code: each captioner's graphs answer as the modules they came from."""

import json

import pytest
import torch

from forge.convert.export import GATES, error_of
from forge.convert.manifest import describe_files
from forge.convert.parts import list_parts
from forge.tiny.captioners import captioners
from forge.tiny.models import build_pipeline
from forge.tiny.repositories import FORMS, REPOSITORIES

torch.set_num_threads(1)


def test_captioners_answer_as_their_modules() -> None:
    for captioner in captioners():
        for part in captioner.parts:
            error = error_of(REPOSITORIES / captioner.name / "onnx" / f"{part.name}.onnx", part)
            assert error < 1e-4, f"{captioner.name}/{part.name} is off by {error:.1e}"


def test_captioners_are_small() -> None:
    folders = [REPOSITORIES / captioner.name for captioner in captioners()]
    assert sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()) < 1_500_000


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_pipeline_is_near_its_modules(form: str) -> None:
    folder = REPOSITORIES / "tiny-sd-forms"
    for part in list_parts(build_pipeline("tiny-sd")):
        assert error_of(folder / part.name / f"model_{form}.onnx", part) <= GATES[form]


def test_the_manifest_vouches_for_every_file() -> None:
    folder = REPOSITORIES / "tiny-sd-forms"
    assert json.loads((folder / "manifest.json").read_text())["files"] == describe_files(folder)
