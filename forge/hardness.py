"""Exposures go where the error is: of many things, the one that is still badly drawn is shown more often.

Sampling by a power of the loss, as in prioritized replay (Schaul et al. 2016) with no correction: what is wanted is that every
thing becomes good, not the mean.

What a brand is told apart by is no error of a certain size: a star in two styles differs by a shade, a motor scooter in every
line. So an error counts the more, the nearer the other styles' drawings of the same thing are.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Hardness:
    """How badly each concept is still answered at pure noise, as a running mean of its squared error.

    `weights` are relative to the mean over all concepts and kept within `LIMITS`; one that was not met yet has 1."""

    POWER = 2.0
    LIMITS = (0.2, 5.0)
    NEAR = 0.01
    """Gaps below it, of drawings that nothing tells apart, count as this."""
    KEPT = 0.7
    """Of the running mean, when a new error joins it."""

    def __init__(self, count: int, gaps: Tensor | None = None):
        """`gaps` [count]: squared distance to the nearest drawing that it must not be taken for; none: all the same."""
        self.error = torch.full((count,), float("nan"))
        self.gaps = torch.ones(count) if gaps is None else gaps.clamp(min=self.NEAR)

    def learn(self, named: Tensor, error: Tensor) -> None:
        """`named` [N] concepts' indices, `error` [N] their squared errors."""
        for c, e in zip(named.tolist(), error.tolist()):
            before = float(self.error[c])
            self.error[c] = e if before != before else self.KEPT * before + (1 - self.KEPT) * e

    def weights(self) -> Tensor:
        """[concepts]"""
        met = ~self.error.isnan()
        if not met.any():
            return torch.ones_like(self.error)
        asked = self.error**self.POWER / self.gaps
        return torch.where(met, (asked / asked[met].mean()).clamp(*self.LIMITS), torch.ones_like(self.error))
