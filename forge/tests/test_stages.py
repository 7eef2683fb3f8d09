"""Every stage at a tiny size, resumed once, up to an exported folder that agrees with torch."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from forge import latents, train_autoencoder, train_decoder, train_denoiser
from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.captions import corpus
from forge.concepts import BASE_STYLE, STYLES, vocabulary
from forge.denoiser import Denoiser, DenoiserShape
from forge.evaluator import train as evaluator_train
from forge.export_parts import decoder_graph, denoiser_graph, encoder_graph, text_encoder_graph
from forge.flow import sample_euler
from forge.graph import ALLOWED_OPERATORS
from forge.package import relative_error
from forge.pictures import load_pictures
from forge.pipelines import open_session
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import WINDOW, Encode, build_tokenizer, tokenizer_folder, write_tokenizer
from forge.training import FlatMuon, checkpoint_path, codec_of, load

CODEC = AutoencoderShape(widths=(16, 16, 32))
UNET = DenoiserShape(channels=32, width=64, layers=2, heads=2, text_width=64, condition=64)
TEXT = TextShape(vocab=1024, width=64, layers=1, heads=2)
MIX = latents.Mix({"square": 4, "wide": 2, "tall": 2}, *({"square": 4, "wide": 2, "tall": 2} for _ in range(6)))
PLAN = train_denoiser.Plan(batch=8)


@pytest.fixture(scope="module", autouse=True)
def stages() -> None:
    """Trains everything once for the tests below."""
    train_autoencoder.train("smoke", 32, float("inf"), batch=8, shape=CODEC, size=64)
    evaluator_train.train("smoke", 32, float("inf"), batch=16, widths=(8, 16, 32), size=64)
    for shard in (0, 1):
        latents.encode("smoke", (shard, 2), MIX, shape=CODEC, size=64)
    write_tokenizer(build_tokenizer(corpus(), 1024), tokenizer_folder("smoke"))
    train_denoiser.train("smoke", "denoiser", 48, float("inf"), PLAN, UNET, TEXT)
    train_denoiser.train("smoke", "distil", 24, float("inf"), PLAN, UNET, TEXT)


def test_the_autoencoder_beats_its_start_and_is_unit_variance() -> None:
    kept = load(checkpoint_path("smoke", "autoencoder"))
    assert kept["psnr"] > 15
    values = latents.Latents.of_run("smoke").values["square"].float()
    assert values.mean().abs() < 0.7 and 0.4 < values.std() < 1.7


def drawn_by_the_smoke_run() -> list[train_decoder.Drawer]:
    kept, encode = load(checkpoint_path("smoke", "distil")), Encode(tokenizer_folder("smoke"))
    net, text = Denoiser(UNET), TextEncoder(TEXT)
    net.load_state_dict(kept["net"])
    text.load_state_dict(kept["text"])

    @torch.no_grad()
    def draw(captions: list[str], noise: torch.Tensor, steps: int) -> torch.Tensor:
        words = text(torch.from_numpy(encode(captions)))
        return sample_euler(lambda x, t: net(x, t * 1000, words), noise, steps)

    return [train_decoder.Drawer(style, draw, vocabulary()) for style in (BASE_STYLE, "noto")]


def test_the_decoder_goes_on_alone_and_after_a_stop() -> None:
    before, plan = codec_of("smoke"), train_decoder.DecoderPlan(batch=4, drawn=2)
    train_decoder.train("smoke", 8, float("inf"), plan, CODEC, drawers=drawn_by_the_smoke_run)
    after = codec_of("smoke")
    assert after["psnr"] > 15 and not torch.equal(after["decoder"]["conv_in.weight"], before["decoder"]["conv_in.weight"])
    assert all(torch.equal(v, load(checkpoint_path("smoke", "autoencoder"))["encoder"][k]) for k, v in after["encoder"].items())
    checkpoint_path("smoke", "decoder").unlink()
    train_decoder.train("smoke", 16, float("inf"), plan, CODEC, drawers=drawn_by_the_smoke_run)
    assert load(checkpoint_path("smoke", "decoder"))["samples"] == 16


def test_the_critic_hears_the_style() -> None:
    # Not training: there each look moves the norms of its layers on.
    critic, picture = train_decoder.Critic(8).eval(), torch.rand(2, 3, 32, 32)
    line, noto = (critic(picture, style) for style in ("fluent-line", "noto"))
    assert line.shape == (2, 1, 4, 4) and torch.equal(line, noto), "a new critic makes no difference"
    line.mean().backward()
    moved = critic.styles.weight.grad.abs().sum(1) > 0
    assert [s for s, m in zip(STYLES, moved) if m] == ["fluent-line"], "what is learned of one style is no other's"


def test_a_code_that_went_astray_gives_way_to_the_pictures_own() -> None:
    pictures, encoder, rng = load_pictures(256), Encoder(CODEC).eval(), random.Random(3)
    for style, off in ((BASE_STYLE, 0.0), ("noto", 0.0), ("noto", 9.0)):
        drawer = train_decoder.Drawer(style, lambda captions, noise, steps, off=off: torch.full_like(noise, off), vocabulary())
        scenes = train_decoder.DrawnScenes([drawer], pictures, encoder, train_decoder.DecoderPlan(most_error=5.0), rng, torch.Generator())
        codes, picture, _ = scenes.batch(3)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            own = encoder(picture.contiguous(memory_format=torch.channels_last)).float()
        assert torch.equal(codes, own if off else torch.zeros_like(own)), style


def test_the_decoder_sees_told_sizes_in_every_style_and_other_hues_in_the_bases_alone() -> None:
    pictures, encoder, rng = load_pictures(256), Encoder(CODEC).eval(), random.Random(3)
    drawers = [train_decoder.Drawer(style, lambda captions, noise, steps: noise, vocabulary()) for style in (BASE_STYLE, "noto")]
    plan = train_decoder.DecoderPlan(kinds=(("sized", 0.5), ("hue", 0.5)))
    scenes = train_decoder.DrawnScenes(drawers, pictures, encoder, plan, rng, torch.Generator())
    of = {d.style: [scenes._scene(d.style) for _ in range(24)] for d in drawers}
    assert {s.size for s in of["noto"]} == {"big", "small"} and all(s.kind == "single" for s in of["noto"])
    assert {s.size for s in of[BASE_STYLE]} == {"big", "small", None} and {s.kind for s in of[BASE_STYLE]} == {"single", "hue"}


def test_latents_have_three_aspects() -> None:
    values = latents.Latents.of_run("smoke").values
    assert {a: tuple(v.shape[1:]) for a, v in values.items()} == {"square": (12, 16, 16), "wide": (12, 12, 20), "tall": (12, 20, 12)}


def test_a_trial_has_one_of_each_kind_of_scene_at_least() -> None:
    few = latents.part_of(latents.FULL_MIX, 0.002)
    assert latents.part_of(latents.FULL_MIX, 1.0) == latents.FULL_MIX
    assert few.single == {"square": 1, "wide": 1, "tall": 1} and few.pair == {"square": 10, "wide": 6, "tall": 4}


def test_a_finished_stage_is_left_alone() -> None:
    before = checkpoint_path("smoke", "denoiser").stat().st_mtime_ns
    train_denoiser.train("smoke", "denoiser", 64, float("inf"))
    assert checkpoint_path("smoke", "denoiser").stat().st_mtime_ns == before


def test_a_stopped_denoiser_goes_on() -> None:
    final, kept = checkpoint_path("smoke", "denoiser"), load(checkpoint_path("smoke", "denoiser"))
    final.unlink()
    train_denoiser.train("smoke", "denoiser", 72, float("inf"), PLAN, UNET, TEXT)
    assert load(final)["samples"] > kept["samples"]


def test_only_distillation_folds_guidance_in() -> None:
    assert load(checkpoint_path("smoke", "distil"))["guidance_folded"] and not load(checkpoint_path("smoke", "denoiser"))["guidance_folded"]


def test_matrices_and_kernels_go_to_muon_and_tables_do_not() -> None:
    net, text = Denoiser(DenoiserShape(channels=64, width=64, layers=1, heads=2, text_width=64, condition=64)), TextEncoder(TEXT)
    matrices, rest = train_denoiser.split_parameters([net, text])
    ids = {id(p) for p in matrices}
    told = {n: id(p) in ids for part in (net, text) for n, p in part.named_parameters()}
    assert told["conv_in.weight"] and told["up_blocks.0.conv1.weight"] and told["transformer_blocks.0.ff.net.0.proj.weight"]
    assert not any(told[n] for n in ("conv_out.weight", "pos_embed", "text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding"))
    assert not any(told[n] for n in told if "bias" in n or "norm" in n or "scale_shift_table" in n)
    assert len(matrices) + len(rest) == len(told)


def test_muon_steps_a_kernel_alike_however_it_lies_in_memory() -> None:
    torch.manual_seed(0)
    weights, grad, after = torch.randn(16, 8, 3, 3), torch.randn(16, 8, 3, 3), []
    for memory in (torch.contiguous_format, torch.channels_last):
        kernel = torch.nn.Parameter(weights.clone().contiguous(memory_format=memory))
        optimizer = FlatMuon([kernel], 0.1)
        kernel.grad = grad.clone().contiguous(memory_format=memory)
        optimizer.step()
        after.append(kernel.detach().contiguous())
    assert torch.allclose(*after, atol=2e-3) and not torch.allclose(after[0], weights, atol=1e-2)


def test_two_ranks_share_a_stage() -> None:
    """Both finish, also when resumed, and the trained weights are finite: gradients and Muon's matrices were exchanged."""
    folder = checkpoint_path("smoke", "denoiser").parent
    for stage in ("denoiser", "denoiser-training"):
        checkpoint_path("smoke", stage).rename(folder / f"{stage}.kept")
    for samples in (16, 32):
        # What is finished would not be resumed.
        checkpoint_path("smoke", "denoiser").unlink(missing_ok=True)
        context = torch.multiprocessing.spawn(_one_rank, (2, str(folder / f"meeting-{samples}"), samples), nprocs=2, join=True)
        assert context is None
        kept = load(checkpoint_path("smoke", "denoiser"))
        assert kept["samples"] == samples and all(v.isfinite().all() for v in kept["net"].values())
    for stage in ("denoiser", "denoiser-training"):
        (folder / f"{stage}.kept").rename(checkpoint_path("smoke", stage))


def _one_rank(rank: int, count: int, meeting: str, samples: int) -> None:
    ranks = train_denoiser.Ranks(rank, count, Path(meeting))
    train_denoiser.train("smoke", "denoiser", samples, float("inf"), PLAN, UNET, TEXT, ranks=ranks)


def _graphs(bits: int) -> dict:
    torch.manual_seed(0)
    nets = {"text": TextEncoder(TEXT), "denoiser": Denoiser(UNET), "encoder": Encoder(CODEC), "decoder": Decoder(CODEC)}
    for net in nets.values():
        for p in net.parameters():
            if not p.any():
                torch.nn.init.normal_(p, std=0.02)
    ids = torch.randint(0, 1024, (2, WINDOW), dtype=torch.int32)
    sample, t, context = torch.randn(2, 12, 12, 20), torch.tensor([1000.0, 250.0]), torch.randn(2, WINDOW, 64)
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
    assert open_session(tmp_path / "model.onnx").run(None, feeds)[0].shape == (2, 12, 12, 20)
