"""Exposures go where the error is: of many things, the one that is still badly drawn is shown more often.

Sampling by a power of the loss, as in prioritized replay (Schaul et al. 2016) with no correction: what is wanted is that every
thing becomes good, not the mean.
"""

from __future__ import annotations

import torch
from torch import Tensor


class Hardness:
    """How badly each concept is still answered at pure noise, as a running mean of its squared error.

    `weights` are relative to the mean over all concepts and kept within `LIMITS`; one that was not met yet has 1."""

    POWER = 2.0
    LIMITS = (0.2, 5.0)
    KEPT = 0.7
    """Of the running mean, when a new error joins it."""

    def __init__(self, count: int):
        self.error = torch.full((count,), float("nan"))

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
        asked = self.error**self.POWER
        return torch.where(met, (asked / asked[met].mean()).clamp(*self.LIMITS), torch.ones_like(self.error))
