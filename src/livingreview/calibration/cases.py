"""Every kind of model, with made-up studies on which to calibrate it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from livingreview.calibration.made_up_forms import UNIT_ERROR, rates, ratios, unknown_sizes
from livingreview.effects.data_set import Dataset, Floats, joint_dataset
from livingreview.protocol.models import ModelSpecification, Priors
from livingreview.protocol.outcomes import BaselinePriors
from livingreview.protocol.priors import Prior
from livingreview.tables.effects import Terms

# Sizes of the simulated studies, small to middling as in real reviews; three of each kind of
# evidence.
SIZES = [60, 100, 150, 200, 250, 300, 400, 500, 600]
# Selection conditions on a study's z, whose normal law needs larger groups (docs/methods.md).
LARGE_SIZES = [3 * n for n in SIZES]
# Groups whose statements have an exact law in integration.
SMALL_SIZES = [8, 12, 15, 20, 25, 30, 35, 40, 49]
PRIORS = Priors(
    mu=Prior.parse("normal(0, 1)"),
    beta=Prior.parse("normal(0, 0.5)"),
    tau=Prior.parse("half_normal(0.5)"),
)
BASELINE = BaselinePriors(
    findings=Prior.parse("normal(-0.94, 0.5)"),
    counts=Prior.parse("normal(-0.94, 0.5)"),
    sizes=Prior.parse("log_normal(5.3, 0.6)"),
)


@dataclass(frozen=True)
class Case:
    """A model with a made-up set of studies to calibrate it on.

    Attributes
    ----------
    data : Dataset
        Gives structure, sizes and standard errors.
    columns : ndarray, shape (study, coefficient)
    high_risk : tuple of str
        Studies at high risk of bias.
    """

    name: str
    specification: ModelSpecification
    data: Dataset
    columns: Floats
    high_risk: tuple[str, ...] = ()


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
                    arms[0] |= {"value": 0.0, "standard_error": UNIT_ERROR / np.sqrt(n)}
                baseline = {"baseline_id": None if kind == "normal" else f"{effect}/control"}
                rows += [common | baseline | arm for arm in arms]
    return joint_dataset(Terms.frame(rows), baselines, sampling_correlation=0.5)


def other_forms() -> dict[str, Dataset]:
    """Studies of the forms that `made_up_studies` has not, by the name of their case."""
    return {
        "unknown_sizes": unknown_sizes(SIZES, BASELINE),
        "rates": rates(SIZES, BASELINE),
        "ratios": ratios(SIZES, BASELINE),
    }


def calibration_cases() -> dict[str, Case]:
    """All cases, by name."""
    one = {"outcome": BASELINE}
    three = dict.fromkeys(("first", "second", "third"), BASELINE)
    studies = made_up_studies(SIZES, one)
    none = np.zeros((len(SIZES), 0))
    alternating = (np.arange(len(SIZES)) % 2).astype(float)[:, None]
    several = np.random.default_rng(0).integers(0, 2, (len(SIZES), 4)).astype(float)
    plain = ModelSpecification(moderators={}, priors=PRIORS)
    cases = [
        Case("overall", plain, studies, none),
        Case("moderator", plain, studies, alternating),
        Case(
            "all_moderators",
            plain.model_copy(update={"kind": "shrinkage", "global_scale": 0.25}),
            studies,
            several,
        ),
        Case("robust", plain.model_copy(update={"kind": "robust", "degrees": 4.0}), studies, none),
        Case(
            "selection",
            plain.model_copy(
                update={
                    "kind": "selection",
                    "omega": Prior.parse("beta(1, 1)"),
                    "fewest_effects": len(SIZES),
                }
            ),
            made_up_studies(LARGE_SIZES, one),
            none,
        ),
        Case(
            "bias_adjusted",
            plain.model_copy(
                update={"kind": "bias_adjusted", "kappa": Prior.parse("half_normal(0.5)")}
            ),
            studies,
            none,
            studies.studies[::2],
        ),
        Case("several_effects", plain, made_up_studies(SIZES, one, 2), none),
        Case(
            "joint",
            plain.model_copy(update={"kind": "joint", "lkj": 2.0}),
            made_up_studies(SIZES, three),
            none,
        ),
        *(Case(name, plain, data, none) for name, data in other_forms().items()),
    ]
    return {case.name: case for case in cases}
