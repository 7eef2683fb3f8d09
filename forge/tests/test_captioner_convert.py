"""Checkpoints in Salesforce's layout become captioners' folders whose graphs say what the checkpoint says; the same for a
safety checker."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipForImageTextRetrieval, BlipForQuestionAnswering, BlipImageProcessorPil

from forge.captioner import checker, tiny, words
from forge.captioner.reference import encode
from forge.captioner.runner import Runner
from forge.convert.blip import kind_of
from forge.convert.command import convert_folder
from forge.tests.near import apart

CLASSES = {"caption": BlipForConditionalGeneration, "question": BlipForQuestionAnswering, "match": BlipForImageTextRetrieval}


@pytest.fixture(scope="module", params=CLASSES)
def checkpoint(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, torch.nn.Module]:
    """A random checkpoint as its class saves it, with BLIP's own kind of tokenizer and preprocessing files."""
    task, folder = request.param, tmp_path_factory.mktemp("blip") / f"blip-{request.param}"
    blip, tokenizer = tiny.tiny_blip()
    shared = {"caption": blip.captioning, "question": blip.answering, "match": blip.matching}[task]
    assert type(shared) is CLASSES[task]
    # A checkpoint of one task shares nothing with the others.
    model = CLASSES[task](blip.config)
    model.load_state_dict(shared.state_dict())
    model.save_pretrained(folder)
    ids = tokenizer.get_vocab()
    (folder / "vocab.txt").write_text("".join(f"{piece}\n" for piece in sorted(ids, key=ids.__getitem__)))
    BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=True).save_pretrained(folder)
    BlipImageProcessorPil(size={"height": tiny.SIDE, "width": tiny.SIDE}).save_pretrained(folder)
    return task, folder, model.eval()


def test_it_is_recognised(checkpoint):
    assert kind_of(checkpoint[1]) == CLASSES[checkpoint[0]].__name__


def test_a_converted_checkpoint_says_the_same(checkpoint, tmp_path: Path):
    task, folder, model = checkpoint
    convert_folder(folder, tmp_path / "out", "fp32,q8,fp16")
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert manifest["kind"] == "captioner" and manifest["tasks"] == [task]
    assert {v["id"] for p in manifest["parts"].values() for v in p["variants"]} == {"fp32", "q8", "fp16"}
    runner = Runner(tmp_path / "out", "fp32")
    _, tokenizer = tiny.tiny_blip()
    picture = np.frombuffer(base64.b64decode(json.loads((tiny.GOLDENS / "captioner-tiny.json").read_text())["pictures"][1]["squeezed"]), np.uint8).reshape(tiny.SIDE, tiny.SIDE, 3)
    # The checkpoint's own preprocessing says which numbers a picture becomes.
    pixels = BlipImageProcessorPil.from_pretrained(folder)(Image.fromarray(picture), return_tensors="pt")["pixel_values"]
    assert np.abs(pixels.numpy() - runner.pixels(picture)).max() < 1e-5
    seen = runner.see(picture)
    with torch.no_grad():
        if task == "caption":
            assert runner.caption(seen["last_hidden_state"], tokens=9) == model.generate(pixels, max_new_tokens=9, do_sample=False, num_beams=1)[0].tolist()
            return
        ids = encode(tokenizer, "is there a cat?", 48)
        assert runner.encode("is there a cat?") == ids[0].tolist()
        if task == "question":
            right = model.generate(ids, pixels, max_new_tokens=20, do_sample=False, num_beams=1)[0].tolist()
            assert runner.answer(seen["last_hidden_state"], "is there a cat?") == right
            return
        assert np.allclose(runner.similar(["is there a cat?"], seen), model(ids, pixels, use_itm_head=False).itm_score.numpy(), atol=1e-5)
        assert np.allclose(runner.fits(["is there a cat?"], seen["last_hidden_state"]), model(ids, pixels).itm_score.numpy(), atol=1e-4)


def test_other_folders_are_left_to_the_pipelines(tmp_path: Path):
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["BertModel"]}))
    assert kind_of(tmp_path) is None and kind_of(tmp_path / "nowhere") is None


def test_blips_own_size_fits_the_layout():
    """The shapes that the manifest announces for the published checkpoints."""
    config = BlipConfig()
    assert (config.vision_config.image_size, config.text_config.bos_token_id, config.text_config.sep_token_id) == (384, 30522, 102)
    assert words.special_ids(tiny.tiny_tokenizer())["pad"] == 0


def test_the_tiny_checker_follows_from_the_code():
    recorded = json.loads((checker.GOLDENS / "checker-tiny.json").read_text())
    assert list(apart(json.loads(json.dumps(checker.golden())), recorded)) == []
    assert len({p["flagged"] for p in recorded["pictures"]}) == 2
    manifest = json.loads((checker.MODEL / "manifest.json").read_text())
    import onnxruntime

    session = onnxruntime.InferenceSession(checker.MODEL / "vision_model" / "model.onnx", providers=["CPUExecutionProvider"])
    by_special = 0
    for entry in recorded["pictures"]:
        picture = np.frombuffer(base64.b64decode(entry["cut"]), np.uint8).reshape(1, checker.SIDE, checker.SIDE, 3).astype(np.float32) / 255
        pixels = ((picture - np.array(manifest["image"]["mean"], np.float32)) / np.array(manifest["image"]["std"], np.float32)).transpose(0, 3, 1, 2)
        _, concepts, specials = session.run(None, {"pixel_values": np.ascontiguousarray(pixels)})
        assert np.allclose(concepts[0], entry["concepts"], atol=1e-5) and np.allclose(specials[0], entry["specials"], atol=1e-5)
        hit = any(round(float(s) - t["threshold"], 3) > 0 for s, t in zip(specials[0], manifest["specials"], strict=True))
        over = [round(float(s) - t["threshold"] + (manifest["adjustment"] if hit else 0), 3) > 0 for s, t in zip(concepts[0], manifest["concepts"], strict=True)]
        plain = [round(float(s) - t["threshold"], 3) > 0 for s, t in zip(concepts[0], manifest["concepts"], strict=True)]
        assert any(over) == entry["flagged"]
        by_special += any(over) and not any(plain)
    assert by_special >= 1
