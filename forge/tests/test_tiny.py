"""The committed tiny pipelines and goldens follow from the code, and a mistake would be seen."""

import json

import pytest
import torch

from forge.tiny.cases import CASES, SAMPLERS
from forge.tiny.check import check_golden, check_model
from forge.tiny.export import MODELS
from forge.tiny.golden import GOLDENS
from forge.tiny.models import MODEL_IDS
from forge.tiny.vocabulary import END, START, WINDOW, build_tokenizer, vocabulary, write_tokenizer

torch.set_num_threads(1)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.mark.parametrize("model_id", MODEL_IDS)
def test_exported_pipeline_is_its_modules(model_id: str) -> None:
    assert check_model(model_id) == []


@pytest.mark.parametrize("case_id", [case.id for case in CASES])
def test_golden_holds(case_id: str) -> None:
    assert check_golden(case_id) == []


def test_every_case_is_recorded_and_every_sampler_asked() -> None:
    recorded = [entry["id"] for entry in json.loads((GOLDENS / "cases.json").read_text())["cases"]]
    assert recorded == [case.id for case in CASES]
    assert {case.sampler for case in CASES} == {*SAMPLERS, "flow-euler"}


@pytest.mark.parametrize(("folder", "pad"), [("tokenizer", END), ("tokenizer_2", "!")])
def test_tokenizer_files_are_learned_from_the_words(folder: str, pad: str, tmp_path) -> None:
    write_tokenizer(tmp_path, pad)
    committed = MODELS / "tiny-sdxl" / folder
    for path in tmp_path.iterdir():
        assert (committed / path.name).read_bytes() == path.read_bytes()


def test_tokenizer_is_clip_shaped() -> None:
    ids, _ = vocabulary()
    window = build_tokenizer("!")("A red House", padding="max_length", max_length=WINDOW).input_ids
    assert len(window) == WINDOW
    assert window[0] == ids[START]
    end = window.index(ids[END])
    assert ids[END] == len(ids) - 1
    spelled = {index: token for token, index in ids.items()}
    assert "".join(spelled[token] for token in window[1:end]) == "a</w>red</w>house</w>"
    assert set(window[end + 1 :]) == {ids["!"]} == {0}
