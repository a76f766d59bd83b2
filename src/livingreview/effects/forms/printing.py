"""Which results are always printed, and how often the others are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Sides = Literal["two_sided", "one_sided"]


@dataclass(frozen=True)
class Printing:
    """A printing weight, and the results that it is for: the *unfavoured* ones.

    Attributes
    ----------
    weight : float
        Relative probability, above 0 and at most 1, that an unfavoured result is printed.
    favoured : int
        Sign of the z of significant results that are always printed; 0 if both are.
    """

    weight: float
    favoured: Literal[-1, 0, 1] = 0

    def unfavoured(self, significant_z: Floats) -> tuple[Floats, Floats]:
        """Bounds of z between which a result is unfavoured, from the z of significance."""
        infinite = np.full(significant_z.shape, np.inf)
        low = -infinite if self.favoured > 0 else -significant_z
        high = infinite if self.favoured < 0 else significant_z
        return low, high
