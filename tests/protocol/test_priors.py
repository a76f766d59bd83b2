"""Priors are parsed, never evaluated, and have the quantiles that design.md means."""

import math
from statistics import NormalDist

import pytest

from livingreview.protocol.priors import Prior

PROBABILITIES = (0.025, 0.5, 0.975)
Z = [NormalDist().inv_cdf(p) for p in PROBABILITIES]


def normal(scale: float) -> list[float]:
    return [scale * z for z in Z]


def half_normal(scale: float) -> list[float]:
    """Quantile p of |N(0, s)| is quantile (1 + p) / 2 of N(0, s)."""
    return [scale * NormalDist().inv_cdf((1 + p) / 2) for p in PROBABILITIES]


def student_t4(scale: float) -> list[float]:
    """Closed form for 4 degrees of freedom (Shaw 2006, J. Comput. Finance 9(4), 37-73)."""
    quantiles = []
    for p in PROBABILITIES:
        a = 4 * p * (1 - p)
        q = math.cos(math.acos(math.sqrt(a)) / 3) / math.sqrt(a)
        quantiles.append(scale * math.copysign(2 * math.sqrt(max(q - 1, 0.0)), p - 0.5))
    return quantiles


# Each prior of design.md section 5 with its quantiles, from the standard library's normal,
# closed forms, or mpmath 1.3.0: findroot of gammainc(1.77, 0.55 / x, inf, regularized) - p.
QUANTILES = {
    "normal(0, 1)": normal(1.0),
    "normal(0, 0.5)": normal(0.5),
    "normal(0, 0.35)": normal(0.35),
    "normal(0, 2)": normal(2.0),
    "half_normal(0.5)": half_normal(0.5),
    "half_normal(1)": half_normal(1.0),
    "student_t(4, 0, 0.58)": student_t4(0.58),
    "inverse_gamma(1.77, 0.55)": [0.106447918141736, 0.379279989192266, 3.14525089343828],
    "log_normal(-2.56, 1.74)": [math.exp(-2.56 + 1.74 * z) for z in Z],
}


@pytest.mark.parametrize("text", QUANTILES)
def test_quantiles(text: str):
    found = Prior.parse(text).distribution.ppf(PROBABILITIES)
    assert found == pytest.approx(QUANTILES[text], rel=1e-9, abs=1e-12)


def test_median_of_tau_under_turner_is_the_root_of_that_of_its_square():
    tau_squared = Prior.parse("log_normal(-2.56, 1.74)").distribution
    share_below = tau_squared.cdf(math.exp(-2.56 / 2) ** 2)
    assert share_below == pytest.approx(0.5, abs=1e-12)
    assert math.sqrt(tau_squared.median()) == pytest.approx(0.278037300453194, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "family", "arguments"),
    [
        ("normal(-0.94, 10)", "normal", (-0.94, 10.0)),
        ("  student_t( 4 ,0, 0.58 ) ", "student_t", (4.0, 0.0, 0.58)),
        ("half_normal(5e-1)", "half_normal", (0.5,)),
    ],
)
def test_parse(text: str, family: str, arguments: tuple[float, ...]):
    assert Prior.parse(text) == Prior(family, arguments)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("__import__('os').system('x')", "normal(location, scale), student_t("),
        ("normal(half_normal(1), 1)", "normal(location, scale), student_t("),
        ("normal(0, 1) + normal(0, 1)", "normal(location, scale), student_t("),
        ("normal(0, 1)\nnormal(0, 1)", "normal(location, scale), student_t("),
        ("cauchy(0, 1)", "normal(location, scale), student_t("),
        ("normal", "normal(location, scale), student_t("),
        ("", "normal(location, scale), student_t("),
        ("normal(0, exp)", "numbers in normal(location, scale)"),
        ("normal(0, 1*2)", "numbers in normal(location, scale)"),
        ("half_normal()", "numbers in half_normal(scale)"),
        ("normal(0)", "normal(location, scale)"),
        ("half_normal(0, 1)", "half_normal(scale)"),
        ("normal(0, 0)", "a scale from 1e-09 to 100 in normal(location, scale)"),
        ("half_normal(-1)", "a scale from 1e-09 to 100 in half_normal(scale)"),
        ("student_t(0, 0, 1)", "a degrees from 1 to 1000 in student_t("),
        ("normal(0, 1e999)", "a scale from 1e-09 to 100 in normal(location, scale)"),
        ("normal(1e999, 1)", "a location from -20 to 20 in normal(location, scale)"),
        ("normal(-20.1, 1)", "a location from -20 to 20 in normal(location, scale)"),
        ("log_normal(0, 6)", "a scale from 1e-09 to 5 in log_normal(location, scale)"),
        ("inverse_gamma(0.001, 0.001)", "a shape from 0.1 to 1000 in inverse_gamma(shape, scale)"),
        ("normal(nan, 1)", "numbers in normal(location, scale)"),
        ("normal(0, inf)", "numbers in normal(location, scale)"),
        ("normal(0, 1_0)", "numbers in normal(location, scale)"),
    ],
)
def test_refuse(text: str, told: str):
    with pytest.raises(ValueError) as refused:
        Prior.parse(text)
    assert str(refused.value).startswith(told)


@pytest.mark.parametrize("text", ["normal(0, 0.5)", "normal(-0.123456789, 1e-07)", *QUANTILES])
def test_written_and_read_again_a_prior_is_the_same(text: str):
    assert str(Prior.parse(text)) == text
