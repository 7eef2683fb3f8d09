"""Ways to make the model smaller or quicker, each measured against its fp32 parent in one table: size on disk, agreement
of the 4-step latents, retrieval, seconds of one denoiser run. `python -m forge shorten` writes forge/results/RUN-shorter.json.

Nothing here is trained on afterwards but guidance distillation (a stage of its own), so pruning and factorization are
shown at their plainest: what they cost before any repair.
"""

from __future__ import annotations

import copy
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from forge.concepts import all_concepts
from forge.denoiser import Denoiser
from forge.evaluate import Judge
from forge.export_parts import denoiser_graph, text_encoder_graph
from forge.flow import GUIDANCE, guided, sample_euler
from forge.graph import Graph
from forge.paths import RESULTS
from forge.pictures import load_pictures
from forge.pipelines import TorchParts, noise_for, open_session
from forge.prompts import Sets
from forge.training import checkpoint_path, load, say, start

PROMPTS = 100


class LowRank(nn.Module):
    """A linear layer as a product of two thin ones: the truncated singular value decomposition of its weight."""

    def __init__(self, layer: nn.Linear, rank: int):
        super().__init__()
        u, s, v = torch.linalg.svd(layer.weight.detach(), full_matrices=False)
        self.down, self.up = nn.Linear(layer.in_features, rank, bias=False), nn.Linear(rank, layer.out_features, bias=layer.bias is not None)
        root = s[:rank].sqrt()
        with torch.no_grad():
            self.down.weight.copy_(root[:, None] * v[:rank])
            self.up.weight.copy_(u[:, :rank] * root)
            if layer.bias is not None:
                self.up.bias.copy_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(self.down(x))


@torch.no_grad()
def factorized(net: Denoiser, rank: int) -> Denoiser:
    """The feed-forward layers, the largest ones, at `rank`."""
    net = copy.deepcopy(net)
    for block in net.transformer_blocks:
        block.ff.net[0].proj, block.ff.net[2] = LowRank(block.ff.net[0].proj, rank), LowRank(block.ff.net[2], rank)
    return net


@torch.no_grad()
def pruned(net: Denoiser, keep: float) -> Denoiser:
    """The feed-forward units with the largest product of norms into and out of them (a structured magnitude rule)."""
    net = copy.deepcopy(net)
    for block in net.transformer_blocks:
        into, out = block.ff.net[0].proj, block.ff.net[2]
        order = (into.weight.norm(dim=1) * out.weight.norm(dim=0)).argsort(descending=True)
        chosen = order[: int(keep * len(order))].sort().values
        smaller_into, smaller_out = nn.Linear(into.in_features, len(chosen)), nn.Linear(len(chosen), out.out_features)
        smaller_into.weight.copy_(into.weight[chosen])
        smaller_into.bias.copy_(into.bias[chosen])
        smaller_out.weight.copy_(out.weight[:, chosen])
        smaller_out.bias.copy_(out.bias)
        block.ff.net[0].proj, block.ff.net[2] = smaller_into, smaller_out
    return net


@torch.no_grad()
def halved(net: nn.Module) -> nn.Module:
    """Weights rounded to float16, arithmetic in fp32."""
    net = copy.deepcopy(net)
    for p in net.parameters():
        p.copy_(p.half().float())
    return net


def _write(graph: Graph, folder: Path) -> int:
    graph.write(folder)
    return sum(f.stat().st_size for f in folder.iterdir())


EARLIER = "an earlier starter, "
"""Before a row that was measured then: its error is against its own parent."""


class Bench:
    """One vocabulary, one set of prompts, one noise: everything is compared on the same."""

    def __init__(self, run: str):
        self.parts = TorchParts(run)
        concepts = tuple(all_concepts()[c] for c in self.parts.concepts)
        self.judge = Judge(Sets(load_pictures(256), concepts))
        self.prompts = self.judge.sets.draw("single, held-out (H2)", PROMPTS)
        self.ids = torch.from_numpy(self.parts.encode([p.text for p in self.prompts]))
        self.nothing = torch.from_numpy(self.parts.encode([""]))
        self.noise = noise_for(PROMPTS)
        self.reference: Tensor | None = None

    @torch.no_grad()
    def latents(self, clean: Callable[[Tensor, Tensor, Tensor], Tensor], text: Callable[[Tensor], Tensor], guidance: float) -> Tensor:
        out, empty = [], text(self.nothing)
        for n in range(0, PROMPTS, 25):
            told = text(self.ids[n : n + 25])
            predict = guided(lambda x, t: clean(x, t, told), lambda x, t: clean(x, t, empty.expand(len(told), -1, -1)), guidance)
            out.append(sample_euler(predict, self.noise[n : n + 25], 4))
        return torch.cat(out)

    @torch.no_grad()
    def row(self, latents: Tensor, megabytes: float, seconds: float, passes: int) -> dict:
        if self.reference is None:
            self.reference = latents
        pictures = torch.cat([self.parts.decode(x) for x in latents.split(25)])
        score = self.judge.score("", pictures, self.prompts)
        apart = float((latents - self.reference).norm() / self.reference.norm())
        return {"megabytes": round(megabytes, 2), "relative error": round(apart, 4), "r1": score["r1"], "passes": passes, "seconds": round(seconds * passes, 4)}


def _seconds(graph: Path, runs: int = 9) -> float:
    """Median seconds of one denoiser run, batch 1, one thread of onnxruntime on this machine."""
    session = open_session(graph)
    feeds = {"sample": np.zeros((1, 12, 16, 16), np.float32), "timestep": np.array([500], np.float32), "encoder_hidden_states": np.zeros((1, 32, 256), np.float32)}
    session.run(None, feeds)
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        session.run(None, feeds)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def shorten(run: str) -> dict[str, dict]:
    """Measures every form; the first row is the parent."""
    start(0)
    bench, folder = Bench(run), checkpoint_path(run, "shorter").with_suffix("")
    net, text = bench.parts.denoiser, bench.parts.text_encoder
    rows: dict[str, dict] = {}

    def add(name: str, form: Denoiser, form_text: nn.Module, bits: int, from_graph: bool, scale: float = 1.0, guidance: float = bench.parts.guidance) -> None:
        at = folder / name.split(",")[0].replace(" ", "-")
        size = _write(denoiser_graph(form, bits), at / "denoiser") + _write(text_encoder_graph(form_text, bits), at / "text")
        clean, told = (lambda x, t, e: form(x, t * 1000, e)), form_text
        if from_graph:
            session, words = open_session(at / "denoiser" / "model.onnx"), open_session(at / "text" / "model.onnx")
            clean = lambda x, t, e: torch.from_numpy(session.run(None, {"sample": x.numpy(), "timestep": (t * 1000).numpy(), "encoder_hidden_states": np.ascontiguousarray(e.numpy())})[0])  # noqa: E731
            told = lambda ids: torch.from_numpy(words.run(None, {"input_ids": ids.numpy()})[0])  # noqa: E731
        passes = 2 if guidance != 1 else 1
        rows[name] = bench.row(bench.latents(clean, told, guidance), size * scale / 1e6, _seconds(at / "denoiser" / "model.onnx"), passes)
        say("shorten", form=name, megabytes=rows[name]["megabytes"], error=rows[name]["relative error"], r1=rows[name]["r1"]["share"], seconds=rows[name]["seconds"])

    add("fp32, the parent", net, text, 0, False)
    add("fp16 weights", halved(net), halved(text), 0, False, scale=0.5)
    add("8-bit weights", net, text, 8, True)
    add("4-bit linear weights", net, text, 4, True)
    add("feed-forward pruned to 75 %, 8-bit", pruned(net, 0.75), text, 8, True)
    add("feed-forward pruned to 50 %, 8-bit", pruned(net, 0.5), text, 8, True)
    add("feed-forward at rank 128, 8-bit", factorized(net, 128), text, 8, True)
    add("feed-forward at rank 64, 8-bit", factorized(net, 64), text, 8, True)
    path = RESULTS / f"{run}-shorter.json"
    before = load(checkpoint_path(run, "denoiser"))
    if bench.parts.guidance == 1 and before.get("guidance_folded"):
        # The run went on from shipped weights: what they were before guidance was folded in is no more.
        rows |= {EARLIER + n.removeprefix(EARLIER): r for n, r in json.loads(path.read_text()).items() if "before guidance distillation" in n}
    elif bench.parts.guidance == 1:
        teacher, teacher_text = copy.deepcopy(net), copy.deepcopy(text)
        teacher.load_state_dict(before["net"])
        teacher_text.load_state_dict(before["text"])
        add("before guidance distillation, two passes", teacher, teacher_text, 0, False, guidance=GUIDANCE)
        add("before guidance distillation, one pass", teacher, teacher_text, 0, False, guidance=1.0)
    path.write_text(json.dumps(rows, indent=1) + "\n")
    print(table(rows))
    return rows


def table(rows: dict[str, dict]) -> str:
    """Markdown, seconds also as a ratio to the parent's."""
    parent = next(iter(rows.values()))
    lines = ["| form | denoiser and text, MB | relative error of the latents | R@1 of 100 | network passes a step | seconds a step (ratio) |", "| --- | --- | --- | --- | --- | --- |"]
    for name, r in rows.items():
        lines.append(f"| {name} | {r['megabytes']:.1f} | {100 * r['relative error']:.1f} % | {100 * r['r1']['share']:.0f} [{100 * r['r1']['low']:.0f}, {100 * r['r1']['high']:.0f}] | "
                     f"{r['passes']} | {r['seconds']:.3f} ({r['seconds'] / parent['seconds']:.2f}) |")
    return "\n".join(lines)
