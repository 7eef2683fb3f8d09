"""`python -m forge sources`: public clones become the folder of data that the forge reads."""

from __future__ import annotations

import json
import shutil
import sys
import zipfile
from collections import Counter
from pathlib import Path

from forge.concepts import STYLES
from forge.sources.clones import read_clones
from forge.sources.digest import describe
from forge.sources.drawings import draw, to_webp


def build(fluent: Path, noto: Path, blob: Path, out: Path) -> Counter:
    """Writes concepts.json and a zip a style to `out`, whole or not at all. Returns the pictures of each style."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} is there and not empty; name a new folder with --out.")
    rows, drawings = read_clones(fluent, noto, blob)
    roots = {style: {"noto": noto, "blob": blob}.get(style, fluent) for style in STYLES}
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        (partial / "concepts.json").write_text(json.dumps(rows, indent=0, ensure_ascii=False))
        for style in STYLES:
            # webp does not shrink further, so the zip only holds it. A ZipInfo by name alone has a fixed date.
            with zipfile.ZipFile(partial / f"{style}.zip", "w", zipfile.ZIP_STORED) as archive:
                for drawing in drawings:
                    if drawing.style == style:
                        archive.writestr(zipfile.ZipInfo(drawing.name), to_webp(draw(drawing, roots[style])))
        if out.exists():
            out.rmdir()
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Counter(drawing.style for drawing in drawings)


def build_folder(fluent: Path, noto: Path, blob: Path, out: Path) -> None:
    """Ends the program with one sentence when the clones cannot be read."""
    try:
        counts = build(fluent, noto, blob, out)
    except (ValueError, OSError) as error:
        sys.exit(str(error))
    print(f"Wrote {out}: {', '.join(f'{style} {counts[style]}' for style in STYLES)}. Train on it with FORGE_DATA={out}")
    print(describe(out))
