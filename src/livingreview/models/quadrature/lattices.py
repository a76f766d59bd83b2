"""Lattices of coefficients at nodes of the SDs: where their mass is, and sums over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livingreview.models.quadrature.linear_terms import Frames, LinearTerm, log_densities, modes
from livingreview.models.quadrature.marginals import Floats

# Steps, in standard deviations, of the lattices that find the shape of a posterior.
SHAPING_STEP = 1.0
# How often a lattice takes the mean and the covariance that it found, and its reach meanwhile.
SHAPINGS = 3
SHAPING_REACH = 6.0
# Reach of the lattice that finds where the mass ends, and how much further, where it does not.
FIRST_REACH = 7.0
FURTHER = 5.0
FURTHEST = 40.0
# Variance added to that found, in case that only one point of a lattice has mass.
LEAST_VARIANCE = 0.03
# Share of the mass in the outermost layer of a lattice below which it ends.
NEGLIGIBLE = 1e-9
# Most numbers of the lattices of one block of nodes: few enough to stay in a processor's cache.
BLOCK = 100_000


@dataclass(frozen=True)
class Nodes:
    """Nodes of both SDs at one location of control shares.

    Attributes
    ----------
    terms : tuple of LinearTerm
        Log density of the coefficients, priors included.
    frames : Frames
    log_weight : ndarray, shape (node,)
        Log prior density of the SDs, and weight of the location.
    log_mass : ndarray, shape (node,)
        Log weight and log integral of the density, so far as it is known.
    within, tau : ndarray of int, shape (node,)
        Places of the SDs in their grids.
    """

    terms: tuple[LinearTerm, ...]
    frames: Frames
    log_weight: Floats
    log_mass: Floats
    within: NDArray[np.int64]
    tau: NDArray[np.int64]

    @classmethod
    def at_modes(
        cls,
        terms: tuple[LinearTerm, ...],
        log_weight: Floats,
        within: NDArray[np.int64],
        tau: NDArray[np.int64],
    ) -> Nodes:
        """Nodes whose mass is that of normal laws that bend like the densities at their modes."""
        frames, top = modes(terms, log_weight.size)
        of_normal = frames.log_volume + frames.centre.shape[1] / 2 * np.log(2 * np.pi)
        return cls(terms, frames, log_weight, log_weight + top + of_normal, within, tau)

    def only(self, some: NDArray[np.int64]) -> Nodes:
        """Some of the nodes."""
        return Nodes(
            terms=tuple(term.only(some) for term in self.terms),
            frames=self.frames.only(some),
            log_weight=self.log_weight[some],
            log_mass=self.log_mass[some],
            within=self.within[some],
            tau=self.tau[some],
        )

    def span(self, rows: Floats, reach: float) -> tuple[float, float]:
        """Least and largest value of linear combinations, so many SDs from the centre.

        `rows`: shape (combination, coefficient).
        """
        ends = []
        for row in rows:
            centre, slopes = self.frames.along(row)
            sd = reach * np.sqrt((slopes**2).sum(axis=1))
            ends += [(centre - sd).min(), (centre + sd).max()]
        return float(min(ends)), float(max(ends))

    def densities(self, axes: Sequence[Floats]) -> Iterator[tuple[Floats, Floats]]:
        """Densities on a lattice, block by block of nodes.

        Yields
        ------
        density : ndarray, shape (node, point of axis 1, of axis 2, ...)
            At most 1.
        log_unit : ndarray, shape (node,)
            Log of what 1 stands for, times the log weight and the volume of a cell.
        """
        size = max(1, int(BLOCK / np.prod([axis.size for axis in axes])))
        log_cell = sum(np.log(axis[1] - axis[0]) for axis in axes)
        for first in range(0, self.log_weight.size, size):
            part = self.only(np.arange(first, min(first + size, self.log_weight.size)))
            log_density = log_densities(part.terms, part.frames, axes)
            top = log_density.max(axis=tuple(range(1, log_density.ndim)))
            log_density -= top.reshape(-1, *[1] * len(axes))
            log_unit = top + part.log_weight + part.frames.log_volume + log_cell
            yield np.exp(log_density, out=log_density), log_unit

    def shaped(self) -> Nodes:
        """The same in the frames of their means and covariances."""
        dimensions = self.frames.centre.shape[1]
        axes = lattice_axes(np.tile([-SHAPING_REACH, SHAPING_REACH], (dimensions, 1)), SHAPING_STEP)
        z = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dimensions)
        squares = (z[:, :, None] * z[:, None, :]).reshape(len(z), -1)
        nodes = self
        for _ in range(SHAPINGS):
            found = []
            for density, log_unit in nodes.densities(axes):
                flat = density.reshape(len(density), -1)
                total = flat.sum(axis=1)
                mean = flat @ z / total[:, None]
                second = (flat @ squares / total[:, None]).reshape(-1, dimensions, dimensions)
                found.append((mean, second, log_unit + np.log(total)))
            mean, second, log_mass = (np.concatenate(part) for part in zip(*found, strict=True))
            covariance = second - mean[:, :, None] * mean[:, None, :]
            covariance += LEAST_VARIANCE * np.eye(dimensions)
            frames = nodes.frames.moved(mean, covariance)
            nodes = replace(nodes, frames=frames, log_mass=log_mass)
        return nodes

    def layers(self, axes: Sequence[Floats], top: float) -> list[Floats]:
        """Mass of each layer of a lattice, across each of its axes, over the exponential of top."""
        layers = [np.zeros(axis.size) for axis in axes]
        for density, log_unit in self.densities(axes):
            mass = np.tensordot(np.exp(log_unit - top), density, axes=1)
            for d in range(len(axes)):
                layers[d] += mass.sum(axis=tuple(e for e in range(len(axes)) if e != d))
        return layers


def lattice_axes(box: Floats, step: float) -> list[Floats]:
    """Equally spaced points of each axis; `box` has its ends, shape (axis, 2)."""
    return [step * np.arange(np.floor(low / step), np.ceil(high / step) + 1) for low, high in box]


def box_of_mass(sections: Sequence[Nodes]) -> Floats:
    """Ends of each axis of a lattice that holds all but a negligible share, shape (axis, 2)."""
    dimensions = sections[0].frames.centre.shape[1]
    top = max(float(nodes.log_mass.max()) for nodes in sections)
    box = np.tile([-FIRST_REACH, FIRST_REACH], (dimensions, 1))
    while True:
        axes = lattice_axes(box, SHAPING_STEP)
        of_sections = [nodes.layers(axes, top) for nodes in sections]
        layers = [np.sum(of_axis, axis=0) for of_axis in zip(*of_sections, strict=True)]
        has_mass = [layer > NEGLIGIBLE * layer.sum() for layer in layers]
        ends = np.array([mass[[0, -1]] for mass in has_mass])
        if not ends.any() or np.abs(box).max() > FURTHEST:
            held = [axis[mass] for axis, mass in zip(axes, has_mass, strict=True)]
            return np.array([[of_axis[0] - 0.5, of_axis[-1] + 0.5] for of_axis in held])
        box = box + FURTHER * np.where(ends, [-1.0, 1.0], 0.0)
