"""Simulation-based calibration: whether each model's sampler returns the prior it was fed.

Truth is drawn from the prior, studies are simulated from it, and the model is fitted
to them; over many such data sets the rank of the truth among the posterior draws
is uniform if, and only if, likelihood, prior and sampler agree (Talts and others
2018, arXiv 1804.06788). One compiled model serves all data sets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import nutpie
import pandas as pd
import pymc as pm
from numpy.typing import NDArray
from scipy import stats
from scipy.special import expit

from livingreview.effects.data_set import Dataset, Floats, joint_dataset
from livingreview.effects.forms.simulation import statement, wald_z
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.nuts.packing import Layout
from livingreview.models.nuts.sampling import sample
from livingreview.protocol.models import ModelSpecification
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.run_config import Sampler
from livingreview.records.evidence.statements import SIGNIFICANT_Z

# Variables whose ranks are kept, where a model has them.
RANKED = ("mu", "tau", "omega", "beta", "printed", "correlation", "theta")
# Draws that a rank is taken among; chains are thinned to it so that they are nearly independent.
RANKS = 100
BINS = 20
# A model with this many redraws of one study and still nothing printed has a fault.
MOST_REDRAWS = 100_000


@dataclass(frozen=True)
class Case:
    """A model with a made-up set of studies to calibrate it on.

    Attributes
    ----------
    data : Dataset
        Gives structure, sizes and standard errors.
    columns : ndarray, shape (study, coefficient)
    """

    name: str
    specification: ModelSpecification
    data: Dataset
    columns: Floats


def made_up_studies(
    sizes: list[int], baselines: dict[str, BaselinePriors], effects_per_study: int = 1
) -> Dataset:
    """Studies of all three kinds of evidence, on every outcome, one kind after the other."""
    kinds = ("binomial", "interval", "normal")
    rows = []
    for outcome in baselines:
        for i, n in enumerate(sizes):
            for j in range(effects_per_study):
                kind = kinds[(i + j) % 3]
                study, effect = f"study_{i}", f"study_{i}/{outcome}_{j}"
                common = {"study_id": study, "outcome": outcome, "likelihood": kind}
                arms: list[dict[str, object]] = [{"effect_id": effect}]
                if kind == "binomial":
                    arms = [
                        {"effect_id": None, "treated": 0, "events": 1, "total": n},
                        {"effect_id": effect, "treated": 1, "events": 1, "total": n},
                    ]
                elif kind == "interval":
                    arms[0] |= {"z_low": 0.0, "z_high": np.inf, "n_treated": n, "n_control": n}
                else:
                    arms[0] |= {"log_odds_ratio": 0.0, "standard_error": 3.3 / np.sqrt(n)}
                baseline = {"baseline_id": None if kind == "normal" else f"{effect}/control"}
                rows += [common | baseline | arm for arm in arms]
    return joint_dataset(pd.DataFrame(rows), baselines, sampling_correlation=0.5)


def graph(case: Case) -> pm.Model:
    """Graph of a case with its own design matrix: truth is drawn from it, as well as fitted."""
    coefficients = case.columns.shape[1]
    model = build_model(case.data, coefficients, case.specification)
    numbers = model_numbers(case.data, coefficients, case.specification, case.columns)
    model["numbers"].set_value(Layout.of(numbers).packed(numbers))
    return model


def ranks(case: Case, sets: range, all_sets: int, sampler: Sampler, seed: int) -> pd.DataFrame:
    """Ranks of the truth in some of the data sets of a case.

    Parameters
    ----------
    sets : range
        Which data sets; each has its own seed, so splitting them changes nothing.
    all_sets : int
        Number of data sets over all parts.

    Returns
    -------
    DataFrame
        Columns case, data_set, quantity, rank (0 to `RANKS`), divergences.
    """
    coefficients = case.columns.shape[1]
    model = graph(case)
    compiled = nutpie.compile_pymc_model(model)
    names = [name for name in RANKED if name in model.named_vars]
    wanted = [*names, *(["baseline_logit"] if case.data.baselines else [])]
    # A forward draw from the prior, which potentials do not enter; in one go, for speed.
    truths = pm.draw(
        [model[name] for name in wanted], draws=all_sets, random_seed=seed, mode="NUMBA"
    )
    rows = []
    for i in sets:
        set_seed = int(np.random.SeedSequence([seed, i]).generate_state(1)[0])
        rng = np.random.default_rng(set_seed)
        truth = {name: values[i] for name, values in zip(wanted, truths, strict=True)}
        drawn = reports(case.data, truth, rng)
        numbers = model_numbers(drawn, coefficients, case.specification, case.columns)
        fit = sample(compiled, numbers, sampler, set_seed)
        divergences = int(fit["sample_stats"]["diverging"].sum())
        posterior = fit["posterior"].to_dataset()
        for name in names:
            for label, value, draws in _scalars(name, truth[name], posterior[name].to_numpy()):
                step = max(1, draws.size // RANKS)
                rank = int((draws[::step][:RANKS] < value).sum())
                rows.append((case.name, i, label, rank, divergences))
    return pd.DataFrame(rows, columns=["case", "data_set", "quantity", "rank", "divergences"])


def _scalars(name: str, truth: NDArray, draws: NDArray) -> list[tuple[str, float, NDArray]]:
    """Elements of a variable: the strict upper triangle of a correlation matrix, else all."""
    truth = np.asarray(truth)
    flat = draws.reshape(draws.shape[0] * draws.shape[1], *truth.shape)
    if name == "correlation":
        upper = zip(*np.triu_indices(len(truth), 1), strict=True)
        return [(f"{name}[{i},{j}]", truth[i, j], flat[:, i, j]) for i, j in upper]
    if truth.ndim == 0:
        return [(name, float(truth), flat)]
    return [(f"{name}[{i}]", truth[i], flat[:, i]) for i in range(len(truth))]


def reports(data: Dataset, truth: dict[str, NDArray], rng: np.random.Generator) -> Dataset:
    """Draw what studies print, by the model's own likelihood; redraw what stays unprinted."""
    theta, printed = truth["theta"], truth.get("printed")
    logit = truth.get("baseline_logit", np.zeros(0))
    pending = np.ones(len(data.effects), dtype=bool)
    drawn = data
    for _ in range(MOST_REDRAWS):
        drawn, z = _reports_once(data, drawn, pending, theta, logit, rng)
        if printed is None:
            return drawn
        unprinted = (np.abs(z) < SIGNIFICANT_Z) & (rng.random(len(z)) > printed)
        pending = pending & unprinted
        if not pending.any():
            return drawn
    raise RuntimeError("a study was never printed")


def _reports_once(
    data: Dataset,
    drawn: Dataset,
    pending: NDArray[np.bool_],
    theta: Floats,
    logit: Floats,
    rng: np.random.Generator,
) -> tuple[Dataset, Floats]:
    """Draw the reports of the pending effects anew; also the z of every effect."""
    z = np.zeros(len(data.effects))
    treated = data.arm_treated > 0
    arm_effect = data.arm_effect.copy()
    arm_effect[~treated] = [
        data.arm_effect[treated][data.arm_baseline[treated] == b][0]
        for b in data.arm_baseline[~treated]
    ]
    p = expit(logit[data.arm_baseline] + data.arm_treated * theta[data.arm_effect])
    events = rng.binomial(data.arm_total.astype(int), p).astype(float)
    events = np.where(pending[arm_effect], events, drawn.arm_events)
    for row in np.flatnonzero(treated):
        control = np.flatnonzero(~treated & (data.arm_baseline == data.arm_baseline[row]))[0]
        counts = [events[row], data.arm_total[row], events[control], data.arm_total[control]]
        z[data.arm_effect[row]] = wald_z(*(np.array([c]) for c in counts))[0]

    of = data.interval_effect
    p0 = expit(logit[data.interval_baseline])
    p1 = expit(logit[data.interval_baseline] + theta[of])
    error = np.sqrt(1 / (data.n_treated * p1 * (1 - p1)) + 1 / (data.n_control * p0 * (1 - p0)))
    z_finding = theta[of] / error + rng.standard_normal(len(of))
    z[of] = z_finding
    low, high = statement(z_finding, rng.random(len(of)) < 0.5)
    low, high = (
        np.where(pending[of], new, old) for new, old in ((low, drawn.z_low), (high, drawn.z_high))
    )

    of = data.normal_effect
    noise = rng.standard_normal(len(of))
    if data.normal_whitener.size:
        noise = np.linalg.solve(data.normal_whitener, noise)
    else:
        noise = noise * data.normal_error
    value = np.where(pending[of], theta[of] + noise, drawn.normal_value)
    z[of] = value / data.normal_error
    return replace(drawn, arm_events=events, z_low=low, z_high=high, normal_value=value), z


def verdicts(table: pd.DataFrame, level: float = 0.01) -> pd.DataFrame:
    """Is each quantity's rank uniform? One chi-squared test each, Bonferroni over all.

    Returns
    -------
    DataFrame
        Columns case, quantity, data_sets, mean_rank (0 to 1), p_value, calibrated.
    """
    rows = []
    for (case, quantity), group in table.groupby(["case", "quantity"], sort=False):
        edges = np.linspace(0, RANKS + 1, BINS + 1)
        counts, _ = np.histogram(group["rank"] + 0.5, bins=edges)
        widths = np.histogram(np.arange(RANKS + 1) + 0.5, bins=edges)[0] / (RANKS + 1)
        p = float(stats.chisquare(counts, widths * len(group)).pvalue)
        rows.append((case, quantity, len(group), float(group["rank"].mean()) / RANKS, p))
    columns = ["case", "quantity", "data_sets", "mean_rank", "p_value"]
    frame = pd.DataFrame(rows, columns=columns)
    frame["calibrated"] = frame["p_value"] > level / len(frame)
    return frame
