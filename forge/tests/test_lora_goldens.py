"""The committed adapters and what they make follow from the code, and another adapter would be seen."""

import hashlib
import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

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
    assert committed.read_bytes() == path.read_bytes()
    assert LISTED["files"][name]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert LISTED["files"][name]["loraHash"] == lora_hash(path)
    check_reading(ADAPTERS[name], path)


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
