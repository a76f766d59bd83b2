r"""Posteriors of linear combinations of coefficients as mixtures of normals.

At one node of the SDs, a lattice with step h has points :math:`b = b_0 + R z` with density w. A
combination is :math:`c^\top b = c^\top b_0 + |v| \zeta` with :math:`v = R^\top c`, and

.. math:: E\, e^{i s \zeta} = \sum_z w_z \prod_d e^{i s z_d v_d / |v|}

is a trapezium sum, as exact as that of the density itself up to the frequency :math:`\pi / h`,
beyond which it repeats itself and nothing is left of a smooth density. Over the transform of a
narrow normal, it is that of a law of which the density is a blur: equally spaced components of a
mixture, which blurs, sums over nodes of the SDs and quantiles leave a mixture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from livingreview.models.quadrature.marginals import Floats

# Standard deviations beyond the longest axis of a lattice at which a density is surely over.
BEYOND = 2.0
# Distance, and SD, of the components of a mixture in steps of the lattice: as narrow as their
# distance, normals add up to an even density to nine digits.
OF_STEP = 0.5


@dataclass(frozen=True)
class Mixtures:
    """Components of the density of zeta, the same at every node.

    Attributes
    ----------
    zeta : ndarray, shape (component,)
        Equally spaced.
    sd : float
    """

    zeta: Floats
    sd: float

    @classmethod
    def over(cls, axes: Sequence[Floats]) -> Mixtures:
        """Components for lattices with these axes."""
        distance = OF_STEP * float(axes[0][1] - axes[0][0])
        reach = max(float(np.abs(axis).max()) for axis in axes) + BEYOND
        half = int(np.ceil(reach / distance))
        return cls(distance * np.arange(-half, half, dtype=np.float64), distance)

    def weights(self, density: Floats, axes: Sequence[Floats], slopes: Floats) -> Floats:
        """Weights of the components at some nodes, shape (node, component), adding up to 1.

        Parameters
        ----------
        density : ndarray, shape (node, point of axis 1, of axis 2, ...)
        slopes : ndarray, shape (node, axis)
            v of each node.
        """
        steps = slopes / np.sqrt((slopes**2).sum(axis=1, keepdims=True))
        distance = float(self.zeta[1] - self.zeta[0])
        frequency = 2 * np.pi * np.fft.rfftfreq(self.zeta.size, distance)
        s = frequency[frequency < np.pi / float(axes[0][1] - axes[0][0])]
        nodes = len(density)
        total = density
        for d in reversed(range(len(axes))):
            if total is density and d > 0 and not slopes[:, d].any():
                total = density = density.sum(axis=-1)
                continue
            wave = np.exp(1j * steps[:, d, None, None] * axes[d][:, None] * s)
            if total is density:
                flat = density.reshape(nodes, -1, axes[d].size)
                total = flat @ wave.real + 1j * (flat @ wave.imag)
            else:
                parts = total.reshape(nodes, -1, axes[d].size, s.size)
                total = np.einsum("qmns,qns->qms", parts, wave)
        # Of the components' places alone, counted from the first of them.
        transform = total[:, 0].conj() * np.exp(0.5 * (self.sd * s) ** 2 + 1j * self.zeta[0] * s)
        weights = np.fft.irfft(transform, self.zeta.size, axis=1)
        return weights / weights.sum(axis=1, keepdims=True)
