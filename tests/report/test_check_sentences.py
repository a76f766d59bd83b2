"""The page says how the checks ended, and what each warning means."""

import pandas as pd
import pytest

from livingreview.protocol.checks import CheckThresholds
from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.checks import (
    MEANINGS,
    NO_MEANING,
    meaning,
    oddities,
    overview,
    soundness,
    warnings,
)
from livingreview.tables.checks import Unchecked
from livingreview.tables.records import Questions

FILE = "4_checks/checks.csv"
CONFLICTS = "1_records/conflicts.csv"
NO_CONFLICT = pd.DataFrame({"x": []})


def checks(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["check", "fit", "verdict"])
    return table.assign(quantity="mu", value=0.5, threshold=1.0, file="4_checks/some.csv")


def words(protocol: Protocol, table: pd.DataFrame) -> list[str]:
    claims = Claims({FILE: table, Unchecked.file: Unchecked.frame([])})
    return [*map(str, [*overview(claims).values(), *warnings(claims, protocol).values()])]


def test_all_that_pass_are_counted(protocol: Protocol):
    table = checks(("r_hat", "police_recorded/overall", "pass"), ("r_hat", "joint/a", "pass"))
    assert words(protocol, table) == [
        "All 2 checks of the fits and the evidence that could be made passed."
    ]


def test_each_kind_of_warning_is_told_once_with_its_meaning(protocol: Protocol):
    table = checks(
        ("r_hat", "police_recorded/overall", "pass"),
        ("pareto_k", "police_recorded/overall", "warn"),
        ("pareto_k", "police_recorded/robust", "warn"),
        ("prior_sensitivity", "joint/all_outcomes", "warn"),
        ("made_up", "victim_reported", "warn"),
    )
    first, pareto, prior, made_up = words(protocol, table)
    assert first.startswith("Of 5 checks of the fits and the evidence, 1 pass, 4 warn")
    assert pareto.startswith("pareto k: 2 (repeat abuse recorded by the police). It means that")
    assert pareto.endswith(
        "The model behind the verdict on repeat abuse recorded by the police is among them."
    )
    assert "all outcomes at once" in prior
    assert "behind the verdict" not in prior
    assert NO_MEANING in made_up


def test_no_page_over_a_check_that_stops(protocol: Protocol):
    table = checks(("r_hat", "police_recorded/overall", "stop"))
    with pytest.raises(ValueError, match="failed checks"):
        words(protocol, table)


def test_every_check_of_the_protocol_has_a_meaning():
    for field in CheckThresholds.model_fields:
        check = field.removesuffix("_at_most").removesuffix("_at_least")
        check = {"parity_errors": "parity"}.get(check, check)
        assert meaning(check) != NO_MEANING, f"{check}: none of {', '.join(MEANINGS)}"


@pytest.mark.parametrize(
    ("verdict", "holds"), [("pass", "the two agree"), ("warn", "do not agree everywhere")]
)
def test_engines_are_said_to_agree_only_when_they_do(verdict: str, holds: str):
    table = checks(("parity", "police_recorded/overall", verdict))
    parity = str(soundness(Claims({FILE: table, CONFLICTS: NO_CONFLICT}))["parity"])
    assert holds in parity
    assert "0.50" in parity


def test_conflicts_are_counted():
    tables = {FILE: checks(("duplicate_evidence", "a", "pass"))}
    two = pd.DataFrame({"x": [1, 2]})
    none = soundness(Claims(tables | {CONFLICTS: NO_CONFLICT}))
    assert "No two sources" in str(none["conflicts"])
    assert "in 2 places" in str(soundness(Claims(tables | {CONFLICTS: two}))["conflicts"])


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([], ["No value on record looks odd."]),
        (
            ["asked", "asked", "confirmed"],
            [
                "Odd, and neither corrected nor confirmed: 2 of the values on record. They are"
                " analysed all the same.",
                "Odd, and confirmed with a reason: 1 of the values on record.",
            ],
        ),
    ],
)
def test_odd_values_are_counted(statuses: list[str], told: list[str]):
    claims = Claims({Questions.file: pd.DataFrame({"status": statuses})})
    assert [str(sentence) for sentence in oddities(claims).values()] == told
