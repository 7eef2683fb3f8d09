"""The committed adapters and what they make follow from the code, and another adapter would be seen."""

import hashlib
import json

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from forge.lora_goldens.adapters import ADAPTERS, tensors_of
from forge.lora_goldens.cases import LORA_CASES
from forge.lora_goldens.golden import GOLDENS, check_reading, lora_hash, run_case
from forge.tiny.golden import psnr

torch.set_num_threads(1)
LISTED = json.loads((GOLDENS / "cases.json").read_text())


@pytest.mark.parametrize("name", list(ADAPTERS))
def test_file_is_the_adapter_and_diffusers_reads_it_so(name: str, tmp_path) -> None:
    path = tmp_path / f"{name}.safetensors"
    save_file(tensors_of(ADAPTERS[name]), path, ADAPTERS[name].metadata())
    committed = GOLDENS / path.name
    assert LISTED["files"][name]["sha256"] == hashlib.sha256(committed.read_bytes()).hexdigest()
    assert LISTED["files"][name]["loraHash"] == lora_hash(committed)
    check_reading(ADAPTERS[name], path)
    # A CPU with other vector instructions rounds the last bit of a sum otherwise.
    found, expected = load_file(path), load_file(committed)
    assert {k: (v.dtype, v.shape) for k, v in found.items()} == {k: (v.dtype, v.shape) for k, v in expected.items()}
    for key, value in expected.items():
        last_bit = torch.finfo(value.dtype).eps if value.is_floating_point() else 0
        assert torch.allclose(found[key].float(), value.float(), rtol=2 * last_bit, atol=last_bit), key
    assert safe_open(path, "pt").metadata() == safe_open(committed, "pt").metadata()


@pytest.mark.parametrize("case", LORA_CASES, ids=lambda case: case.id)
def test_case_is_what_the_reference_makes(case) -> None:
    entry = next(entry for entry in LISTED["cases"] if entry["id"] == case.id)
    blob = (GOLDENS / entry["file"]).read_bytes()
    count = int(np.prod(entry["latentShape"]))
    latent = np.frombuffer(blob, "<f4", count).reshape(entry["latentShape"])
    picture = np.frombuffer(blob, np.uint8, offset=4 * count).reshape(entry["pictureShape"])
    arrays = run_case(case)
    assert np.abs(arrays["latents"][-1] - latent).max() < 1e-3 * np.abs(latent).max()
    assert psnr(arrays["picture"], picture) > 50
    assert entry["withoutDb"] < 25
