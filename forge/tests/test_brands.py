"""The shipped brands: small, on the shipped starter, and as good as the issue promises."""

import hashlib
import json

import pytest

from forge.lora.adapter import EVERYWHERE, layers_of, read_file
from forge.lora.base import base_hash, manifest
from forge.lora.brands import BRANDS
from forge.lora.name_judge import PIN as NAMES_PIN
from forge.lora.ship import ADAPTERS, MAX_BYTES
from forge.lora.style_judge import PIN
from forge.paths import MODELS, RESULTS
from forge.reload import reload_denoiser

RESULTS_FILE = RESULTS / "brands.json"
INDEX = json.loads((ADAPTERS / "index.json").read_text())["adapters"]


def test_the_list_names_the_files_that_are_there_and_their_base() -> None:
    assert [e["id"] for e in INDEX] == [b.id for b in BRANDS if b.id in {e["id"] for e in INDEX}]
    assert {p.name for p in ADAPTERS.glob("*.safetensors")} == {e["file"] for e in INDEX}
    for entry in INDEX:
        data = (ADAPTERS / entry["file"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["sizeBytes"], entry["sha256"]) and len(data) <= MAX_BYTES
        assert entry["base"] == manifest()["family"] and entry["baseSha256"] == base_hash(), "train it again: python -m forge lora --all"
        assert entry["credit"] and entry["licence"] in ("MIT", "Apache-2.0") and len(entry["colour"]) == 7


@pytest.fixture(scope="module")
def layers() -> dict[str, tuple[int, ...]]:
    net = reload_denoiser(MODELS / "starter")
    return {p: tuple(net.get_submodule(p).weight.shape) for p in layers_of(net, EVERYWHERE)}


@pytest.mark.parametrize("id", [e["id"] for e in INDEX])
def test_every_matrix_stands_beside_a_layer_of_the_starter(id: str, layers: dict[str, tuple[int, ...]]) -> None:
    matrices, metadata = read_file(ADAPTERS / f"{id}.safetensors")
    assert metadata["kiln.family"] == manifest()["family"] and metadata["kiln.base"] == base_hash()
    assert set(matrices) <= set(layers)
    for path, (down, up) in matrices.items():
        assert (up.shape[0], *down.shape[1:]) == layers[path], path
        assert 8 <= down.shape[0] == up.shape[1] <= 16 and down.isfinite().all() and up.isfinite().all() and up.any()


def test_published_scores_are_of_these_files() -> None:
    results = json.loads(RESULTS_FILE.read_text())
    assert results["adapters"] == {e["id"]: e["sha256"] for e in INDEX}
    assert results["base"] == base_hash() and results["judge"] == json.loads(PIN.read_text())["sha256"]
    assert results["names"] == json.loads(NAMES_PIN.read_text())["sha256"]
