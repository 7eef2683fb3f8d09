"""The shipped starter: whole, small, made of allowed operators only, and equal to torch."""

import hashlib
import json

import onnx
import pytest
import torch

from forge.concepts import TONES
from forge.graph import ALLOWED_OPERATORS, INLINE_BYTES
from forge.measures import wilson
from forge.package import PARTS, relative_error
from forge.paths import MODELS
from forge.pipelines import OnnxParts, generate, open_session
from forge.reload import reload_decoder, reload_denoiser, reload_encoder, reload_text_encoder

FOLDER = MODELS / "starter"


def test_files_are_those_of_the_manifest() -> None:
    files = json.loads((FOLDER / "manifest.json").read_text())["files"]
    present = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()} - {"manifest.json", "README.md"}
    assert set(files) == present
    for path, fact in files.items():
        data = (FOLDER / path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (fact["sizeBytes"], fact["sha256"]), path
    assert sum(f["sizeBytes"] for f in files.values()) <= 20_000_000


@pytest.mark.parametrize("part", PARTS)
def test_graph_holds_allowed_operators_and_no_weights(part: str) -> None:
    model = onnx.load(FOLDER / part / "model.onnx", load_external_data=False)
    assert {n.op_type for n in model.graph.node} <= ALLOWED_OPERATORS
    for tensor in model.graph.initializer:
        assert len(tensor.raw_data) <= INLINE_BYTES, tensor.name
    assert {e.value for t in model.graph.initializer for e in t.external_data if e.key == "location"} == {"model.onnx_data"}


@pytest.mark.parametrize("part", PARTS)
def test_parts_equal_torch_with_the_shipped_weights(part: str) -> None:
    generator = torch.Generator().manual_seed(0)
    text, latent = torch.randn(2, 32, 256, generator=generator), torch.randn(2, 12, 16, 16, generator=generator)
    t, picture = torch.tensor([1000.0, 250.0]), torch.rand(1, 3, 256, 256, generator=generator) * 2 - 1
    ids = torch.randint(0, 4096, (2, 32), generator=generator, dtype=torch.int32)
    with torch.no_grad():
        feeds, answer = {
            "text_encoder": lambda: ({"input_ids": ids}, reload_text_encoder(FOLDER)(ids)),
            "transformer": lambda: ({"sample": latent, "timestep": t, "encoder_hidden_states": text}, reload_denoiser(FOLDER)(latent, t, text)),
            "vae_decoder": lambda: ({"latent_sample": latent}, reload_decoder(FOLDER)(latent)),
            "vae_encoder": lambda: ({"sample": picture}, reload_encoder(FOLDER)(picture)),
        }[part]()
    got = open_session(FOLDER / part / "model.onnx").run(None, {k: v.numpy() for k, v in feeds.items()})[0]
    assert relative_error(got, answer.numpy()) < 1e-4


def test_a_prompt_becomes_a_picture() -> None:
    pictures = generate(OnnxParts(FOLDER), ["a red apple on a blue background"], 4)
    assert pictures.shape == (1, 3, 256, 256) and pictures.isfinite().all()
    corners = pictures[0, :, [8, 8, -8, -8], [8, -8, 8, -8]].mean(1)
    assert corners.argmax() == 2, "the ground asked for is blue"


RESULTS_FOLDER = MODELS.parent.parent / "forge" / "results"
PROMISED = {"single, held-out (H2)": ("r1", 0.80), "pair, held-out (H1)": ("relation", 0.35), "count, held-out (H3)": ("both", 0.50),
            "colour, held-out (H4)": ("both", 0.55)}


def test_published_scores_meet_the_promise() -> None:
    """The gates of the CPU tier, at four steps, from the shipped weights; controls at chance."""
    results = json.loads((RESULTS_FOLDER / "starter.json").read_text())
    for name, (measure, gate) in PROMISED.items():
        score = results["scores"][f"q8, {name}, 4 steps"][measure]
        assert score["of"] >= 60 and score["share"] >= gate, name
    controls = results["scores"]["q8, never-trained controls (H6), 4 steps"]["r1"]
    # From the hits: what is published is rounded, and chance is smaller than that.
    assert controls["of"] == 200 and wilson(controls["hits"], controls["of"])[0] <= results["chance"]


def test_each_skin_tone_is_published_and_all_are_followed_more_often_than_chance() -> None:
    tones = json.loads((RESULTS_FOLDER / "starter.json").read_text())["skin tones"]
    assert set(tones) == {*TONES, "all"} and all(tones[t]["of"] == 30 for t in TONES)
    # One of them is not, and the card says so: what holds is said of all together.
    assert tones["all"]["low"] > 1 / 6


def test_published_scores_belong_to_the_shipped_weights() -> None:
    results, files = json.loads((RESULTS_FOLDER / "starter.json").read_text()), json.loads((FOLDER / "manifest.json").read_text())["files"]
    assert results["weights"] == files["transformer/model.onnx_data"]["sha256"]
