"""Simulation-based calibration: whether each model's sampler returns the prior it was fed.

Truth is drawn from the prior, studies are simulated from it, and the model is fitted
to them; over many such data sets the rank of the truth among the posterior draws
is uniform if, and only if, likelihood, prior and sampler agree (Talts and others
2018, arXiv 1804.06788). One compiled model serves all data sets.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pymc as pm
from numpy.typing import NDArray
from scipy import stats

from livingreview.calibration.cases import Case
from livingreview.calibration.unknowns import drawn_reports, with_drawn_shares
from livingreview.effects.data_set import Dataset
from livingreview.effects.simulation import truth as study_truth
from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.control_shares import LOCATION
from livingreview.models.nuts.draws import sample
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.nuts.packing import Layout
from livingreview.protocol.run_config import Sampler

# Variables whose ranks are kept, where a model has them.
RANKED = ("mu", "tau", "omega", "kappa", "beta", "printed", "correlation", LOCATION, "theta")
# Draws that a rank is taken among; chains are thinned to it so that they are nearly independent.
RANKS = 100
BINS = 20
# Most redraws of one study until its result is printed; a model that needs more has a fault.
MOST_REDRAWS = 100_000


def graph(case: Case) -> pm.Model:
    """Graph of a case with its own design matrix: truth is drawn from it, as well as fitted."""
    coefficients, columns = case.columns.shape[1], case.columns[case.data.effect_study]
    model = build_model(case.data, coefficients, case.specification)
    numbers = model_numbers(
        case.data, coefficients, case.specification, columns, high_risk=case.high_risk
    )
    model["numbers"].set_value(Layout.for_arrays(numbers).packed(numbers))
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
    coefficients, columns = case.columns.shape[1], case.columns[case.data.effect_study]
    model = graph(case)
    compiled = compile_model(model)
    names = [name for name in RANKED if name in model.named_vars]
    variables = [*names, *(["baseline_logit"] if case.data.baselines else [])]
    # A forward draw from the prior, which potentials do not enter; in one go, for speed.
    truths = pm.draw(
        [model[name] for name in variables], draws=all_sets, random_seed=seed, mode="NUMBA"
    )
    rows = []
    for i in sets:
        set_seed = int(np.random.SeedSequence([seed, i]).generate_state(1)[0])
        rng = np.random.default_rng(set_seed)
        truth = {name: values[i] for name, values in zip(variables, truths, strict=True)}
        data = case.data
        if data.shares is not None:
            data = with_drawn_shares(data, truth[LOCATION], rng)
            # Control logits around a share move with it.
            moved = data.baseline_prior.location - case.data.baseline_prior.location
            truth["baseline_logit"] = truth["baseline_logit"] + moved
        if "printed" in truth:
            drawn, truth = printed_reports(data, truth, rng)
        else:
            drawn = reports(data, truth, rng)
        numbers = model_numbers(
            drawn, coefficients, case.specification, columns, high_risk=case.high_risk
        )
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
    """Draw what studies report, by the model's own likelihood."""
    return _reports(data, truth, rng)[0]


def printed_reports(
    data: Dataset, truth: dict[str, NDArray], rng: np.random.Generator
) -> tuple[Dataset, dict[str, NDArray]]:
    """Draw what is printed, and the truth behind it.

    Where a study stays unprinted another is drawn in its place: of the same size, with a true
    effect and a control arm of its own. For models without moderators, of one effect a study.
    """
    prior, size = data.baseline_prior, len(data.effects)
    drawn_truth, theta = truth, truth["theta"]
    forms, pending = dict(data.forms), np.ones(size, dtype=bool)
    for _ in range(MOST_REDRAWS):
        drawn, significant = _reports(data, drawn_truth, rng)
        for name, form in drawn.forms.items():
            forms[name] = forms[name].where(pending[form.effect_of_row], form)
        theta = np.where(pending, drawn_truth["theta"], theta)
        pending = pending & ~significant & (rng.random(size) > truth["printed"])
        if not pending.any():
            return data.with_forms(forms), truth | {"theta": theta}
        drawn_truth = {
            "theta": truth["mu"] + truth["tau"] * rng.standard_normal(size),
            "baseline_logit": rng.normal(prior.location, prior.scale),
        }
    raise RuntimeError("a study was never printed")


def _reports(
    data: Dataset, truth: dict[str, NDArray], rng: np.random.Generator
) -> tuple[Dataset, NDArray[np.bool_]]:
    """Reports, and whether each effect is significant."""
    logit = truth.get("baseline_logit", np.zeros(0))
    drawn_from = study_truth(data, truth["theta"], logit, rng)
    forms, significant = {}, np.zeros(len(data.effects), dtype=bool)
    for name, form in data.forms.items():
        drawn, z = drawn_reports(form, drawn_from, rng)
        rows = form.rows_of_effects
        significant[form.effect[rows]] = np.abs(z[rows]) > form.significant_z[rows]
        forms[name] = drawn.as_printed(rng)
    return data.with_forms(forms), significant


def verdicts(table: pd.DataFrame, level: float = 0.01) -> pd.DataFrame:
    """Is each quantity's rank uniform? One chi-squared test each, Bonferroni over all.

    Returns columns case, quantity, data_sets, mean_rank (0 to 1), p_value, calibrated.
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
