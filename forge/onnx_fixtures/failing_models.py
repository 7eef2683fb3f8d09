"""Whole models of a few kilobytes: one that works, and ones whose denoiser answers NaN, the same number, or never.

All share the trivial text encoder and decoder: latent 4x8x8, pictures of 64x64. The decoder only enlarges, so a
flat latent is a flat picture.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from onnx import TensorProto

from forge.onnx_fixtures.builder import Builder
from forge.tiny.vocabulary import END, START, WINDOW, vocabulary

WIDTH, CHANNELS, SIDE, DOWNSCALE = 8, 4, 8, 8
HANG_SIDE, HANG_ROUNDS = 2048, 400
LATENT: list[int | str] = [1, CHANNELS, SIDE, SIDE]


def write_failing_models(folder: Path) -> None:
    _write(folder, "tiny-plain", "Works: noise becomes a pattern in the colours of its text.", _plain)
    _write(folder, "tiny-nan", "Its denoiser answers NaN.", _nan)
    _write(folder, "tiny-flat", "Its denoiser answers the same number everywhere.", _flat)
    _write(folder, "tiny-hang", "Its denoiser takes minutes for one step.", _hang)


def _plain(b: Builder, sample: str, text: str) -> str:
    mean = b.op("ReduceMean", text, b.weight([1], np.int64), keepdims=0)
    hue = b.op("MatMul", mean, b.weight(b.normal(WIDTH, CHANNELS, scale=4.0)))
    hue = b.op("Reshape", hue, b.weight([1, CHANNELS, 1, 1], np.int64))
    kernel = b.normal(CHANNELS, CHANNELS, 3, 3, scale=0.3)
    return b.op("Tanh", b.op("Add", b.op("Conv", sample, b.weight(kernel), pads=[1] * 4), hue))


def _nan(b: Builder, sample: str, _text: str) -> str:
    zero = b.op("Sub", sample, sample)
    return b.op("Div", zero, zero)


def _flat(b: Builder, sample: str, _text: str) -> str:
    return b.op("Add", b.op("Mul", sample, b.weight(0.0)), b.weight(0.25))


def _hang(b: Builder, sample: str, _text: str) -> str:
    """About 7 TFLOP of matrix products in 50 MB of memory. It hangs on `sample`, or it would be folded at loading."""
    mean = b.op("Reshape", b.op("ReduceMean", sample, keepdims=0), b.weight([1, 1], np.int64))
    small = b.op("Add", b.op("Mul", mean, b.weight(0.0)), b.weight(1 / HANG_SIDE))
    matrix = b.op("Expand", small, b.weight([HANG_SIDE, HANG_SIDE], np.int64))
    product = matrix
    for _ in range(HANG_ROUNDS):
        product = b.op("MatMul", product, matrix)
    return b.op("Add", sample, b.op("ReduceMean", product, keepdims=0))


def _write(folder: Path, model_id: str, summary: str, denoise: Callable[[Builder, str, str], str]) -> None:
    home = folder / model_id
    _write_text_encoder(home / "text_encoder" / "model.onnx")
    _write_decoder(home / "vae_decoder" / "model.onnx")
    b = Builder(seed=6)
    sample = b.input("sample", LATENT)
    timestep = b.input("timestep", [1])
    text = b.input("encoder_hidden_states", [1, "tokens", WIDTH])
    # Every input is used, as in a real denoiser: a runtime may drop one that is not.
    told = b.op("Add", b.op("ReduceMean", text, keepdims=0), b.op("ReduceMean", timestep, keepdims=0))
    answer = denoise(b, sample, text)
    b.op("Add", answer, b.op("Mul", told, b.weight(0.0)), output="out_sample")
    b.save(home / "unet" / "model.onnx", {"out_sample": LATENT})
    _write_tokenizer(home / "tokenizer")
    _write_json(home / "manifest.json", _manifest(home, model_id, summary), indent=2)


def _write_text_encoder(path: Path) -> None:
    b = Builder(seed=5)
    ids = b.input("input_ids", [1, WINDOW], TensorProto.INT32)
    table = b.weight(b.normal(len(vocabulary()[0]), WIDTH), np.float32)
    b.op("Gather", table, ids, output="last_hidden_state")
    b.save(path, {"last_hidden_state": [1, WINDOW, WIDTH]})


def _write_decoder(path: Path) -> None:
    b = Builder(seed=7)
    latent = b.input("latent_sample", LATENT)
    colours = b.op("Conv", latent, b.weight(b.normal(3, CHANNELS, 1, 1)))
    large = b.op("Resize", colours, "", b.weight([1, 1, DOWNSCALE, DOWNSCALE]), mode="nearest", nearest_mode="floor")
    b.op("Tanh", large, output="sample")
    b.save(path, {"sample": [1, 3, SIDE * DOWNSCALE, SIDE * DOWNSCALE]})


def _write_tokenizer(folder: Path) -> None:
    ids, merges = vocabulary()
    special = [
        {"id": ids[token], "content": token, "single_word": False, "lstrip": False, "rstrip": False,
         "normalized": False, "special": True}
        for token in (START, END)
    ]
    words = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    _write_json(
        folder / "tokenizer.json",
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": special,
            "normalizer": {
                "type": "Sequence",
                "normalizers": [
                    {"type": "NFC"},
                    {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
                    {"type": "Lowercase"},
                ],
            },
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Split", "pattern": {"Regex": words}, "behavior": "Removed", "invert": True},
                    {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
                ],
            },
            "post_processor": {
                "type": "RobertaProcessing",
                "sep": [END, ids[END]],
                "cls": [START, ids[START]],
                "trim_offsets": False,
                "add_prefix_space": False,
            },
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": END,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "</w>",
                "fuse_unk": False,
                "vocab": ids,
                "merges": [" ".join(pair) for pair in merges],
            },
        },
    )
    _write_json(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "CLIPTokenizer", "model_max_length": WINDOW, "do_lower_case": True,
         "bos_token": START, "eos_token": END, "pad_token": END, "unk_token": END},
    )


def _manifest(home: Path, model_id: str, summary: str) -> dict[str, object]:
    ids, _ = vocabulary()
    side_px = SIDE * DOWNSCALE
    size = {"widthPx": side_px, "heightPx": side_px}
    paths = sorted(path for path in home.rglob("*") if path.is_file() and path.name != "manifest.json")
    parts = ("text_encoder", "unet", "vae_decoder")
    return {
        "format": 1,
        "id": model_id,
        "name": model_id.replace("-", " ").capitalize(),
        "summary": summary,
        "licence": {"spdx": "Apache-2.0", "plain": "Free to use, change and share."},
        "family": "tiny-fault",
        "noise": {
            "path": "diffusion",
            "prediction": "sample",
            "trainTimesteps": 1000,
            "betaStart": 0.00085,
            "betaEnd": 0.012,
            "betaSchedule": "scaled_linear",
        },
        "latent": {"channels": CHANNELS, "downscale": DOWNSCALE, "scale": 1},
        "sizes": {"default": size, "multiplePx": side_px, "minPx": side_px, "maxPx": side_px, "only": [size]},
        "steps": {"default": 4, "min": 1, "max": 50},
        "samplers": {"default": "euler"},
        "schedules": {"default": "normal"},
        "guidance": {"kind": "classifier-free", "default": 2},
        "tokenizers": {
            "tokenizer": {
                "tokenizer": "tokenizer/tokenizer.json",
                "config": "tokenizer/tokenizer_config.json",
                "window": WINDOW,
                "startId": ids[START],
                "endId": ids[END],
                "padId": ids[END],
            }
        },
        "textEncoders": [{"part": "text-encoder", "tokenizer": "tokenizer", "embeddings": "last_hidden_state"}],
        "conditioning": {},
        "denoiser": {
            "part": "unet",
            "inputs": {"sample": "sample", "timestep": "timestep", "text": "encoder_hidden_states"},
            "output": "out_sample",
        },
        "decoder": {"part": "vae-decoder", "input": "latent_sample", "output": "sample"},
        "parts": {
            name.replace("_", "-"): {
                "variants": [
                    {"id": "fp32", "compute": "float32", "graph": f"{name}/model.onnx", "weights": []},
                ]
            }
            for name in parts
        },
        "files": {
            path.relative_to(home).as_posix(): {
                "sizeBytes": path.stat().st_size,
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            }
            for path in paths
        },
    }


def _write_json(path: Path, value: object, indent: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    separators = (",", ":") if indent is None else None
    path.write_text(
        json.dumps(value, ensure_ascii=False, indent=indent, separators=separators) + "\n", encoding="utf-8"
    )
