"""A captioner's folder on disk: graphs in one or more forms, tokenizer, preprocessing, manifest (MANIFEST.md)."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from transformers import BlipConfig

from forge.captioner.graphs import HIDDEN, GraphOf
from forge.convert.forms import convert, suffix
from forge.convert.manifest import write_json
from forge.convert.onnx_file import SHARD_BYTES, save

GATES = {"fp32": 1e-4, "fp16": 2e-2, "q8": 0.1, "q4": 0.6}
"""Largest relative error of a part's outputs in a form against fp32, before it is refused."""
BITS = {"fp32": 0, "q8": 8, "q4": 4}


def write_folder(
    out: Path, parts: Mapping[str, GraphOf], config: BlipConfig, about: dict[str, Any], *, tasks: Sequence[str], special: Mapping[str, int],
    mean: Sequence[float], deviation: Sequence[float], write_tokenizer: Callable[[Path], None], forms: Sequence[str] = ("fp32",), temperature: float = 0.07,
    extra_files: Mapping[str, object] | None = None, shard_bytes: int = SHARD_BYTES, caption_tokens: int = 32, answer_tokens: int = 10,
) -> dict[str, dict[str, float]]:
    """Replaces `out`; answers every part's error in every form. Nothing is replaced when one is beyond its gate."""
    building = out.with_name(f".{out.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    errors: dict[str, dict[str, float]] = {form: {} for form in forms}
    described: dict[str, dict[str, list]] = {}
    for name, graph_of in parts.items():
        plain = graph_of(0).model()
        feeds = example_feeds(name, config)
        names = [o.name for o in plain.graph.output]
        expected = _run(plain.SerializeToString(), feeds) if plain.ByteSize() < 2**31 else None
        for form in forms:
            stem = f"model{suffix(form)}" if len(forms) > 1 else "model"
            shards = save(graph_of(BITS[form]).model() if form in BITS else convert(plain, form), building / name, stem, shard_bytes)
            answers = _run(str(building / name / f"{stem}.onnx"), feeds)
            if expected is None:
                expected = answers
            errors[form][name] = max(_relative(a, e) for a, e in zip(answers, expected, strict=True))
            if not errors[form][name] <= GATES[form]:
                shutil.rmtree(building)
                raise ValueError(f"{name} in its {form} form is off by {errors[form][name]:.1e} ({', '.join(names[:2])}).")
            described.setdefault(name, {"variants": []})["variants"].append({
                "id": form, "compute": "float16" if form == "fp16" else "float32", "graph": f"{name}/{stem}.onnx",
                "weights": [f"{name}/{s.name}" for s in shards],
            })
    write_tokenizer(building / "tokenizer")
    settings = config.to_dict()
    write_json(building / "config.json", {k: v for k, v in settings.items() if k not in ("_name_or_path", "transformers_version")})
    side = config.vision_config.image_size
    write_json(building / "preprocessor_config.json", {
        "image_processor_type": "BlipImageProcessor", "do_convert_rgb": True, "do_resize": True, "size": {"height": side, "width": side}, "resample": 3,
        "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": list(mean), "image_std": list(deviation),
    })
    for path, value in (extra_files or {}).items():
        write_json(building / path, value)
    text, vision = config.text_config, config.vision_config
    manifest = {
        "format": 1, "kind": "captioner", **about, "tasks": list(tasks),
        "image": {"sidePx": side, "resample": "bicubic", "mean": list(mean), "std": list(deviation)},
        "tokenizer": {"json": "tokenizer/tokenizer.json", "config": "tokenizer/tokenizer_config.json"},
        "text": {**{f"{k}Id": special[k] for k in ("pad", "cls", "sep", "bos")}, "vocabSize": text.vocab_size, "maxTokens": text.max_position_embeddings},
        "decoder": {"layers": text.num_hidden_layers, "heads": text.num_attention_heads, "headSize": text.hidden_size // text.num_attention_heads},
        "visionTokens": (side // vision.patch_size) ** 2 + 1, "visionWidth": vision.hidden_size, "textWidth": text.hidden_size,
        "caption": {"maxTokens": caption_tokens}, "question": {"maxTokens": answer_tokens},
        **({"embedWidth": config.image_text_hidden_size, "match": {"temperature": temperature}} if "match" in tasks else {}),
        **({"safety": "safety.json"} if "safety.json" in (extra_files or {}) else {}),
        "parts": described,
    }
    files = {}
    for path in sorted(p for p in building.rglob("*") if p.is_file()):
        data = path.read_bytes()
        files[path.relative_to(building).as_posix()] = {"sizeBytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    write_json(building / "manifest.json", {**manifest, "files": files})
    shutil.rmtree(out, ignore_errors=True)
    building.rename(out)
    return errors


def example_feeds(part: str, config: BlipConfig, batch: int = 2, tokens: int = 5, past: int = 4) -> dict[str, np.ndarray]:
    """Inputs of one part from a fixed seed; the context is one picture for all rows."""
    rng, text, side = np.random.default_rng(1), config.text_config, config.vision_config.image_size
    heads, size = text.num_attention_heads, text.hidden_size // text.num_attention_heads
    context = (side // config.vision_config.patch_size) ** 2 + 1

    def normal(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32)

    ids = rng.integers(6, text.vocab_size, (batch, tokens)).astype(np.int32)
    states = normal(1, context, text.encoder_hidden_size)
    match part:
        case "vision_model":
            return {"pixel_values": normal(batch, 3, side, side)}
        case "text_encoder":
            return {"input_ids": ids, "position_ids": np.arange(tokens, dtype=np.int32)[None], "attention_bias": np.zeros((batch, 1, 1, tokens), np.float32),
                    "encoder_hidden_states": states, "cross": np.ones(1, np.float32)}
        case "text_decoder_context":
            return {"encoder_hidden_states": states}
    feeds = {"input_ids": ids, "position_ids": np.arange(past - 1, past - 1 + tokens, dtype=np.int32)[None], "attention_bias": causal_bias(past - 1, tokens)}
    for n in range(text.num_hidden_layers):
        feeds[f"past_key_values.{n}.decoder.key"] = normal(batch, heads, size, past)
        feeds[f"past_key_values.{n}.decoder.value"] = normal(batch, heads, past, size)
        feeds[f"past_key_values.{n}.encoder.key"] = normal(1, heads, size, context)
        feeds[f"past_key_values.{n}.encoder.value"] = normal(1, heads, context, size)
    return feeds


def causal_bias(known: int, new: int) -> np.ndarray:
    """[1, 1, new, 1 + known + new]: the unused first slot is never looked at, later tokens neither."""
    columns = np.arange(1 + known + new)[None]
    hidden = (columns == 0) | (columns > 1 + known + np.arange(new)[:, None])
    return np.where(hidden, np.float32(HIDDEN), np.float32(0))[None, None]


def _run(model: bytes | str, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"]).run(None, feeds)


def _relative(answer: np.ndarray, right: np.ndarray) -> float:
    return float(np.sqrt(((answer - right) ** 2).sum() / (right**2).sum()))
