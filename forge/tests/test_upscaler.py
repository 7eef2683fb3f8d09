"""The upscaler: what it may see, what it starts from, a smoke run that resumes, and the shipped graph against torch."""

import hashlib
import json

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

from forge import train_upscaler
from forge.concepts import BASE_STYLE
from forge.export_upscaler import manifest, upscaler_graph
from forge.graph import ALLOWED_OPERATORS, INLINE_BYTES
from forge.paths import MODELS
from forge.pictures import load_pictures
from forge.pipelines import open_session
from forge.reload import read_weights
from forge.splits import control_concepts
from forge.train_upscaler import Scenes, reduce, resample
from forge.training import checkpoint_path, load
from forge.upscaler import HALO, Upscaler, upscale

FOLDER = MODELS / "upscaler"


def shipped_net() -> Upscaler:
    """The shipped weights in torch."""
    net, values = Upscaler(), read_weights(FOLDER / "model.onnx")
    with torch.no_grad():
        for name, p in net.named_parameters():
            p.copy_(torch.from_numpy(np.array(values[name])).reshape(p.shape))
    return net.eval()


def relative_error(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.sqrt(((a - b) ** 2).sum() / (b**2).sum()))


def test_it_starts_as_bicubic_interpolation() -> None:
    generator = torch.Generator().manual_seed(1)
    # Mild contrast: Pillow clips between its two passes.
    pictures = torch.rand(2, 3, 24, 32, generator=generator) * 0.6 - 0.3
    expected = resample(pictures, Image.Resampling.BICUBIC)
    with torch.no_grad():
        got = upscale(Upscaler(), pictures)
    # Inside: Pillow treats edges otherwise. Both round to 8 bits once.
    inner = (slice(None), slice(None), slice(6, -6), slice(6, -6))
    assert (got[inner] - expected[inner]).abs().max() < 2.1 / 127.5


@pytest.mark.parametrize("offset", [0, 2])
def test_nothing_beyond_the_halo_is_seen(offset: int) -> None:
    net = shipped_net()
    side = 2 * HALO + 16
    first = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(2)) * 2 - 1
    second = first.clone()
    middle = side // 2 + offset
    second[..., : middle - HALO] = -second[..., : middle - HALO]
    with torch.no_grad():
        difference = (net(first) - net(second)).abs().amax((0, 1, 2))
    assert difference[2 * middle :].max() < 1e-6
    assert difference[2 * (middle - HALO)] > 1e-3


def test_training_scenes_hold_no_control_concept() -> None:
    pictures = load_pictures(64)
    scenes = Scenes(pictures, torch.Generator().manual_seed(0))
    seen = {pictures.entries[row].concept for groups in scenes.groups.values() for rows in groups for row in rows}
    assert seen and not seen & set(control_concepts())


def test_a_smoke_run_trains_and_goes_on_after_a_stop() -> None:
    pictures = load_pictures(64)
    score = train_upscaler.train("upscaler-smoke", 16, float("inf"), batch=8, width=8, blocks=1, pictures=pictures)
    kept = load(checkpoint_path("upscaler-smoke", "upscaler"))
    assert score > 10 and kept["samples"] == 16
    before = checkpoint_path("upscaler-smoke", "upscaler").stat().st_mtime_ns
    assert train_upscaler.train("upscaler-smoke", 16, float("inf"), pictures=pictures) == score
    assert checkpoint_path("upscaler-smoke", "upscaler").stat().st_mtime_ns == before


@pytest.mark.parametrize(("bits", "limit"), [(0, 1e-5), (8, 0.02)])
@pytest.mark.parametrize("size", [(40, 64), (62, 34)])
def test_the_graph_agrees_with_torch_at_any_even_size(bits: int, limit: float, size: tuple[int, int], tmp_path) -> None:
    torch.manual_seed(0)
    net = Upscaler()
    for p in net.parameters():
        if not p.any():
            torch.nn.init.normal_(p, std=0.02)
    graph = upscaler_graph(net, bits)
    assert {n.op_type for n in graph.nodes} <= ALLOWED_OPERATORS
    graph.write(tmp_path)
    sample = torch.rand(1, 3, *size) * 2 - 1
    with torch.no_grad():
        answer = net(sample).numpy()
    got = open_session(tmp_path / "model.onnx").run(None, {"sample": sample.numpy()})[0]
    assert got.shape == (1, 3, 2 * size[0], 2 * size[1])
    assert relative_error(got, answer) < limit


def test_the_shipped_files_are_those_of_the_manifest() -> None:
    told = json.loads((FOLDER / "manifest.json").read_text())
    assert told == manifest(FOLDER)
    for path, fact in told["files"].items():
        assert hashlib.sha256((FOLDER / path).read_bytes()).hexdigest() == fact["sha256"]
    assert sum(f["sizeBytes"] for f in told["files"].values()) < 600_000
    assert json.loads((MODELS / "upscalers.json").read_text()) == {"upscalers": ["upscaler"]}
    assert "upscaler" not in json.loads((MODELS / "index.json").read_text())["models"]
    graph = onnx.load(FOLDER / "model.onnx", load_external_data=False).graph
    assert {n.op_type for n in graph.node} <= ALLOWED_OPERATORS
    assert all(len(t.raw_data) <= INLINE_BYTES for t in graph.initializer)


def test_the_shipped_graph_equals_torch_and_beats_bicubic_on_the_fixture() -> None:
    net = shipped_net()
    pictures = load_pictures(96)
    rows = [rows[0] for (style, _), rows in pictures.by_concept.items() if style == BASE_STYLE]
    rgba = pictures.take(rows)
    truth = (rgba[:, :3] + (1 - rgba[:, 3:]) * 0.6) * 2 - 1
    small = reduce(truth)
    with torch.no_grad():
        answer = net(small)
        large = upscale(net, small)
    got = open_session(FOLDER / "model.onnx").run(None, {"sample": small.numpy()})[0]
    assert relative_error(got, answer.numpy()) < 1e-5
    bicubic = resample(small, Image.Resampling.BICUBIC)
    assert (large - truth).pow(2).mean() < 0.7 * (bicubic - truth).pow(2).mean()

