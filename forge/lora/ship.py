"""Writes adapters for the studio: public/adapters/ID.safetensors, and the list of them that brand kits are made from."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from forge.lora.adapter import Matrices, file_bytes, read_file
from forge.lora.base import base_hash, manifest
from forge.lora.brands import BRANDS, Brand
from forge.paths import REPO

ADAPTERS = REPO / "public" / "adapters"
MAX_BYTES = 2_000_000


def metadata_of(name: str, trigger: str | None, facts: dict[str, str]) -> dict[str, str]:
    """What the file says about itself; `kiln.family` is what the studio compares with the loaded model."""
    told = {"format": "pt", "kiln.family": manifest()["family"], "kiln.base": base_hash(), "modelspec.title": name}
    if trigger:
        told["modelspec.trigger_phrase"] = trigger
    return told | facts


def write_adapter(path: Path, matrices: Matrices, metadata: dict[str, str]) -> str:
    """Returns the file's sha256."""
    data = file_bytes(matrices, metadata)
    if len(data) > MAX_BYTES:
        raise ValueError(f"the adapter has {len(data)} bytes, more than {MAX_BYTES}; a lower rank makes it smaller")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def write_brand(brand: Brand, matrices: Matrices, facts: dict[str, str], folder: Path = ADAPTERS) -> Path:
    path = folder / f"{brand.id}.safetensors"
    told = metadata_of(brand.name, None, facts | {"modelspec.description": brand.summary, "modelspec.license": brand.licence, "modelspec.author": brand.credit})
    write_adapter(path, matrices, told)
    write_index(folder)
    return path


def write_index(folder: Path = ADAPTERS) -> None:
    """The brands that are there, in their order."""
    entries = []
    for b in BRANDS:
        path = folder / f"{b.id}.safetensors"
        if path.exists():
            data, told = path.read_bytes(), read_file(path)[1]
            entries.append({"id": b.id, "name": b.name, "summary": b.summary, "file": path.name, "sha256": hashlib.sha256(data).hexdigest(), "sizeBytes": len(data),
                            "base": told["kiln.family"], "baseSha256": told["kiln.base"],
                            "colour": b.colour, "trigger": "", "credit": b.credit, "licence": b.licence})
    (folder / "index.json").write_text(json.dumps({"format": 1, "adapters": entries}, indent=2) + "\n")
