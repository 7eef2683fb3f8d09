"""The set of pictures by its content: a sha256 over names and decoded pixels, compared with the committed pin.

Dates, order and compression of the zips do not count. `forge/data.sha256` pins the shared set, a line a part, in the
form of sha256sum; its last line is the whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from forge.concepts import STYLES
from forge.paths import ROOT, data_dir, runs_dir

PIN = ROOT / "data.sha256"
WHOLE = "data"


def _pictures(path: Path) -> str:
    total = hashlib.sha256()
    with zipfile.ZipFile(path) as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".webp")):
            pixels = np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGBA"))
            total.update(name.encode() + b"\0" + struct.pack("<II", pixels.shape[1], pixels.shape[0]) + pixels.tobytes())
    return total.hexdigest()


def part_digests(folder: Path) -> dict[str, str]:
    """sha256 of concepts.json (its content) and of each style there is, then of all of them together under "data".

    Decoding takes ten seconds, so the answer is kept under FORGE_RUNS for as long as no file changes.
    """
    folder = folder.resolve()
    files = [folder / "concepts.json", *(p for style in STYLES if (p := folder / f"{style}.zip").is_file())]
    state = json.dumps([(str(p), p.stat().st_size, p.stat().st_mtime_ns) for p in files])
    kept = runs_dir() / "cache" / f"digest-{hashlib.sha256(state.encode()).hexdigest()[:16]}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    concepts = json.dumps(json.loads(files[0].read_text()), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    parts = {"concepts": hashlib.sha256(concepts.encode()).hexdigest(), **{p.stem: _pictures(p) for p in files[1:]}}
    parts[WHOLE] = hashlib.sha256("".join(f"{digest}  {part}\n" for part, digest in parts.items()).encode()).hexdigest()
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(json.dumps(parts))
    return parts


def data_digest() -> str:
    """sha256 of the set in use: what a run's results record."""
    return part_digests(data_dir())[WHOLE]


def pinned() -> dict[str, str]:
    """The committed digests by part."""
    return {part: digest for digest, part in (line.split() for line in PIN.read_text().splitlines())}


def describe(folder: Path) -> str:
    """The digest of `folder` and, where it is not the pinned set, one sentence that says which parts differ."""
    own, pin = part_digests(folder), pinned()
    told = f"sha256 of the pictures: {own[WHOLE]}"
    if own[WHOLE] == pin[WHOLE]:
        return f"{told}, the pinned set."
    other = [part for part in pin if part != WHOLE and own.get(part) != pin[part]]
    return f"{told}\nWarning: this is not the set pinned in forge/{PIN.name} (other in {', '.join(other)}), so numbers trained on it are not comparable with the published ones."
