r"""Do smaller studies find something else? The effect regressed on its standard error.

.. math:: y_i \sim N(\mu + b\,(s_i - \bar s)/d + u_i,\; s_i^2), \qquad u_i \sim N(0, \tau^2)

Egger and others 1997, BMJ 315, 629-634, within the random-effects model (the precision-effect
test of Stanley and Doucouliagos 2014, Research Synthesis Methods 5, 60-78); d is a unit from
the protocol. Several effects of one study have :math:`\omega w_{ij}` as well, and correlated
errors. A slope is a sign of selective printing, of poorer small studies, or of small studies
with other people: it does not say which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from livingreview.effects.forms.registry import FORMS
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.nested_normal import NestedTerms, integrate_nested
from livingreview.models.quadrature.normal import TOLERANCE, NormalTerms, integrate
from livingreview.protocol.models import Priors
from livingreview.protocol.sensitivity import SmallStudies


def numeric_effects(terms: pd.DataFrame) -> pd.DataFrame:
    """θ and standard error of each effect that reports a number.

    `terms`: rows of `livingreview.tables.effects.Terms` of one outcome. Returns columns study_id,
    value and error; counts by Woolf's formula.
    """
    rows = []
    controls = terms[terms["treated"] == 0].set_index("baseline_id").to_dict("index")
    for term in terms.dropna(subset="effect_id").to_dict("records"):
        control = controls.get(term["baseline_id"])
        estimate = FORMS[term["likelihood"]].estimate(term, control)
        if estimate is None:
            continue
        value, error = estimate
        rows.append({"study_id": term["study_id"], "value": value, "error": error})
    return pd.DataFrame(rows, columns=["study_id", "value", "error"])


def small_study_slope(
    effects: pd.DataFrame, priors: Priors, per: float, sampling_correlation: float, limit: float
) -> dict[str, float]:
    """Slope of the effects on their standard errors.

    Parameters
    ----------
    effects : DataFrame
        As from `numeric_effects`.
    priors : Priors
        `beta` is the prior of the slope, in units of `per`.
    per : float
        Difference in standard error that the slope is for.
    sampling_correlation : float
        Of the errors of several effects of one study.

    Raises
    ------
    Refusal
        If the prior of an effect is not normal, all errors are the same, or the integral
        does not settle.
    """
    if {priors.mu.family, priors.beta.family} != {"normal"}:
        raise Refusal("the priors of the pooled effect and of the slope must be normal")
    value, error = effects["value"].to_numpy(), effects["error"].to_numpy()
    centred = (error - error.mean()) / per
    if not centred.any():
        raise Refusal("all standard errors are the same")
    columns, at_mean = np.column_stack([np.ones(value.size), centred]), np.array([[1.0, 0.0]])
    if effects["study_id"].duplicated().any():
        study = pd.factorize(effects["study_id"])[0].astype(np.int64)
        several = NestedTerms(value, error, study, columns, sampling_correlation)
        posterior = integrate_nested(several, priors, at_mean, limit)
    else:
        included = np.ones((1, value.size), dtype=bool)
        terms = NormalTerms(value[None], error[None], columns[None], included)
        posterior = integrate(terms, priors, at_mean, limit)
    if posterior.movement[0] >= TOLERANCE:
        raise Refusal(f"quantiles still move by {posterior.movement[0]:.1e} on refinement")
    slope = posterior.coefficients[1]
    low, _, middle, _, high = slope.quantiles[0]
    return {
        "slope": float(middle),
        "slope_low": float(low),
        "slope_high": float(high),
        "p_above_zero": float(np.clip(slope.above[0], 0, 1)),
    }


def small_studies(
    terms: pd.DataFrame,
    priors: Priors,
    rules: SmallStudies,
    sampling_correlation: float,
    limit: float,
) -> dict[str, Any]:
    """Assess one outcome, or say why it cannot be.

    `sampling_correlation`: of the errors of several effects of one study.
    """
    effects = numeric_effects(terms)
    row: dict[str, Any] = {"status": "assessed", "reason": None, "effects": len(effects)}
    try:
        if len(effects) < rules.fewest_effects:
            raise Refusal(
                f"it takes {rules.fewest_effects} effects with a number and its standard error;"
                f" there {'is' if len(effects) == 1 else 'are'} {len(effects) or 'none'}"
            )
        per = rules.standard_error_per
        row |= small_study_slope(effects, priors, per, sampling_correlation, limit)
    except Refusal as refusal:
        row |= {"status": "refused", "reason": str(refusal)}
    return row
