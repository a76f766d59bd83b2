"""Standard error of a coefficient by its likelihood alone."""

import math

import numpy as np
import pandas as pd
import pytest
from made_up_fits import data_of, estimate, finding, priors

from livingreview.effects.design_matrix import design_matrix
from livingreview.models.quadrature.likelihood_error import likelihood_error
from livingreview.protocol.models import Priors
from livingreview.protocol.moderators import Coding
from livingreview.protocol.priors import Prior

TWO = Coding(kind="categorical", levels=["no", "yes"])
LEVELS = ["no", "yes", "no", "yes", "no", "yes"]
VALUES, ERRORS = [0.1, 0.7, -0.2, 0.5, 0.3, 0.9], [0.2, 0.3, 0.25, 0.2, 0.3, 0.25]


def study_table(**columns):
    names = [f"s{i}" for i in range(len(LEVELS))]
    return pd.DataFrame({"study_id": names} | {f"moderator_{n}": c for n, c in columns.items()})


def numbers():
    pairs = zip(VALUES, ERRORS, strict=True)
    return data_of(*(estimate(f"s{i}", y, s) for i, (y, s) in enumerate(pairs)))


def known_tau(beta="normal(0, 0.5)"):
    """Priors that leave no heterogeneity, and say nothing of the pooled effect."""
    parts = {"mu": "normal(0, 10)", "beta": beta, "tau": "half_normal(0.0001)"}
    return Priors(**{name: Prior.parse(text) for name, text in parts.items()})


def test_it_is_that_of_weighted_least_squares():
    design = design_matrix(study_table(x=LEVELS), {"x": TWO})
    columns = np.column_stack([np.ones(6), [level == "yes" for level in LEVELS]])
    weights = 1 / np.square(ERRORS)
    expected = math.sqrt(np.linalg.inv(columns.T @ (weights[:, None] * columns))[1, 1])
    found = likelihood_error(numbers(), design, "x=yes", known_tau())
    assert found == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("beta", ["normal(0, 0.1)", "normal(0, 2)", "student_t(4, 0, 0.5)"])
def test_no_scale_of_the_prior_moves_it(beta):
    design = design_matrix(study_table(x=LEVELS), {"x": TWO})
    given = known_tau(), known_tau(beta)
    first, second = (likelihood_error(numbers(), design, "x=yes", of) for of in given)
    assert first == second


def test_beside_another_moderator_it_grows_as_the_columns_go_together():
    other = ["a", "b", "a", "b", "a", "a"]
    codings = {"x": TWO, "y": Coding(kind="categorical", levels=["a", "b"])}
    both = design_matrix(study_table(x=LEVELS, y=other), codings)
    alone = design_matrix(study_table(x=LEVELS), {"x": TWO})
    ratio = likelihood_error(numbers(), both, "x=yes", known_tau()) / likelihood_error(
        numbers(), alone, "x=yes", known_tau()
    )
    r = np.corrcoef(both.columns.T)[0, 1]
    assert ratio == pytest.approx(1 / math.sqrt(1 - r**2))
    twin = design_matrix(study_table(x=LEVELS, y=LEVELS), codings | {"y": TWO})
    assert likelihood_error(numbers(), twin, "x=yes", known_tau()) == 6.0


def test_levels_are_compared_with_the_reference_alone():
    three = Coding(kind="categorical", levels=["no", "yes", "much"])
    levels = ["no", "yes", "no", "yes", "much", "much"]
    design = design_matrix(study_table(x=levels), {"x": three})
    found = likelihood_error(numbers(), design, "x=yes", known_tau())
    weights = 1 / np.square(ERRORS)
    expected = math.sqrt(1 / (weights[0] + weights[2]) + 1 / (weights[1] + weights[3]))
    assert found == pytest.approx(expected, rel=0.01)


def test_of_statements_on_opposite_sides_it_is_the_slope_of_the_side_that_they_bound():
    opposite = [
        finding(f"s{i}", *((1.96, np.inf) if level == "yes" else (-np.inf, -1.96)), 200.0)
        for i, level in enumerate(LEVELS)
    ]
    design = design_matrix(study_table(x=LEVELS), {"x": TWO})
    found = likelihood_error(data_of(*opposite), design, "x=yes", priors())
    # Larger than that of the same studies with numbers, as the statements say less.
    assert 0.1 < found < 1.0


def test_studies_that_say_nothing_have_the_widest():
    nothing = [finding(f"s{i}", -8.0, 8.0, 20.0) for i in range(6)]
    design = design_matrix(study_table(x=LEVELS), {"x": TWO})
    assert likelihood_error(data_of(*nothing), design, "x=yes", priors()) > 2
