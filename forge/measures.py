"""Numbers of an evaluation: shares with their intervals, distances of distributions, variety, nearness to training."""

from __future__ import annotations

import math

import torch
from torch import Tensor

Share = dict[str, float | int]


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """95 % Wilson interval of a share."""
    if not count:
        return 0.0, 1.0
    p = hits / count
    middle, spread = p + z * z / (2 * count), z * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(0.0, (middle - spread) / (1 + z * z / count)), min(1.0, (middle + spread) / (1 + z * z / count))


def share(hits: list[bool]) -> Share:
    low, high = wilson(sum(hits), len(hits))
    return {"hits": sum(hits), "of": len(hits), "share": round(sum(hits) / max(1, len(hits)), 4), "low": round(low, 4), "high": round(high, 4)}


def kernel_distance(a: Tensor, b: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy of features [N, D] and [M, D] with the cubic kernel of KID
    (arXiv 1801.01401), on our own evaluator's features: comparable only with itself, and never an FID."""
    def kernel(x: Tensor, y: Tensor) -> Tensor:
        return (x @ y.T / x.shape[1] + 1) ** 3

    def off_diagonal(k: Tensor) -> Tensor:
        return (k.sum() - k.diagonal().sum()) / (len(k) * (len(k) - 1))

    a, b = a.double(), b.double()
    return float(off_diagonal(kernel(a, a)) + off_diagonal(kernel(b, b)) - 2 * kernel(a, b).mean())


def spread(groups: list[Tensor]) -> float:
    """Mean distance between pictures of one prompt, features [seeds, D] a prompt."""
    each = [torch.pdist(g).mean() for g in groups]
    return float(torch.stack(each).mean())


def nearest_ratio(made: Tensor, training: Tensor) -> float:
    """Median over pictures of (distance to the nearest training picture) / (to the second nearest): near 1 where a picture
    is as far from one as from another, near 0 where it is a copy of one."""
    near = torch.cdist(made, training).topk(2, largest=False).values
    return float((near[:, 0] / near[:, 1].clamp(min=1e-9)).median())
