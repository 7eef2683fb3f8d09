"""The exported graphs walked as the studio walks them: cache, greedy, beams, questions, matching. In numpy over onnxruntime,
so that a folder is judged by what it ships.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from forge.captioner.graphs import HIDDEN
from forge.captioner.package import causal_bias

Cache = dict[str, np.ndarray]


class Runner:
    def __init__(self, folder: Path, form: str | None = None):
        self.manifest = json.loads((folder / "manifest.json").read_text())
        self.tokenizer = Tokenizer.from_file(str(folder / self.manifest["tokenizer"]["json"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.sessions = {}
        for name, part in self.manifest["parts"].items():
            variant = next(v for v in part["variants"] if form in (None, v["id"]))
            self.sessions[name] = onnxruntime.InferenceSession(folder / variant["graph"], options, ["CPUExecutionProvider"])
        text = self.manifest["text"]
        self.bos, self.sep, self.window = text["bosId"], text["sepId"], text["maxTokens"]

    def _call(self, part: str, feeds: Cache) -> Cache:
        session = self.sessions[part]
        return dict(zip((o.name for o in session.get_outputs()), session.run(None, feeds), strict=True))

    # -- pictures and texts

    def pixels(self, picture: np.ndarray) -> np.ndarray:
        """[side, side, 3] bytes as the vision model's input."""
        image = self.manifest["image"]
        values = (picture.astype(np.float32) / 255 - np.array(image["mean"], np.float32)) / np.array(image["std"], np.float32)
        return np.ascontiguousarray(values.transpose(2, 0, 1)[None])

    def see(self, picture: np.ndarray) -> Cache:
        """`last_hidden_state` and, where there is one, `image_embeds`."""
        return self._call("vision_model", {"pixel_values": self.pixels(picture)})

    def encode(self, text: str) -> list[int]:
        ids = self.tokenizer.encode(text).ids
        return ids if len(ids) <= self.window else [*ids[: self.window - 1], ids[-1]]

    def read(self, texts: list[str], states: np.ndarray, cross: bool) -> Cache:
        """The text encoder on several texts at once, the shorter ones padded."""
        rows = [self.encode(t) for t in texts]
        longest = max(map(len, rows))
        ids = np.array([r + [self.manifest["text"]["padId"]] * (longest - len(r)) for r in rows], np.int32)
        bias = np.array([[0.0] * len(r) + [HIDDEN] * (longest - len(r)) for r in rows], np.float32)[:, None, None]
        feeds = {"input_ids": ids, "position_ids": np.arange(longest, dtype=np.int32)[None], "attention_bias": bias,
                 "encoder_hidden_states": states, "cross": np.array([float(cross)], np.float32)}
        return self._call("text_encoder", feeds)

    # -- decoding

    def context(self, states: np.ndarray) -> Cache:
        made = self._call("text_decoder_context", {"encoder_hidden_states": states})
        return {name.replace("present", "past_key_values"): value for name, value in made.items()}

    def empty(self, rows: int) -> Cache:
        shape, cache = self.manifest["decoder"], {}
        for n in range(shape["layers"]):
            cache[f"past_key_values.{n}.decoder.key"] = np.zeros((rows, shape["heads"], shape["headSize"], 1), np.float32)
            cache[f"past_key_values.{n}.decoder.value"] = np.zeros((rows, shape["heads"], 1, shape["headSize"]), np.float32)
        return cache

    def step(self, ids: np.ndarray, cache: Cache, context: Cache) -> tuple[np.ndarray, Cache]:
        """Scores after each new token [batch, tokens, words], and the longer cache."""
        known, new = cache["past_key_values.0.decoder.key"].shape[3] - 1, ids.shape[1]
        feeds = {"input_ids": ids.astype(np.int32), "position_ids": np.arange(known, known + new, dtype=np.int32)[None],
                 "attention_bias": causal_bias(known, new), **cache, **context}
        made = self._call("text_decoder", feeds)
        return made.pop("logits"), {name.replace("present", "past_key_values"): value for name, value in made.items()}

    def greedy(self, context: Cache, tokens: int, prefix: list[int] | None = None) -> list[int]:
        ids = [self.bos, *(prefix or [])]
        logits, cache = self.step(np.array([ids]), self.empty(1), context)
        for _ in range(tokens):
            ids.append(int(logits[0, -1].argmax()))
            if ids[-1] == self.sep:
                break
            logits, cache = self.step(np.array([ids[-1:]]), cache, context)
        return ids

    def beams(self, context: Cache, tokens: int, count: int = 3, prefix: list[int] | None = None) -> list[int]:
        """As `generate(num_beams=count)` searches with its defaults: of the 2 x count best continuations those that end are kept
        with their mean log-probability (over the generated tokens, the end among them) if they are among the first count, the best
        of the others go on; until the best of these cannot beat the worst of count finished ones, or no token is left."""
        given = [self.bos, *(prefix or [])]
        logits, cache = self.step(np.array([given]), self.empty(1), context)
        cache = {name: np.repeat(value, count, 0) for name, value in cache.items()}
        scores = np.array([0.0] + [-1e9] * (count - 1), np.float32)
        running, finished = [list(given) for _ in range(count)], []
        last = np.repeat(logits[:, -1], count, 0)
        for made in range(1, tokens + 1):
            shifted = last - last.max(-1, keepdims=True)
            logs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)) + scores[:, None]
            words = logs.shape[1]
            order = np.argsort(-logs.ravel(), kind="stable")[: 2 * count]
            going = []
            for rank, place in enumerate(order.tolist()):
                beam, token, score = place // words, place % words, float(logs.ravel()[place])
                ends = token == self.sep or made == tokens
                if ends and rank < count:
                    finished.append((score / made, [*running[beam], token]))
                elif not ends:
                    going.append((score, beam, token))
            finished = sorted(finished, key=lambda f: -f[0])[:count]
            if not going:
                break
            going = going[:count]
            scores = np.array([g[0] for g in going], np.float32)
            running = [[*running[beam], token] for _, beam, token in going]
            if len(finished) == count and scores[0] / made <= finished[-1][0]:
                break
            cache = {name: value[[beam for _, beam, _ in going]] for name, value in cache.items()}
            logits, cache = self.step(np.array([[token] for _, _, token in going]), cache, context)
            last = logits[:, -1]
        return finished[0][1]

    # -- tasks

    def caption(self, states: np.ndarray, beams: int = 1, prefix: str = "", tokens: int | None = None) -> list[int]:
        begun = self.tokenizer.encode(prefix, add_special_tokens=False).ids if prefix else None
        return self._decode(self.context(states), tokens or self.manifest["caption"]["maxTokens"], beams, begun)

    def answer(self, states: np.ndarray, question: str, beams: int = 1) -> list[int]:
        asked = self.read([question], states, cross=True)["last_hidden_state"]
        return self._decode(self.context(asked), self.manifest["question"]["maxTokens"], beams)

    def _decode(self, context: Cache, tokens: int, beams: int, prefix: list[int] | None = None) -> list[int]:
        return self.greedy(context, tokens, prefix) if beams == 1 else self.beams(context, tokens, beams, prefix)

    def words(self, ids: list[int]) -> str:
        return self.tokenizer.decode(ids, skip_special_tokens=True)

    def fits(self, texts: list[str], states: np.ndarray) -> np.ndarray:
        """Matching logits [texts, 2]."""
        return self.read(texts, states, cross=True)["itm_logits"]

    def similar(self, texts: list[str], seen: Cache) -> np.ndarray:
        return self.read(texts, seen["last_hidden_state"], cross=False)["text_embeds"] @ seen["image_embeds"][0]
