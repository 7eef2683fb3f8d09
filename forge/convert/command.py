"""`python -m forge export FOLDER`: converts a checkpoint and says what became of it."""

from __future__ import annotations

import sys
from pathlib import Path

import torch

from forge.convert.blip import convert_blip, kind_of
from forge.convert.export import export_folder
from forge.convert.forms import FORMS


def convert_folder(folder: Path, out: Path | None, dtypes: str) -> None:
    """Ends the program with one sentence when `folder` cannot be converted."""
    forms = [form.strip() for form in dtypes.split(",") if form.strip()]
    unknown = [form for form in forms if form not in FORMS]
    if unknown or not forms:
        sys.exit(f"--dtypes takes some of {','.join(FORMS)}, not {dtypes!r}.")
    out = out or folder.resolve().with_name(f"{folder.resolve().name}-browser")
    if out.exists() and not (out / "manifest.json").is_file():
        sys.exit(f"{out} is there and is no converted model; name another folder with --out.")
    try:
        with torch.no_grad():
            errors = convert_blip(folder, out, forms) if kind_of(folder) else export_folder(folder, out, forms)
    except ValueError as error:
        sys.exit(str(error))
    for form, parts in errors.items():
        told = ", ".join(f"{part} {error:.1e}" for part, error in parts.items())
        print(f"{form}: relative error {told}")
    total = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"Wrote {out} ({total / 1e6:.1f} MB). The studio's model library takes it as a folder.")
