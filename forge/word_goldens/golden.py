"""Runs the reference with new words and writes what the studio must arrive at, beside the words' files."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import save_file
from torch import Tensor

from forge.paths import REPO
from forge.tiny import golden
from forge.tiny.cases import CASES, Case
from forge.tiny.golden import Arrays, psnr
from forge.tiny.manifest import write_json

GOLDENS = REPO / "e2e" / "goldens" / "words"
GAIN = 4.0
"""Size of a vector over that of a token's."""


@dataclass(frozen=True)
class Word:
    """`tensors`: names in the file to the text encoder whose vectors they are."""

    file: str
    model_id: str
    token: str
    vectors: int
    tensors: tuple[tuple[str, str], ...]

    def tables(self, pipeline: DiffusionPipeline) -> dict[str, Tensor]:
        generator = torch.Generator("cpu").manual_seed(zlib.crc32(self.file.encode()))
        tables = {}
        for name, encoder in self.tensors:
            table = getattr(pipeline, encoder).get_input_embeddings().weight.detach()
            drawn = torch.randn((self.vectors, table.shape[1]), generator=generator)
            tables[name] = (GAIN * table.std() * drawn).to(torch.float16)
        return tables


@dataclass(frozen=True)
class WordCase:
    id: str
    base: str
    words: tuple[str, ...]
    prompt: str
    negative: str | None = None

    @property
    def plain(self) -> Case:
        return next(case for case in CASES if case.id == self.base)

    @property
    def case(self) -> Case:
        negative = self.plain.negative if self.negative is None else self.negative
        return replace(self.plain, prompt=self.prompt, negative=negative)


ONE = "text_encoder"
WORDS = {
    word.file: word
    for word in (
        Word("inkwash", "tiny-sd", "inkwash", 3, (("emb_params", ONE),)),
        Word("star", "tiny-sd", "<kiln-star>", 1, (("<kiln-star>", ONE),)),
        Word("pairword", "tiny-sdxl", "pairword", 2, (("clip_l", ONE), ("clip_g", "text_encoder_2"))),
    )
}
CASES_OF_WORDS = (
    WordCase("sd-field", "tiny-sd-euler", ("inkwash",), "a red house, inkwash, on a snowy hill"),
    WordCase("sd-diffusers", "tiny-sd-euler", ("star",), "a <kiln-star> house on a snowy hill"),
    WordCase("sd-both", "tiny-sd-euler", ("inkwash", "star"), "<kiln-star> inkwash", "inkwash, bad text"),
    WordCase("sdxl-pair", "tiny-sdxl-euler", ("pairword",), "a red house, pairword, on a snowy hill"),
)


def run_case(case: WordCase, folder: Path) -> Arrays:
    golden.pipeline_of.cache_clear()
    pipeline = golden.pipeline_of(case.case.model_id)
    for file in case.words:
        word = WORDS[file]
        tables = word.tables(pipeline)
        for name, encoder in word.tensors:
            tokenizer = getattr(pipeline, encoder.replace("text_encoder", "tokenizer"))
            # The reference reads files of one table; of SDXL's two, each is handed over.
            alone = len(word.tensors) == 1
            pipeline.load_textual_inversion(
                str(folder / f"{file}.safetensors") if alone else {word.token: tables[name].float()},
                token=word.token,
                text_encoder=getattr(pipeline, encoder),
                tokenizer=tokenizer,
            )
    arrays, _ = golden.run_case(case.case)
    golden.pipeline_of.cache_clear()
    return arrays


def write_goldens(folder: Path = GOLDENS) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.bin"), *folder.glob("*.safetensors")]:
        old.unlink()
    for word in WORDS.values():
        path = folder / f"{word.file}.safetensors"
        tables = word.tables(golden.pipeline_of(word.model_id))
        # diffusers writes one vector without a first dimension.
        if word.vectors == 1:
            tables = {name: table[0] for name, table in tables.items()}
        save_file({name: table.contiguous() for name, table in tables.items()}, path)
        path.chmod(0o644)
    entries: list[dict[str, Any]] = []
    for case in CASES_OF_WORDS:
        arrays = run_case(case, folder)
        plain = golden.run_case(case.case)[0]
        last = np.ascontiguousarray(arrays["latents"][-1], "<f4")
        (folder / f"{case.id}.bin").write_bytes(last.tobytes() + arrays["picture"].tobytes())
        without = psnr(arrays["picture"], plain["picture"])
        entries.append(
            {
                "id": case.id,
                "base": case.base,
                "words": list(case.words),
                "prompt": case.prompt,
                "negativePrompt": case.case.negative,
                "file": f"{case.id}.bin",
                "latentShape": list(last.shape),
                "withoutDb": round(without, 2),
            }
        )
        print(case.id, f"{without:.2f} dB without", f"contrast {arrays['picture'].std():.1f}", flush=True)
    versions = {"diffusers": diffusers.__version__, "torch": torch.__version__.split("+")[0]}
    write_json(folder / "cases.json", {"format": 1, "versions": versions, "cases": entries})
