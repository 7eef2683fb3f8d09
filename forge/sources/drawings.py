"""A source's file becomes a picture of the data: 256 x 256 RGBA, as webp."""

from __future__ import annotations

import io
import re
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from forge.sources.clones import Drawing, bounded

SIZE = 256
MAX_PNG_BYTES = 8 * 1024 * 1024
MAX_PNG_SIDE = 4096
MAX_SVG_BYTES = 4 * 1024 * 1024
# These two give the very pixels of the shared set where the source is a PNG.
WEBP = {"quality": 90, "method": 4}
RESAMPLING = Image.Resampling.LANCZOS

# A reference to another file would be read from this machine; entities could hide one.
_OUTWARD = re.compile(r"""href\s*=\s*["'](?!\s*(#|data:))|<!ENTITY""", re.IGNORECASE)
_TEXT = re.compile(r"<text\b.*?</text>", re.DOTALL)


def _open_png(data: bytes, path: Path) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG",))
        if max(image.size) > MAX_PNG_SIDE:
            raise ValueError(f"{path} is {image.width} x {image.height} pixels; at most {MAX_PNG_SIDE} a side are read.")
        return image.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path} is not a readable PNG: {error}.") from error


def _read_svg(path: Path, root: Path) -> str:
    try:
        text = bounded(path, root, MAX_SVG_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not text in UTF-8.") from error
    if _OUTWARD.search(text):
        raise ValueError(f"{path} refers to something outside itself.")
    return text


def _shows_text(svg: str) -> bool:
    return any(re.sub(r"<[^>]*>", "", element).strip() for element in _TEXT.findall(svg))


def _rasterise(svg: str, path: Path) -> Image.Image:
    try:
        import resvg_py
    except ImportError as error:
        raise ValueError(f"{path} is an SVG: reading it needs the package resvg_py (pip install -r forge/requirements.txt).") from error
    try:
        # Without the machine's fonts, so that every machine draws the same.
        png = resvg_py.svg_to_bytes(svg_string=svg, width=SIZE, height=SIZE, skip_system_fonts=True)
    except ValueError as error:
        raise ValueError(f"{path} is not a readable SVG: {error}.") from error
    return _open_png(bytes(png), path)


def draw(drawing: Drawing, root: Path) -> Image.Image:
    """The drawing at 256 x 256 RGBA. Sources are square to within four per cent; the rest is stretched."""
    path = drawing.path
    if path.suffix == ".svg":
        svg = _read_svg(path, root)
        if not (drawing.raster and _shows_text(svg)):
            return _resized(_rasterise(svg, path))
        path = drawing.raster
    return _resized(_open_png(bounded(path, root, MAX_PNG_BYTES), path))


def _resized(image: Image.Image) -> Image.Image:
    return image if image.size == (SIZE, SIZE) else image.resize((SIZE, SIZE), RESAMPLING)


def to_webp(image: Image.Image) -> bytes:
    """The picture as the data holds it."""
    file = io.BytesIO()
    image.save(file, "WEBP", **WEBP)
    return file.getvalue()
