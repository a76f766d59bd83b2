"""Each study left out: how well the others predict it, and what they say without it.

Draws of the whole fit are weighted by the inverse of the study's likelihood, its own effect
integrated out, and the weights' tail is smoothed (PSIS: Vehtari, Gelman and Gabry 2017,
Statistics and Computing 27, 1413-1432). Where a study carries so much that the weights
cannot be relied on, the fit is integrated anew without it.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import arviz_stats as azs
import numpy as np
import pandas as pd
import xarray as xr

from livingreview.base.seeds import seed_of
from livingreview.checks.assembled_fits import Fit
from livingreview.checks.nested_averages import EvidenceOfOutcomes, NestedEvidence
from livingreview.checks.power_scaling import power_scaling_rows
from livingreview.checks.refits import Refits
from livingreview.checks.study_averages import log_density, log_marginals, log_probability_below
from livingreview.effects.data_set import Dataset, Floats
from livingreview.effects.likelihood_tables import log_tails
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.study_tables import StudyLikelihoods
from livingreview.protocol.checks import CheckThresholds
from livingreview.tables.checks import Influence, LeftOut, PowerScaling, Unchecked

# Kinds of model in which studies depend on each other only through mu, beta and tau.
INTEGRABLE = ("hierarchical", "robust", "shrinkage")
# Closed forms of the likelihood and both tail probabilities of a study that gives an estimate.
CLOSED = (log_density, log_probability_below, log_probability_below)
# Most numbers of one array (draws times studies); with more studies, draws are thinned.
MOST_NUMBERS = 12_000_000


@dataclass(frozen=True)
class StudyMarginals:
    """Likelihood and tail probabilities of every study at every draw, its effect integrated out.

    Attributes
    ----------
    log_likelihood : ndarray, shape (draw, study)
    below, upto : ndarray, shape (draw, study)
        Probability of a report below the study's, and of one not above it.
    """

    log_likelihood: Floats
    below: Floats
    upto: Floats


@dataclass(frozen=True)
class Tabulated:
    """What is averaged of studies with one effect each.

    Attributes
    ----------
    likelihoods : StudyLikelihoods
    functions : tuple of ndarray, shape (study, point)
        Logs of the likelihood, and of both tail probabilities.
    """

    likelihoods: StudyLikelihoods
    functions: tuple[Floats, ...]

    @classmethod
    def of(cls, data: Dataset) -> Tabulated:
        """Refuses if a study gives several effects, or too many events."""
        likelihoods = StudyLikelihoods.from_readings([data])
        order = np.argsort(data.effect_study)
        below, upto = log_tails(data, likelihoods.theta)
        if not np.array_equal(order, np.arange(order.size)):
            below, upto = below[order], upto[order]
        return cls(likelihoods, (likelihoods.log_likelihood, below, upto))


def integrated(
    fit: Fit,
    nested: NestedEvidence | None = None,
    tabulate: Callable[[Dataset], Tabulated] = Tabulated.of,
) -> StudyMarginals:
    """Integrate every study's effect out at every draw.

    Parameters
    ----------
    nested : NestedEvidence, optional
        The fit's evidence, where a study gives several effects.
    tabulate : callable
        Makes the tables where they are needed, or has them from another fit of the same data.
    """
    if fit.model.kind not in INTEGRABLE:
        raise Refusal(f"the likelihood of one study is not defined in a {fit.model.kind} model")
    location, tau, degrees = fit.location_of_studies, fit.draws("tau"), fit.model.degrees
    if nested is not None:
        if degrees is not None:
            raise Refusal("with Student-t effects, studies with several effects are not tabulated")
        omega = fit.draws("omega")
        log_likelihood = nested.log_likelihood(location, tau, omega)
        tails = nested.log_tail_averages(CLOSED[1:], location, tau, omega)
        return StudyMarginals(log_likelihood, *(np.exp(np.minimum(tail, 0.0)) for tail in tails))
    of = tabulate(fit.data)
    averages = log_marginals(of.likelihoods, of.functions, CLOSED, location, tau, degrees)
    averages[1:] = [np.exp(np.minimum(tail, 0.0)) for tail in averages[1:]]
    return StudyMarginals(*averages)


def draws_tree(fit: Fit, parts: StudyMarginals) -> xr.DataTree:
    """Pooled quantities and likelihoods of the studies, as ArviZ reads them."""
    chain, draw = fit.posterior["chain"], fit.posterior["draw"]
    shape = (chain.size, draw.size)
    dims = ("chain", "draw")
    return xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset(
                {name: (dims, draws.reshape(shape)) for name, draws in fit.pooled.items()},
                coords={"chain": chain, "draw": draw},
            ),
            "log_likelihood": xr.Dataset(
                {"terms": ((*dims, "study"), parts.log_likelihood.reshape(*shape, -1))},
                coords={"chain": chain, "draw": draw, "study": list(fit.data.studies)},
            ),
        }
    )


def influence_tables(
    fits: Iterable[Fit], limits: CheckThresholds, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Leave each study out of each fit, and scale each fit's prior and likelihood.

    Returns `influence`, `left_out`, `power_scaling`, `unchecked`: columns of the classes of
    `livingreview.tables.checks` of these names.
    """
    influence: list[dict[str, Any]] = []
    left_out: list[dict[str, Any]] = []
    scaled: list[dict[str, Any]] = []
    unchecked: list[dict[str, Any]] = []
    fits = list(fits)
    several = {fit.name: fit.data for fit in fits if fit.has_sd_within_study}
    evidence = EvidenceOfOutcomes(several)
    # The models of an outcome follow one another, and share their tables.
    tabulate = lru_cache(maxsize=1)(Tabulated.of)
    for whole in fits:
        fit = whole.thinned(MOST_NUMBERS // len(whole.data.studies))
        nested = None
        try:
            if fit.name in several:
                nested = evidence.of(fit.name)
            parts = integrated(fit, nested, tabulate)
        except Refusal as refusal:
            for table in ("influence", "power_scaling"):
                unchecked.append({"fit": fit.name, "table": table, "reason": str(refusal)})
            continue
        tree = draws_tree(fit, parts)
        largest_k, pit_seed = limits.pareto_k_at_most.value, seed_of(seed, f"{fit.name}/pit")
        for of_study, without in left_out_rows(fit, tree, parts, largest_k, pit_seed, nested):
            influence.append(of_study)
            left_out += without
        scaled += power_scaling_rows(fit, tree, limits)
    return (
        Influence.frame(influence),
        LeftOut.frame(left_out),
        PowerScaling.frame(scaled),
        Unchecked.frame(unchecked),
    )


def left_out_rows(
    fit: Fit,
    tree: xr.DataTree,
    parts: StudyMarginals,
    largest_k: float,
    seed: int,
    nested: NestedEvidence | None = None,
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """For each study, its row of `influence.csv` and its rows of `left_out.csv`."""
    with warnings.catch_warnings():
        # A large Pareto k is in the table, and leads to a refit or to a warning of ours.
        warnings.simplefilter("ignore", UserWarning)
        loo = azs.loo(tree, pointwise=True)
    log_weights = loo.log_weights.transpose("study", "chain", "draw").to_numpy()
    weights = np.exp(log_weights.reshape(len(log_weights), -1))
    pooled = fit.pooled
    # Where in its step a discrete report lies is drawn, so that the transform is uniform.
    places = np.random.default_rng(seed).random(len(weights))
    refits = Refits(fit, nested)
    for i, (study, of_study) in enumerate(zip(fit.data.studies, weights, strict=True)):
        share = of_study / of_study.sum()
        elpd, k = float(loo.elpd_i[i]), float(loo.pareto_k[i])
        below, upto = share @ parts.below[:, i], share @ parts.upto[:, i]
        statistics = {name: weighted(draws, share) for name, draws in pooled.items()}
        exact = refits.without(i) if k > largest_k else None
        if exact is not None:
            elpd, below, upto, statistics = exact.elpd, exact.below, exact.upto, exact.statistics
        pit = float(np.clip(below + places[i] * (upto - below), 0.0, 1.0))
        common = {"fit": fit.name, "study_id": study}
        row = common | {"elpd": elpd, "pareto_k": k, "pit": pit, "refitted": exact is not None}
        yield (
            row,
            [
                common | {"quantity": name, **figures, "pareto_k": k}
                for name, figures in statistics.items()
            ],
        )


def weighted(draws: Floats, share: Floats) -> dict[str, float]:
    """Mean, standard deviation, median and probability above 0 of weighted draws."""
    mean = float(share @ draws)
    order = np.argsort(draws)
    middle = min(int(np.searchsorted(np.cumsum(share[order]), 0.5)), draws.size - 1)
    return {
        "mean": mean,
        "sd": float(np.sqrt(share @ (draws - mean) ** 2)),
        "q50": float(draws[order[middle]]),
        "p_above_zero": float(np.clip(share @ (draws > 0), 0.0, 1.0)),
    }
