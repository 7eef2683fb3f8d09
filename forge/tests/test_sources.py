"""The loader of public clones, on six invented drawings in the real repositories' layout."""

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from forge.concepts import STYLES, TONES, all_concepts, genders
from forge.paths import data_dir
from forge.sources.build import build, build_folder
from forge.sources.clones import Drawing, concept_id
from forge.sources.digest import data_digest, describe, part_digests, pinned
from forge.sources.drawings import draw

TONE_POINTS = ("1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff")
# Folder of the source, code points, whether it has skin tones, colour. "Zig-zag kite" is not in blob.
INVENTED = (
    ("Blue Ball", "1fb01", False, (40, 90, 220)),
    ("Man juggling", "1fb02 200d 2642 fe0f", True, (120, 60, 160)),
    ("Person juggling", "1fb02", True, (60, 160, 120)),
    ("Piñata", "1fb04 fe0f", False, (230, 120, 30)),
    ("Woman juggling", "1fb02 200d 2640 fe0f", True, (200, 60, 60)),
    ("Zig-zag kite", "1fb06", False, (250, 210, 40)),
)


def _png(colour: tuple[int, int, int], size: tuple[int, int]) -> bytes:
    image = Image.new("RGBA", size)
    ImageDraw.Draw(image).ellipse((8, 8, size[0] - 8, size[1] - 8), fill=(*colour, 255))
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _svg(colour: tuple[int, int, int], extra: str = "") -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><circle cx="16" cy="16" r="14" fill="rgb{colour}"/>{extra}</svg>'.encode()


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


@pytest.fixture
def clones(tmp_path: Path) -> dict[str, Path]:
    roots = {name: tmp_path / "clones" / name for name in ("fluent", "noto", "blob")}
    for folder, points, toned, colour in INVENTED:
        name, place = folder.lower().replace(" ", "_"), roots["fluent"] / "assets" / folder
        facts = {"cldr": folder.lower(), "group": "Activities", "keywords": ["toy"], "tts": folder.lower(), "unicode": points}
        if toned:
            first, _, rest = points.partition(" ")
            facts["unicodeSkintones"] = [points, *(f"{first} {tone} {rest}".strip() for tone in TONE_POINTS)]
        _put(place / "metadata.json", json.dumps(facts, indent=2).encode())
        base, end = (place / "Default", "_default") if toned else (place, "")
        _put(base / "3D" / f"{name}_3d{end}.png", _png(colour, (256, 256)))
        _put(base / "Color" / f"{name}_color{end}.svg", _svg((1, 2, 3)))
        _put(base / "Flat" / f"{name}_flat{end}.svg", _svg(colour))
        _put(base / "High Contrast" / f"{name}_high_contrast{end}.svg", _svg((33, 33, 33)))
        for n, tone in enumerate(TONES if toned else ()):
            _put(place / tone.title() / "3D" / f"{name}_3d_{tone}.png", _png((250 - 40 * n, 200 - 35 * n, 150 - 25 * n), (256, 256)))
        stem = "emoji_u" + points.replace(" fe0f", "").replace(" ", "_")
        _put(roots["noto"] / "png" / "512" / f"{stem}.png", _png(colour, (512, 512)))
        _put(roots["noto"] / "png" / "128" / f"{stem}.png", _png((0, 0, 0), (128, 128)))
        if folder != "Zig-zag kite":
            _put(roots["blob"] / "svg" / f"{stem}.svg", _svg(colour))
            _put(roots["blob"] / "png" / "128" / f"{stem}.png", _png((0, 0, 0), (128, 128)))
    return roots


def _picture(folder: Path, style: str, name: str) -> np.ndarray:
    with zipfile.ZipFile(folder / f"{style}.zip") as archive:
        return np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("RGBA"))


def test_builds_the_folder_that_the_forge_reads(clones, tmp_path, monkeypatch):
    out = tmp_path / "data"
    counts = build(**clones, out=out)
    assert counts == {"fluent-3d": 6 + 3 * 5, "fluent-flat": 6, "fluent-line": 6, "noto": 6, "blob": 5}
    rows = json.loads((out / "concepts.json").read_text())
    assert [row["id"] for row in rows] == ["blue-ball", "man-juggling", "person-juggling", "pi-ata", "woman-juggling", "zig-zag-kite"]
    assert rows[0] == {
        "id": "blue-ball", "name": "blue ball", "cldr": "blue ball", "group": "Activities", "keywords": ["toy"],
        "unicode": "1fb01", "styles": list(STYLES),
    }
    assert [row.get("skinTones") for row in rows] == [None, list(TONES), list(TONES), None, list(TONES), None]
    assert rows[5]["styles"] == [style for style in STYLES if style != "blob"]
    for style in STYLES:
        with zipfile.ZipFile(out / f"{style}.zip") as archive:
            names = set(archive.namelist())
            assert {Image.open(io.BytesIO(archive.read(name))).size for name in names} == {(256, 256)}
        expected = {f"{row['id']}.webp" for row in rows if style in row["styles"]}
        if style == "fluent-3d":
            expected |= {f"{row['id']}.{tone}.webp" for row in rows for tone in row.get("skinTones", ())}
        assert names == expected
    for style in ("fluent-3d", "fluent-flat", "noto", "blob"):
        pixels = _picture(out, style, "blue-ball.webp").astype(int)
        assert np.abs(pixels[128, 128, :3] - (40, 90, 220)).max() <= 6, style
        assert pixels[128, 128, 3] == 255 and pixels[0, 0, 3] == 0
    light, dark = (_picture(out, "fluent-3d", f"man-juggling.{tone}.webp")[128, 128] for tone in ("light", "dark"))
    assert light.astype(int).sum() > dark.astype(int).sum() + 200

    monkeypatch.setenv("FORGE_DATA", str(out))
    assert all_concepts()["person-juggling"].tones == TONES
    assert genders("person-juggling") == [("person-juggling", None), ("man-juggling", "man"), ("woman-juggling", "woman")]


def test_ids_follow_the_folders_names():
    known = {"1st place medal": "1st-place-medal", "T-rex": "t-rex", "Up! button": "up-button", "Piñata": "pi-ata", "Pin\u0303ata": "pi-ata",
             "Person blonde hair": "person-blonde-hair", "Womans boot": "womans-boot", "Keycap hashtag": "keycap-hashtag"}
    assert {folder: concept_id(folder) for folder in known} == known


def test_a_drawing_with_text_comes_from_the_png(clones):
    svg = clones["blob"] / "svg" / "emoji_u1fb01.svg"
    svg.write_bytes(_svg((40, 90, 220), '<text x="4" y="20"><tspan>AB</tspan></text>'))
    raster = clones["blob"] / "png" / "128" / "emoji_u1fb01.png"
    picture = draw(Drawing("blob", "blue-ball", None, svg, raster), clones["blob"])
    assert picture.size == (256, 256) and picture.getpixel((128, 128)) == (0, 0, 0, 255)


BALL = Path("assets/Blue Ball")


def _break(fluent: Path, how: str) -> Path:
    """Breaks one file of the clone and returns it."""
    metadata, png, svg = (fluent / BALL / p for p in ("metadata.json", "3D/blue_ball_3d.png", "Flat/blue_ball_flat.svg"))
    match how:
        case "broken JSON":
            metadata.write_text('{"cldr": ')
        case "deep JSON":
            metadata.write_text("[" * 30_000)
        case "no JSON object":
            metadata.write_text("[]")
        case "a missing text":
            metadata.write_text('{"cldr": "ball"}')
        case "a path for code points":
            metadata.write_text(json.dumps({**json.loads(metadata.read_text()), "unicode": "../../secret"}))
        case "long JSON":
            metadata.write_text(" " * 70_000 + "{}")
        case "broken PNG" | "cut PNG":
            png.write_bytes(png.read_bytes()[:200] if how == "cut PNG" else b"no picture")
            return png
        case "huge PNG":
            Image.new("1", (5000, 10)).save(png)
            return png
        case "broken SVG":
            svg.write_text("<svg")
            return svg
        case "reaching SVG":
            svg.write_bytes(_svg((1, 2, 3), f'<image href="{png}" width="9" height="9"/>'))
            return svg
        case "link out of the clone":
            outside = fluent.parent / "outside.png"
            png.rename(outside)
            png.symlink_to(outside)
            return png
    return metadata


@pytest.mark.parametrize("how", (
    "broken JSON", "deep JSON", "no JSON object", "a missing text", "a path for code points", "long JSON", "broken PNG", "cut PNG",
    "huge PNG", "broken SVG", "reaching SVG", "link out of the clone",
))
def test_refuses_with_a_sentence_that_names_the_file(clones, tmp_path, how):
    broken = _break(clones["fluent"], how)
    with pytest.raises(SystemExit, match=r"\.$") as refusal:
        build_folder(**clones, out=tmp_path / "data")
    assert str(broken) in str(refusal.value)
    assert not (tmp_path / "data").exists() and not (tmp_path / "data.partial").exists()


def test_refuses_what_is_no_clone_and_what_would_be_overwritten(clones, tmp_path):
    with pytest.raises(ValueError, match="no clone of C1710/blobmoji"):
        build(clones["fluent"], clones["noto"], tmp_path, tmp_path / "data")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("kept")
    with pytest.raises(ValueError, match="not empty"):
        build(**clones, out=tmp_path / "full")
    assert (tmp_path / "full" / "mine.txt").read_text() == "kept"


def test_the_digest_is_of_the_content_alone(clones, tmp_path):
    build(**clones, out=tmp_path / "data")
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    # The same pictures in another order, deflated and dated.
    with zipfile.ZipFile(tmp_path / "data" / "noto.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "again" / "noto.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in reversed(files):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), files[name])
    first, again = part_digests(tmp_path / "data"), part_digests(tmp_path / "again")
    assert first == again and set(first) == {"concepts", *STYLES, "data"}
    with zipfile.ZipFile(tmp_path / "again" / "noto.zip", "w") as archive:
        for name in files:
            archive.writestr(name, files["pi-ata.webp"])
    changed = part_digests(tmp_path / "again")
    assert {part for part in first if first[part] != changed[part]} == {"noto", "data"}


def test_the_pin_names_every_part_and_another_set_is_told_in_one_sentence():
    assert set(pinned()) == {"concepts", *STYLES, "data"}
    assert all(len(digest) == 64 for digest in pinned().values())
    told = describe(data_dir())
    assert data_digest() in told and told.count("Warning: ") == 1
