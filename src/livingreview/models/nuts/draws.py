"""Draws from a compiled model: again with smaller steps, or more of them, where they fall short."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from typing import Any

import nutpie
import xarray as xr

from livingreview.base.steps import LOG, show_progress
from livingreview.effects.data_set import Floats
from livingreview.models.diagnostics import SamplingLimits, diagnostics
from livingreview.models.nuts.compiling import CompiledModel
from livingreview.models.nuts.packing import NUMBERS, Layout
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.run_config import Sampler

# A divergence marks a region that the steps were too large for. Each further attempt asks for
# an acceptance this much nearer to 1: 0.95, then 0.99, then 0.998.
NEARER = 0.2
# Most draws of effects that are held at once, in numbers: half a gigabyte.
MOST_NUMBERS = 64_000_000


def sampler_of(specification: ModelSpecification, sampler: Sampler) -> Sampler:
    """The run's sampler, with smaller steps where a model asks for them."""
    if specification.target_accept is None:
        return sampler
    return sampler.model_copy(update={"target_accept": specification.target_accept})


def sample_enough(
    compiled: CompiledModel,
    numbers: dict[str, Floats],
    sampler: Sampler,
    seed: int,
    fit: str,
    finished: Callable[[xr.DataTree], xr.DataTree],
    limits: SamplingLimits | None,
) -> xr.DataTree:
    """Fit as `sample_again` draws it, again with twice the draws while they are too few.

    How many draws a quantity needs hangs on what the studies tell of it: little of the standard
    deviation within studies when few of them give several effects. What still misses a limit at
    the last doubling is returned, for the gate to judge; so is a fit that diverges, which more
    draws do not mend.

    Parameters
    ----------
    finished : function
        From draws to the fit that is stored.
    limits : SamplingLimits, optional
        Without them, draws are not made again.
    """
    for doubling in range(sampler.doublings + 1):
        more = sampler.model_copy(update={"draws": sampler.draws * 2**doubling})
        draws = sample_again(compiled, numbers, more, seed, fit)
        found = finished(draws)
        if limits is None or doubling == sampler.doublings or divergences_of(draws):
            break
        missed = limits.missed(diagnostics(found["posterior"].to_dataset()))
        if missed is None:
            break
        if 2 * found["posterior"]["theta"].size > MOST_NUMBERS:
            LOG.warning(f"{fit}: {missed}; twice the draws would not fit into memory")
            break
        LOG.info(f"{fit}: {missed}; sampling again with twice the draws")
    return found


def divergences_of(draws: xr.DataTree) -> int:
    """Number of draws that diverged."""
    return int(draws["sample_stats"]["diverging"].sum())


def sample_again(
    compiled: CompiledModel,
    numbers: dict[str, Floats],
    sampler: Sampler,
    seed: int,
    fit: str,
) -> xr.DataTree:
    """Draw as `sample` does, again with smaller steps while a draw diverges.

    Whether one of 8,000 draws diverges can hang on the processor's last digit; a build should
    not. What still diverges at the last attempt is returned, for the gate to judge.
    """
    for attempt in range(sampler.attempts):
        target = 1 - (1 - sampler.target_accept) * NEARER**attempt
        steps = sampler.model_copy(update={"target_accept": target})
        start = time.monotonic()
        draws = sample(compiled, numbers, steps, seed, fit)
        divergences = divergences_of(draws)
        LOG.log(
            logging.WARNING if divergences else logging.INFO,
            f"{fit}: {steps.chains} chains of {steps.draws} draws after {steps.tune} to tune,"
            f" acceptance {target:.3f} (attempt {attempt + 1} of {sampler.attempts}),"
            f" {divergences} divergences, {time.monotonic() - start:.1f} s",
        )
        if not divergences:
            break
    return draws


def sample(
    compiled: CompiledModel,
    numbers: dict[str, Floats],
    sampler: Sampler,
    seed: int,
    fit: str = "sampling",
) -> xr.DataTree:
    """Draw from a compiled model with the given numbers."""

    def show(chains: list[Any]) -> None:
        done = sum(chain.finished_draws for chain in chains)
        show_progress(fit, done, sum(chain.total_draws for chain in chains))

    return nutpie.sample(
        compiled.with_data(**{NUMBERS: Layout.for_arrays(numbers).packed(numbers)}),
        draws=sampler.draws,
        tune=sampler.tune,
        chains=sampler.chains,
        # Chains in turn: fits run side by side instead, and draws do not depend on it.
        cores=1,
        seed=seed,
        target_accept=sampler.target_accept,
        progress_bar=False,
        progress_callback=show if sys.stderr.isatty() else None,
        save_warmup=False,
    )
