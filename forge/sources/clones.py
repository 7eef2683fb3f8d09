"""Reads the layout of the three sources' repositories: which concepts there are, and which file draws what.

microsoft/fluentui-emoji has one folder a concept, `assets/NAME`, with `metadata.json` and either a folder per style
(`3D`, `Flat`, `High Contrast`) or, for people, one per skin tone (`Default`, `Light`, …) and the styles below it. A man,
a woman and the neutral form are three folders. googlefonts/noto-emoji and C1710/blobmoji name their files by code points.

A clone is somebody else's data: every file is bounded before it is read, and none is followed out of its clone.
Errors are ValueErrors of one sentence that names the file.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from forge.concepts import TONES

FLUENT_FOLDERS = {"fluent-3d": ("3D", ".png"), "fluent-flat": ("Flat", ".svg"), "fluent-line": ("High Contrast", ".svg")}
MAX_FOLDERS = 10_000
MAX_METADATA_BYTES = 64 * 1024
_CODE_POINTS = re.compile(r"[0-9a-f]{1,6}( [0-9a-f]{1,6}){0,15}")


@dataclass(frozen=True)
class Drawing:
    """One picture to be made: of `concept` in `style`, in a skin tone or (None) as it is drawn by default.

    `path` holds it; `raster` is a smaller PNG of the same, for an SVG whose look depends on installed fonts.
    """

    style: str
    concept: str
    tone: str | None
    path: Path
    raster: Path | None = None

    @property
    def name(self) -> str:
        """The file's name in the data: ID.webp or ID.TONE.webp."""
        return f"{self.concept}.{self.tone}.webp" if self.tone else f"{self.concept}.webp"


def concept_id(folder: str) -> str:
    """The id of a concept from its folder's name: "Man artist" is man-artist, "T-rex" is t-rex, "Piñata" is pi-ata."""
    return re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFC", folder).lower()).strip("-")


def inside(path: Path, root: Path) -> Path:
    """`path`, unless a link leads out of the clone at `root`."""
    if not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{path} leads out of its clone {root}.")
    return path


def bounded(path: Path, root: Path, limit: int) -> bytes:
    """The bytes of a file of the clone at `root`, of at most `limit` bytes."""
    size = inside(path, root).stat().st_size
    if size > limit:
        raise ValueError(f"{path} has {size} bytes; no file of its kind has more than {limit}.")
    return path.read_bytes()


def read_metadata(path: Path, root: Path) -> dict:
    """A concept's own facts in the order of concepts.json: name, cldr, group, keywords, unicode."""
    try:
        raw = json.loads(bounded(path, root, MAX_METADATA_BYTES))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not readable JSON: {error}.") from error
    if not isinstance(raw, dict):
        raise ValueError(f"{path} is not a JSON object.")
    for key in ("tts", "cldr", "group", "unicode"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            raise ValueError(f"{path} has no text under {key!r}.")
    keywords = raw.get("keywords")
    if not isinstance(keywords, list) or not all(isinstance(k, str) for k in keywords):
        raise ValueError(f"{path} has no list of texts under 'keywords'.")
    if not _CODE_POINTS.fullmatch(raw["unicode"]):
        raise ValueError(f"{path} has {raw['unicode']!r} under 'unicode', which is not a row of code points.")
    return {"name": raw["tts"], "cldr": raw["cldr"], "group": raw["group"], "keywords": keywords, "unicode": raw["unicode"]}


def _only(folder: Path, suffix: str, root: Path) -> Path | None:
    # The first by name: one folder of the source holds the same drawing twice.
    files = sorted(p for p in folder.iterdir() if p.suffix == suffix and not p.name.startswith(".")) if folder.is_dir() else []
    return inside(files[0], root) if files else None


def _existing(path: Path, root: Path) -> Path | None:
    return inside(path, root) if path.is_file() else None


def _fluent(folder: Path, concept: str, root: Path) -> list[Drawing]:
    default = folder / "Default" if (folder / "Default").is_dir() else folder
    found = [(style, None, _only(default / name, suffix, root)) for style, (name, suffix) in FLUENT_FOLDERS.items()]
    # Skin tones are told apart in the base style alone: Light … Medium-Dark, Dark are the folders' names.
    found += [("fluent-3d", tone, _only(folder / tone.title() / "3D", ".png", root)) for tone in TONES]
    return [Drawing(style, concept, tone, path) for style, tone, path in found if path]


def _by_code_points(unicode: str, concept: str, noto: Path, blob: Path) -> list[Drawing]:
    # Both name a file by its code points without the variation selector.
    stem = "emoji_u" + "_".join(point for point in unicode.split() if point != "fe0f")
    drawings = []
    if path := _existing(noto / "png" / "512" / f"{stem}.png", noto) or _existing(noto / "png" / "128" / f"{stem}.png", noto):
        drawings.append(Drawing("noto", concept, None, path))
    raster = _existing(blob / "png" / "128" / f"{stem}.png", blob)
    if path := _existing(blob / "svg" / f"{stem}.svg", blob):
        drawings.append(Drawing("blob", concept, None, path, raster))
    elif raster:
        drawings.append(Drawing("blob", concept, None, raster))
    return drawings


def read_clones(fluent: Path, noto: Path, blob: Path) -> tuple[list[dict], list[Drawing]]:
    """The rows of concepts.json, in the order of the folders' names, and every drawing of them.

    Left out: folders without metadata.json, and concepts that nobody draws.
    """
    for clone, source, part in ((fluent, "microsoft/fluentui-emoji", "assets"), (noto, "googlefonts/noto-emoji", "png"), (blob, "C1710/blobmoji", "svg")):
        if not (clone / part).is_dir():
            raise ValueError(f"{clone} is no clone of {source}: it has no folder {part}.")
    folders = sorted(p for p in (fluent / "assets").iterdir() if (p / "metadata.json").is_file())
    if not 0 < len(folders) <= MAX_FOLDERS:
        raise ValueError(f"{fluent / 'assets'} has {len(folders)} folders with a metadata.json; 1 to {MAX_FOLDERS} were expected.")
    rows, drawings, seen = [], [], {}
    for folder in folders:
        concept = concept_id(folder.name)
        if not concept or concept in seen:
            other = f"the id of {seen[concept]} too" if concept else "empty"
            raise ValueError(f"{folder} would have the id {concept!r}, which is {other}.")
        seen[concept] = folder
        row = {"id": concept, **read_metadata(folder / "metadata.json", fluent)}
        own = _fluent(folder, concept, fluent) + _by_code_points(row["unicode"], concept, noto, blob)
        if not own:
            continue
        row["styles"] = [d.style for d in own if d.tone is None]
        if tones := [d.tone for d in own if d.tone]:
            row["skinTones"] = tones
        rows.append(row)
        drawings += own
    return rows, drawings
