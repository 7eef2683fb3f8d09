"""Pictures: the zips decoded once to a memory-mapped cache, and the composer that puts an object on a ground."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from forge.concepts import STYLES, all_concepts
from forge.paths import data_dir, runs_dir


@dataclass(frozen=True)
class Entry:
    """One cached picture. `tone` is the skin tone, or None for the default drawing."""

    style: str
    concept: str
    tone: str | None


class Pictures:
    """`rgba[n]` is [4, size, size] uint8 with premultiplied alpha; `entries[n]` says what it shows."""

    def __init__(self, rgba: np.ndarray, entries: list[Entry]):
        self.rgba, self.entries = rgba, entries
        self.by_concept: dict[tuple[str, str], list[int]] = {}
        for n, e in enumerate(entries):
            self.by_concept.setdefault((e.style, e.concept), []).append(n)

    def take(self, index: torch.Tensor | list[int]) -> torch.Tensor:
        """Pictures as float [B, 4, size, size] in [0, 1], premultiplied."""
        rows = np.asarray(index)
        return torch.from_numpy(self.rgba[rows]).float().div_(255)


def _decode(data: bytes, size: int) -> np.ndarray:
    image = np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"), dtype=np.float32)
    image[..., :3] *= image[..., 3:] / 255
    pixels = image.round().astype(np.uint8)
    if pixels.shape[0] != size:
        # Premultiplied, channel by channel: PIL would premultiply RGBA once more.
        planes = [Image.fromarray(np.ascontiguousarray(pixels[..., c])).resize((size, size), Image.Resampling.LANCZOS) for c in range(4)]
        pixels = np.stack([np.asarray(p) for p in planes], -1)
    return pixels.transpose(2, 0, 1)


def build_cache(size: int) -> Path:
    """Decodes every picture of every style to `size` px. Written whole or not at all; another set has another cache."""
    from forge.sources.digest import data_digest

    folder = runs_dir() / "cache"
    folder.mkdir(exist_ok=True)
    stem = f"rgba{size}-{data_digest()[:12]}"
    target = folder / f"{stem}.npy"
    if target.exists():
        return target
    known = all_concepts()
    jobs = []
    for style in STYLES:
        path = data_dir() / f"{style}.zip"
        if not path.exists():
            continue
        archive = zipfile.ZipFile(path)
        for name in sorted(n for n in archive.namelist() if n.endswith(".webp")):
            concept, _, tone = name.removesuffix(".webp").partition(".")
            if concept in known:
                jobs.append((archive, name, Entry(style, concept, tone or None)))
    partial = folder / f"{stem}.partial.npy"
    out = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(jobs), 4, size, size))
    for n, (archive, name, _) in enumerate(jobs):
        out[n] = _decode(archive.read(name), size)
    out.flush()
    (folder / f"{stem}.json").write_text(json.dumps([[e.style, e.concept, e.tone] for _, _, e in jobs]))
    partial.rename(target)
    return target


def load_pictures(size: int) -> Pictures:
    """The cache, memory-mapped; built first where it is missing."""
    path = build_cache(size)
    entries = [Entry(*row) for row in json.loads(path.with_suffix(".json").read_text())]
    return Pictures(np.load(path, mmap_mode="r"), entries)


def compose(
    rgba: torch.Tensor, ground: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor,
    mirror: torch.Tensor | None = None, size: int | None = None,
) -> torch.Tensor:
    """Objects on flat grounds: [B, 3, size, size] in [-1, 1].

    rgba [B, 4, S, S] premultiplied; ground [B, 3] in [0, 1]; scale [B] is the object's share of the frame;
    shift [B, 2] moves it by shares of the frame (x right, y down); mirror [B] bool flips it.
    """
    count, size = len(rgba), size or rgba.shape[-1]
    theta = torch.zeros(count, 2, 3)
    flip = 1.0 if mirror is None else 1.0 - 2.0 * mirror.float()
    theta[:, 0, 0] = flip / scale
    theta[:, 1, 1] = 1 / scale
    theta[:, 0, 2] = -2 * shift[:, 0] / scale * flip
    theta[:, 1, 2] = -2 * shift[:, 1] / scale
    grid = F.affine_grid(theta, [count, 4, size, size], align_corners=False)
    rgba = F.grid_sample(rgba, grid, align_corners=False)
    return (rgba[:, :3] + (1 - rgba[:, 3:]) * ground[:, :, None, None]) * 2 - 1


def place(canvas: torch.Tensor, rgba: torch.Tensor, centre: torch.Tensor, side: torch.Tensor, mirror: torch.Tensor | None = None) -> torch.Tensor:
    """Lays one drawing on each canvas [B, 3, H, W] (values in [0, 1]).

    rgba [B, 4, S, S] premultiplied; centre [B, 2] in canvas pixels (x, y); side [B] is the drawing's side in canvas pixels.
    """
    count, _, height, width = canvas.shape
    flip = torch.ones(count) if mirror is None else 1.0 - 2.0 * mirror.float()
    theta = torch.zeros(count, 2, 3)
    theta[:, 0, 0] = flip * width / side
    theta[:, 1, 1] = height / side
    theta[:, 0, 2] = flip * (width - 2 * centre[:, 0]) / side
    theta[:, 1, 2] = (height - 2 * centre[:, 1]) / side
    if float(side.max()) < 0.6 * rgba.shape[-1]:
        # A much smaller copy: average first, or bilinear sampling would skip pixels.
        rgba = F.avg_pool2d(rgba, 2)
    grid = F.affine_grid(theta, [count, 4, height, width], align_corners=False)
    rgba = F.grid_sample(rgba, grid, align_corners=False)
    return rgba[:, :3] + (1 - rgba[:, 3:]) * canvas
