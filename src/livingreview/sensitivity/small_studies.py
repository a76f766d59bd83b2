r"""Do smaller studies find something else? The effect regressed on its standard error.

.. math:: y_i \sim N(\mu + b\,(s_i - \bar s)/d + u_i,\; s_i^2), \qquad u_i \sim N(0, \tau^2)

Egger and others 1997, BMJ 315, 629-634, within the random-effects model (the precision-effect
test of Stanley and Doucouliagos 2014, Research Synthesis Methods 5, 60-78); d is a unit from
the protocol. A slope is a sign of selective printing, of poorer small studies, or of small
studies with other people: it does not say which.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from livingreview.effects.forms.registry import FORMS
from livingreview.effects.refusal import Refusal
from livingreview.models.quadrature.marginals import Floats
from livingreview.models.quadrature.normal import TOLERANCE, NormalTerms, integrate
from livingreview.protocol.models import Priors
from livingreview.protocol.sensitivity import SmallStudies


def numeric_effects(terms: pd.DataFrame) -> pd.DataFrame:
    """Log odds ratio and standard error of each effect that reports a number.

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
    value: Floats, error: Floats, priors: Priors, per: float, limit: float
) -> dict[str, float]:
    """Slope of the effects on their standard errors.

    Parameters
    ----------
    priors : Priors
        `beta` is the prior of the slope, in units of `per`.
    per : float
        Difference in standard error that the slope is for.

    Raises
    ------
    Refusal
        If the prior of an effect is not normal, all errors are the same, or the integral
        does not settle.
    """
    if {priors.mu.family, priors.beta.family} != {"normal"}:
        raise Refusal("the priors of the pooled effect and of the slope must be normal")
    centred = (error - error.mean()) / per
    if not centred.any():
        raise Refusal("all standard errors are the same")
    terms = NormalTerms(
        value=value[None],
        error=error[None],
        columns=np.column_stack([np.ones(value.size), centred])[None],
        included=np.ones((1, value.size), dtype=bool),
    )
    posterior = integrate(terms, priors, np.array([[1.0, 0.0]]), limit)
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
    terms: pd.DataFrame, priors: Priors, rules: SmallStudies, limit: float
) -> dict[str, Any]:
    """Assess one outcome, or say why it cannot be."""
    effects = numeric_effects(terms)
    row: dict[str, Any] = {"status": "assessed", "reason": None, "effects": len(effects)}
    try:
        if len(effects) < rules.fewest_effects:
            raise Refusal(
                f"small-study effects cannot be assessed from {len(effects)} numeric effects;"
                f" at least {rules.fewest_effects} are needed"
            )
        if effects["study_id"].duplicated().any():
            raise Refusal("a study gives several effects on the outcome")
        value, error = effects["value"].to_numpy(), effects["error"].to_numpy()
        row |= small_study_slope(value, error, priors, rules.standard_error_per, limit)
    except Refusal as refusal:
        row |= {"status": "refused", "reason": str(refusal)}
    return row
