"""Many named arrays in one vector.

nutpie compiles about a second of code for each array that can be swapped after
compiling, so a model keeps all its numbers in one vector and slices it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Name of the vector in a model.
NUMBERS = "numbers"


@dataclass(frozen=True)
class Layout:
    """Shapes of named arrays, in the order in which they are packed.

    Attributes
    ----------
    shapes : dict of tuple of int
    """

    shapes: dict[str, tuple[int, ...]]

    @classmethod
    def for_arrays(cls, arrays: dict[str, NDArray[np.float64]]) -> Layout:
        """Layout that fits these arrays."""
        return cls({name: array.shape for name, array in arrays.items()})

    def packed(self, arrays: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """One vector of all arrays.

        Raises `ValueError` if an array is missing, unknown, or of another shape.
        """
        shapes = {name: array.shape for name, array in arrays.items()}
        if shapes != self.shapes:
            differing = {n for n in shapes | self.shapes if shapes.get(n) != self.shapes.get(n)}
            raise ValueError(f"arrays that do not fit the compiled model: {sorted(differing)}")
        return np.concatenate([arrays[name].ravel() for name in self.shapes])

    def unpacked(self, vector: Any) -> dict[str, Any]:
        """Slices of a vector (array or tensor), each in its own shape."""
        arrays, start = {}, 0
        for name, shape in self.shapes.items():
            stop = start + prod(shape)
            part = vector[start:stop]
            arrays[name] = part if len(shape) == 1 else part.reshape(shape)
            start = stop
        return arrays
