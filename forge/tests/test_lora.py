"""Training an adapter: the stage end to end at a tiny size, bad folders, and what the file holds."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from forge.adopt import adopt
from forge.autoencoder import AutoencoderShape, Decoder, Encoder
from forge.captions import corpus
from forge.concepts import BASE_STYLE, starter_concepts
from forge.denoiser import Denoiser, DenoiserShape
from forge.lora.adapter import EVERYWHERE, change_of, file_bytes, insert, layers_of, matrices_of, merge, read_file
from forge.lora.base import Base, base_hash, manifest, shipped
from forge.lora.command import train_folder
from forge.lora.examples import BadFolder, BrandMix, brand_scenes, encode_scenes, fit_picture, folder_examples, in_style, read_folder
from forge.lora.ship import ADAPTERS, metadata_of, write_adapter
from forge.lora.train import VISITED, LoraPlan, draw_visited, train
from forge.pictures import load_pictures
from forge.scenes import Planner
from forge.splits import is_held_out
from forge.text_encoder import TextEncoder, TextShape
from forge.tokenizer import Encode, build_tokenizer, tokenizer_folder, write_tokenizer
from forge.training import checkpoint_path, load, save

UNET = DenoiserShape(channels=32, width=64, layers=2, heads=2, text_width=64, condition=64)
TEXT = TextShape(vocab=1024, width=64, layers=1, heads=2)
CODEC = AutoencoderShape(widths=(16, 16, 32))
PLAN = LoraPlan(rank=2, batch=4, rate=1e-2)


def tiny_base() -> Base:
    if not tokenizer_folder("lora-smoke").exists():
        write_tokenizer(build_tokenizer(corpus(), 1024), tokenizer_folder("lora-smoke"))
    torch.manual_seed(0)
    base = Base(Denoiser(UNET), TextEncoder(TEXT), Encoder(CODEC), Decoder(CODEC), Encode(tokenizer_folder("lora-smoke"), TEXT.window))
    torch.nn.init.normal_(base.denoiser.conv_out.weight, std=0.05)
    return base


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Ten pictures of stripes with captions, of three shapes."""
    for n in range(10):
        size = ((256, 256), (320, 192), (192, 320))[n % 3]
        pixels = np.zeros((size[1], size[0], 3), np.uint8)
        pixels[:: 4 + n] = (20 * n, 200, 90)
        Image.fromarray(pixels).save(tmp_path / f"{n}.png")
        (tmp_path / f"{n}.txt").write_text(f"stripes number {n}\n")
    return tmp_path


def test_a_folder_becomes_examples_with_the_trigger_before_the_caption(folder: Path) -> None:
    examples = folder_examples(folder, Encoder(CODEC), "zigzag")
    assert examples.count == 10 and {a: len(e) for a, e in examples.groups.items()} == {"square": 4, "wide": 3, "tall": 3}
    latents, captions, steer, named = examples.batch(3, random.Random(0))
    assert examples.concepts == [] and named.tolist() == [-1] * 3
    assert steer.shape == (3, 4, 2) and bool((steer[..., 1] - steer[..., 0] == 1).all())
    assert latents.shape[:2] == (3, 12) and all(c.startswith("zigzag, stripes number") for c in captions)


def test_bad_folders_are_refused_in_a_sentence(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(BadFolder, match="holds no pictures"):
        read_folder(tmp_path_factory.mktemp("empty"))
    with pytest.raises(BadFolder, match="is no folder"):
        read_folder(folder / "nowhere")
    (folder / "3.txt").unlink()
    with pytest.raises(BadFolder, match=r"1 of 10 pictures have no caption: 3\.png"):
        read_folder(folder)
    (folder / "3.txt").write_text(" \n")
    with pytest.raises(BadFolder, match=r"captions are empty: 3\.png"):
        read_folder(folder)


def test_bad_pictures_are_refused_in_a_sentence(tmp_path: Path) -> None:
    Image.new("RGB", (300, 90)).save(tmp_path / "low.png")
    with pytest.raises(BadFolder, match="300 x 90"):
        fit_picture(tmp_path / "low.png")
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(BadFolder, match=r"text\.png cannot be read"):
        fit_picture(tmp_path / "text.png")


def test_what_is_clear_gets_the_neutral_ground(tmp_path: Path) -> None:
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    aspect, picture = fit_picture(tmp_path / "clear.png")
    assert aspect == "square" and picture.shape == (3, 256, 256) and 0.8 < float(picture.mean()) < 0.85


def test_an_adapter_learns_stops_and_goes_on(folder: Path) -> None:
    base = tiny_base()
    half = train(base, "lora-smoke", "stripes", lambda: folder_examples(folder, base.encoder, None), 16, float("inf"), PLAN)
    path = checkpoint_path("lora-smoke", "lora-stripes")
    kept, stamp = load(path), path.stat().st_mtime_ns
    train(tiny_base(), "lora-smoke", "stripes", lambda: folder_examples(folder, base.encoder, None), 16, float("inf"), PLAN)
    assert path.stat().st_mtime_ns == stamp, "what is finished is left alone"
    assert kept["finished"] and kept["samples"] == 16 and set(half) == set(layers_of(tiny_base().denoiser, EVERYWHERE))
    base = tiny_base()
    whole = train(base, "lora-smoke", "stripes", lambda: folder_examples(folder, base.encoder, None), 24, float("inf"), PLAN)
    assert load(path)["samples"] == 24
    assert any(not torch.equal(whole[p][1], half[p][1]) for p in half) and all(up.isfinite().all() and up.any() for _, up in whole.values())
    # As `forge adopt` leaves it, from a file that holds no optimizer.
    save(path, load(path) | {"optimizer": None, "step": 0})
    base = tiny_base()
    later = train(base, "lora-smoke", "stripes", lambda: folder_examples(folder, base.encoder, None), 32, float("inf"), PLAN)
    assert load(path)["samples"] == 32 and load(path)["optimizer"] and any(not torch.equal(later[p][1], whole[p][1]) for p in whole)
    with pytest.raises(ValueError, match="another plan"):
        train(tiny_base(), "lora-smoke", "stripes", lambda: folder_examples(folder, base.encoder, None), 24, float("inf"), LoraPlan(rank=3))


def test_merged_weights_answer_as_the_trained_layers_do() -> None:
    adapted = insert(trained := tiny_base().denoiser, EVERYWHERE, 3)
    for a in adapted.values():
        torch.nn.init.normal_(a.up, std=0.05)
    merged = merge(tiny_base().denoiser, [(matrices_of(adapted), 1.0)])
    x, t, text = torch.randn(2, 12, 16, 16), torch.tensor([1000.0, 250.0]), torch.randn(2, 32, 64)
    with torch.no_grad():
        assert torch.allclose(trained(x, t, text), merged(x, t, text), atol=1e-4)
        assert not torch.allclose(tiny_base().denoiser(x, t, text), merged(x, t, text), atol=1e-2)


def test_a_file_comes_back_and_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    matrices = {"transformer_blocks.0.attn1.to_q": (torch.randn(2, 8), torch.randn(6, 2)), "conv_in": (torch.randn(2, 3, 3, 3), torch.randn(5, 2, 1, 1))}
    told = metadata_of("Stripes", "zigzag", {"kiln.rank": "2"})
    write_adapter(tmp_path / "a.safetensors", matrices, told)
    assert (tmp_path / "a.safetensors").read_bytes() == file_bytes(matrices, told)
    back, metadata = read_file(tmp_path / "a.safetensors")
    assert metadata["kiln.family"] == manifest()["family"] and metadata["kiln.base"] == base_hash() and metadata["modelspec.trigger_phrase"] == "zigzag"
    assert change_of(*back["conv_in"]).shape == (5, 3, 3, 3)
    assert torch.allclose(back["conv_in"][0].float(), matrices["conv_in"][0], atol=2e-3)


def test_visited_times_are_those_of_one_two_and_four_steps() -> None:
    for shares, pure in ((LoraPlan().first_shares, 0.85), (LoraPlan().shares, 0.5)):
        drawn = draw_visited(400, shares, torch.Generator().manual_seed(0))
        assert set(drawn.tolist()) == set(VISITED) and abs(float((drawn == 1).float().mean()) - pure) < 0.1


def test_a_brand_draws_the_styles_drawings_and_never_what_is_held_out() -> None:
    pictures = load_pictures(64)
    concepts = tuple(c for c in starter_concepts() if (BASE_STYLE, c.id) in pictures.by_concept)
    scene = Planner(pictures, random.Random(0), concepts).single("square")
    styled = in_style(scene, pictures, "noto")
    assert pictures.entries[styled.things[0].row].style == "noto" and styled.ground == scene.ground
    mix = BrandMix(singles=(("square", 6),), others=(("count", "square", 4),))
    scenes = brand_scenes(pictures, "noto", concepts, mix, 31)
    assert sum(map(len, scenes.values())) >= 6 and scenes == brand_scenes(pictures, "noto", concepts, mix, 31)
    assert not any(is_held_out("H2", s.things[0].concept, s.ground) for group in scenes.values() for s in group)
    assert encode_scenes(pictures, scenes["square"][:3], Encoder(CODEC), "test").shape == (3, 12, 16, 16)
    assert encode_scenes(pictures, [], Encoder(CODEC), "test") is None
    assert BrandMix().part_of(1.0) == BrandMix() and {n for *_, n in BrandMix().part_of(1e-6).others} == {1}


def test_the_command_refuses_a_bad_id_before_anything_else(folder: Path) -> None:
    with pytest.raises(BadFolder, match="small letters"):
        train_folder("lora-smoke", folder, "Bad Id", None, None, None, 4, 1.0, PLAN)


def test_the_shipped_starter_is_a_base() -> None:
    base = shipped()
    assert len(layers_of(base.denoiser, EVERYWHERE)) == 79 and base.guidance == 1


def test_what_ships_is_adopted_as_checkpoints() -> None:
    adopt("adopt-smoke")
    assert load(checkpoint_path("adopt-smoke", "autoencoder"))["psnr"] > 25
    taken = load(checkpoint_path("adopt-smoke", "denoiser-start"))
    assert all(torch.equal(v, taken["net"][k]) for k, v in shipped().denoiser.state_dict().items()) and taken["known"]
    for path in ADAPTERS.glob("*.safetensors"):
        matrices, facts = read_file(path)
        kept = load(checkpoint_path("adopt-smoke", f"lora-{path.stem}"))
        assert kept["plan"]["rank"] == int(facts["kiln.rank"]) and kept["finished"]
        assert all(torch.equal(kept["matrices"][layer][0], down.float()) for layer, (down, _) in matrices.items())
