"""Test statistics of two proportions: with the effect's own control share, and without."""

import math

import pandas as pd
import pytest
from evidence_pieces import effect, finding, only, percentages, sizes, statistic, ways_of
from scipy import stats

from livingreview.effects.specification import numeric_studies
from livingreview.records.record_tables import direction_of

EVEN = sizes(treated=200, control=180)


def share(control: float) -> dict:
    """The control arm's percentage, without totals: no route of its own."""
    return percentages(40, None, control, None, decimals=1)


def wald_z(value: float, n_treated: float, n_control: float, control: float) -> float:
    """Expected log odds ratio over its standard error, from the expected cells."""
    odds = control / (1 - control) * math.exp(value)
    p = odds / (1 + odds)
    cells = [n_treated * p, n_treated * (1 - p), n_control * control, n_control * (1 - control)]
    return value / math.sqrt(sum(1 / cell for cell in cells))


@pytest.mark.parametrize(
    ("name", "value", "low", "high"),
    [
        ("z", 2.31, 2.305, 2.315),
        ("chi_squared", 5.34, math.sqrt(5.335), math.sqrt(5.345)),
        ("chi_squared", 0.0, 0.0, math.sqrt(0.5)),
        ("p", 0.021, stats.norm.isf(0.0215 / 2), stats.norm.isf(0.0205 / 2)),
    ],
)
@pytest.mark.parametrize("direction", ["increase", "decrease"])
def test_without_a_control_share_z_lies_where_its_rounding_leaves_it(
    name, value, low, high, direction
):
    route = only(statistic(name, value, direction, EVEN))
    [term] = route.terms
    assert term.likelihood == "interval"
    low, high = (low, high) if direction == "increase" else (-high, -low)
    assert (term.z_low, term.z_high) == (
        pytest.approx(low, abs=1e-12),
        pytest.approx(high, abs=1e-12),
    )
    assert (term.n_treated, term.n_control) == (200, 180)
    assert route.assumption == "a control probability around 0.3"


@pytest.mark.parametrize("z", [4.0, 13.2, 40.0])
def test_no_z_is_too_strong_to_be_analysed(z):
    route = only(statistic("z", z, "decrease", EVEN), baseline=0.02)
    [term] = route.terms
    assert term.z_low < -z < term.z_high
    # No odds ratio gives it at the protocol's centre, so there is none to show.
    assert route.value is None and route.error is None
    assert direction_of(effect(statistic("z", z, "decrease", EVEN)), route) == (
        "decrease",
        "significant",
    )


def test_a_z_printed_with_all_its_digits_is_still_an_interval():
    [term] = only(statistic("z", 12.345678901234567, "increase", EVEN)).terms
    assert term.z_high - term.z_low == pytest.approx(1e-6, rel=1e-6)
    assert term.z_low < 12.345678901234567 < term.z_high


def test_with_its_own_control_share_z_is_converted():
    route = ways_of(statistic("z", 2.31, "increase", EVEN), share(30.5))[0]
    [term] = route.terms
    assert term.likelihood == "normal"
    assert term.value / term.standard_error == pytest.approx(2.31)
    assert wald_z(term.value, 200, 180, 0.305) == pytest.approx(2.31)
    assert route.assumption == ""


def test_a_z_that_its_own_control_share_cannot_give_is_kept_and_told():
    route = ways_of(statistic("z", 9.87, "decrease", EVEN), share(2.5))[0]
    [term] = route.terms
    assert (term.likelihood, route.value) == ("interval", None)
    assert route.assumption == (
        "a control probability unlike the reported 0.025, at which no odds ratio gives z -9.87"
    )


def test_clusters_divide_sizes_by_the_design_effect_and_z_by_its_root():
    clusters = {"icc": 0.05, "average_size": 21, "note": "assumed"}
    [term] = only(statistic("z", 3.12, "increase", EVEN, clusters=clusters)).terms
    assert (term.n_treated, term.n_control) == (100, 90)
    assert (term.z_low, term.z_high) == (
        pytest.approx(3.115 / math.sqrt(2)),
        pytest.approx(3.125 / math.sqrt(2)),
    )


def test_each_split_of_a_total_is_an_interval_of_the_same_z():
    ways = ways_of(statistic("z", 2.31, "increase", sizes(total=300)))
    assert [way.terms[0].n_treated for way in ways] == [150, 100, 200]
    assert len({(way.terms[0].z_low, way.terms[0].z_high) for way in ways}) == 1


def test_a_test_that_contradicts_a_statement_is_still_found():
    ways = ways_of(
        statistic("z", 2.31, "increase", EVEN), finding("increase", "not_significant", EVEN)
    )
    test, statement = ways
    assert (test.kind, statement.kind) == ("test", "finding")
    assert test.z is not None and statement.z is not None
    assert test.z.apart_from(statement.z)


def test_a_study_with_a_test_is_numeric_whatever_its_likelihood():
    terms = pd.DataFrame(
        [
            ("counted", "counts", "binomial"),
            ("tested", "test", "interval"),
            ("converted", "test", "normal"),
            ("told", "finding", "interval"),
            ("both", "finding", "interval"),
            ("both", "estimate", "normal"),
        ],
        columns=["study_id", "kind", "likelihood"],
    )
    assert numeric_studies(terms) == {"counted", "tested", "converted", "both"}
