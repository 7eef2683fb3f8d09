"""Every stage at a tiny size, resumed once, up to an exported folder that agrees with torch."""

import numpy as np
import pytest
import torch

from forge import latents, train_autoencoder, train_denoiser
from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.captions import corpus
from forge.denoiser import Denoiser, DenoiserShape
from forge.evaluator import train as evaluator_train
from forge.export_parts import decoder_graph, denoiser_graph, encoder_graph, text_encoder_graph
from forge.graph import ALLOWED_OPERATORS
from forge.package import relative_error
from forge.pipelines import open_session
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import WINDOW, build_tokenizer, tokenizer_folder, write_tokenizer
from forge.training import checkpoint_path, load

CODEC = AutoencoderShape(widths=(16, 16, 32))
UNET = DenoiserShape(channels=32, width=64, layers=2, heads=2, text_width=64, condition=64)
TEXT = TextShape(vocab=1024, width=64, layers=1, heads=2)


@pytest.fixture(scope="module", autouse=True)
def stages() -> None:
    """Trains everything once for the tests below."""
    train_autoencoder.train("smoke", 32, float("inf"), batch=8, shape=CODEC, size=64)
    evaluator_train.train("smoke", 32, float("inf"), batch=16, widths=(8, 16, 32), size=64)
    for shard in (0, 1):
        latents.encode("smoke", None, (shard, 2), CODEC, 64, placements=2)
    write_tokenizer(build_tokenizer(corpus(), 1024), tokenizer_folder("smoke"))
    # 64 px pictures make 4x4 latents; the denoiser follows.
    shape = DenoiserShape(**{**UNET.__dict__, "grid": 4})
    train_denoiser.train("smoke", 64, float("inf"), train_denoiser.Plan(batch=8, late_batch=16), shape, TEXT)


def test_the_autoencoder_beats_its_start_and_is_unit_variance() -> None:
    kept = load(checkpoint_path("smoke", "autoencoder"))
    assert kept["psnr"] > 15
    values = latents.Latents.of_run("smoke").values.float()
    assert values.mean().abs() < 0.5 and 0.5 < values.std() < 1.6


def test_a_finished_stage_is_left_alone() -> None:
    before = checkpoint_path("smoke", "denoiser").stat().st_mtime_ns
    train_denoiser.train("smoke", 64, float("inf"))
    assert checkpoint_path("smoke", "denoiser").stat().st_mtime_ns == before


def test_a_stopped_denoiser_goes_on() -> None:
    final, kept = checkpoint_path("smoke", "denoiser"), load(checkpoint_path("smoke", "denoiser"))
    final.unlink()
    shape = DenoiserShape(**{**UNET.__dict__, "grid": 4})
    train_denoiser.train("smoke", 96, float("inf"), train_denoiser.Plan(batch=8, late_batch=16), shape, TEXT)
    assert load(final)["samples"] > kept["samples"]


def _graphs(bits: int) -> dict:
    torch.manual_seed(0)
    nets = {"text": TextEncoder(TEXT), "denoiser": Denoiser(UNET), "encoder": Encoder(CODEC), "decoder": Decoder(CODEC)}
    for net in nets.values():
        for p in net.parameters():
            if not p.any():
                torch.nn.init.normal_(p, std=0.02)
    ids = torch.randint(0, 1024, (2, WINDOW), dtype=torch.int32)
    sample, t, context = torch.randn(2, 12, 16, 16), torch.tensor([1000.0, 250.0]), torch.randn(2, WINDOW, 64)
    picture, latent = torch.rand(2, 3, 256, 256) * 2 - 1, torch.randn(2, 12, 16, 16)
    with torch.no_grad():
        return {
            "text": (text_encoder_graph(nets["text"], bits), {"input_ids": ids}, nets["text"](ids)),
            "denoiser": (denoiser_graph(nets["denoiser"], bits), {"sample": sample, "timestep": t, "encoder_hidden_states": context},
                         nets["denoiser"](sample, t, context)),
            "encoder": (encoder_graph(nets["encoder"], bits), {"sample": picture}, nets["encoder"](picture)),
            "decoder": (decoder_graph(nets["decoder"], bits), {"latent_sample": latent}, nets["decoder"](latent)),
        }


@pytest.mark.parametrize(("bits", "limit"), [(0, 1e-5), (8, 0.02), (4, 0.15)])
def test_exported_graphs_agree_with_torch(bits: int, limit: float, tmp_path) -> None:
    for name, (graph, feeds, answer) in _graphs(bits).items():
        graph.write(tmp_path / name)
        assert {n.op_type for n in graph.nodes} <= ALLOWED_OPERATORS
        got = open_session(tmp_path / name / "model.onnx").run(None, {k: v.numpy() for k, v in feeds.items()})[0]
        assert relative_error(got, answer.numpy()) < limit, name


def test_text_of_two_windows_goes_in(tmp_path) -> None:
    graph, feeds, _ = _graphs(8)["denoiser"]
    graph.write(tmp_path)
    feeds = {k: v.numpy() for k, v in feeds.items()}
    feeds["encoder_hidden_states"] = np.concatenate([feeds["encoder_hidden_states"]] * 2, 1)
    assert open_session(tmp_path / "model.onnx").run(None, feeds)[0].shape == (2, 12, 16, 16)
