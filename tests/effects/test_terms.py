"""Rows of the likelihood: people are counted once, and the route chosen is the one taken."""

import pandas as pd
import pytest
from conftest import ASSUMED, ESTIMATE, FINDING, Folder

from livingreview.effects.terms import build_terms
from livingreview.records.record_tables import extract
from livingreview.tables.effects import Terms

THIRD_ARM = ("  - id: usual\n", "  - id: letter\n    label: Sent a letter\n  - id: usual\n")
AGAINST_THE_SAME = """\
  - id: letter
    outcome: {outcome}
    measure: Cases within a year
    follow_up_months: 12
    treated: letter
    control: usual
    evidence:
      - kind: counts
        arms:
          - arm: letter
            events: 7
            total: 120
          - arm: usual
            events: {events}
            total: 139
        source:
          url: https://example.org/alpha
          locator: table 1
          kind: full text
"""


def terms_of(folder: Folder, **chosen: object) -> pd.DataFrame:
    """Terms of all records, after the table of effects was changed."""
    records = folder.read()
    effects = extract(records, ASSUMED, [], []).effects.assign(**chosen)
    return Terms.validate(build_terms(records, effects, ASSUMED))


def test_counts_give_a_row_per_arm(folder: Folder):
    folder.write()
    rows = terms_of(folder).set_index("arm")
    assert rows.loc["usual", ["events", "total", "treated"]].tolist() == [11, 139, 0]
    assert rows.loc["visit", ["events", "total", "treated"]].tolist() == [4, 123, 1]
    assert rows["baseline_id"].nunique() == 1
    assert rows["effect_id"].isna().to_dict() == {"usual": True, "visit": False}
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("outcome", "events", "months", "controls"),
    [
        ("disease", 11, 12, 1),
        ("death", 11, 12, 2),  # another outcome: other events, though as many
        ("disease", 12, 24, 2),  # observed longer
    ],
)
def test_shared_control_arm_appears_once(
    folder: Folder, outcome: str, events: int, months: int, controls: int
):
    again = AGAINST_THE_SAME.format(outcome=outcome, events=events)
    again = again.replace("follow_up_months: 12", f"follow_up_months: {months}")
    folder.write(THIRD_ARM, more=[again])
    terms = terms_of(folder)
    assert (terms["arm"] == "usual").sum() == controls
    assert terms["baseline_id"].nunique() == controls
    treated = terms[terms["treated"] == 1]
    assert treated["effect_id"].tolist() == ["alpha_2001/first", "alpha_2001/letter"]
    assert treated["events"].tolist() == [4, 7]


def test_control_arms_of_two_studies_stay_apart(folder: Folder):
    folder.write()
    folder.write(name="beta_2002")
    terms = terms_of(folder)
    assert (len(terms), terms["baseline_id"].nunique()) == (4, 2)


@pytest.mark.parametrize(
    ("piece", "alternative", "likelihood", "rows"),
    [
        (0, "as_reported", "binomial", 2),
        (1, "interval", "normal", 1),
        (1, "p_value", "normal", 1),
        (2, "observed", "interval", 1),
    ],
)
def test_route_chosen_in_the_table_is_taken(
    folder: Folder, piece: int, alternative: str, likelihood: str, rows: int
):
    folder.write(more=[ESTIMATE, FINDING])
    terms = terms_of(folder, piece=piece, alternative=alternative)
    assert terms["likelihood"].tolist() == [likelihood] * rows
    assert set(terms["alternative"]) == {alternative}


def test_finding_brings_its_sizes_interval_and_own_baseline(folder: Folder):
    folder.write(more=[FINDING])
    [row] = terms_of(folder, piece=1, alternative="observed").to_dict("records")
    assert (row["z_low"], row["z_high"]) == (-1.96, 0)
    assert (row["n_treated"], row["n_control"]) == (130, 142)
    assert row["baseline_id"] == row["effect_id"] == "alpha_2001/first"
    assert pd.isna(row["events"]) and pd.isna(row["value"])


@pytest.mark.parametrize("status", ["set_aside", "not_usable"])
def test_only_analysed_effects_have_rows(folder: Folder, status: str):
    folder.write()
    records = folder.read()
    effects = extract(records, ASSUMED, [], []).effects.assign(status=status)
    assert build_terms(records, effects, ASSUMED).empty
