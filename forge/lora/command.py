"""`python -m forge lora`: an adapter from a folder, a starter brand, or all four."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from forge.lora.adapter import Matrices
from forge.lora.base import shipped
from forge.lora.brands import BRANDS, brand, examples_of, taught
from forge.lora.examples import BadFolder, BrandMix, folder_examples, read_folder
from forge.lora.ship import metadata_of, write_adapter, write_brand
from forge.lora.train import LoraPlan, train
from forge.training import checkpoint_path, load, say

FEW = 8
"""Pictures below which an adapter rather learns the pictures than their style."""


def _facts(run: str, name: str, plan: LoraPlan) -> dict[str, str]:
    kept = load(checkpoint_path(run, f"lora-{name}"))
    return {"kiln.rank": str(plan.rank), "kiln.layers": plan.layers, "kiln.samples": str(kept["samples"]), "kiln.pictures": str(kept["examples"])}


def train_folder(run: str, folder: Path, id: str | None, name: str | None, trigger: str | None, out: Path | None, samples: int, minutes: float, plan: LoraPlan) -> Path:
    """Checks the whole folder before anything is loaded or trained."""
    id = id or re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "adapter"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", id):
        raise BadFolder(f"--id {id}: small letters, digits and hyphens only.")
    pairs = read_folder(folder)
    if len(pairs) < FEW:
        say("lora", note=f"only {len(pairs)} pictures; expect it to repeat them")
    base = shipped()
    matrices = train(base, run, id, lambda: folder_examples(folder, base.encoder, trigger), samples, minutes, plan)
    path = out or folder / f"{id}.safetensors"
    write_adapter(path, matrices, metadata_of(name or id, trigger, _facts(run, id, plan)))
    return path


def train_brand(run: str, id: str, samples: int, minutes: float, plan: LoraPlan, mix: BrandMix = BrandMix()) -> Path:
    base, it = shipped(), brand(id)
    matrices: Matrices = train(base, run, id, lambda: examples_of(run, it.style, base.encoder, mix), samples, minutes, plan)
    return write_brand(it, matrices, _facts(run, id, plan) | {"kiln.things": str(len(taught()))})


def lora(run: str, folder: Path | None, id: str | None, name: str | None, trigger: str | None, out: Path | None, brands: list[str], samples: int, minutes: float,
         rank: int | None, layers: str, part: float = 1.0) -> None:
    try:
        if folder is not None:
            print(train_folder(run, folder, id, name, trigger, out, samples, minutes, LoraPlan(rank=rank or 8, layers=layers)))
        for b in brands:
            print(train_brand(run, b, samples, minutes, LoraPlan(rank=rank or brand(b).rank, layers=layers), BrandMix().part_of(part)))
    except (BadFolder, ValueError) as error:
        sys.exit(f"forge lora: {error}")


ALL = [b.id for b in BRANDS]
