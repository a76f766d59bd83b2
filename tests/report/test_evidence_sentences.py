"""Groups of studies, small studies and the next trial are told as the tables have them."""

import numpy as np
import pandas as pd
import pytest

from livingreview.protocol.review import Protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.next_trial import next_trial_sentences
from livingreview.report.sentences.reading_list import reading_rows, reading_sentences
from livingreview.report.sentences.similarity import group_sentences, small_study_sentences
from livingreview.tables.records import Effects, Studies
from livingreview.tables.sensitivity import (
    NextTrialChances,
    NextTrialSummary,
    ReadingList,
    SmallStudyEffects,
    SubsetClusters,
    VariedOutcomes,
)

NAME = "police_recorded"
STUDIES = pd.DataFrame({"study_id": ["alpha"], "label": ["Alpha 2001"]})


def alike(*two: str, reason: str | None = None, refused: str | None = None) -> list[str]:
    rows = [
        {
            "outcome": NAME,
            "pooling": pooling,
            "cluster": cluster,
            "share": 0.25 if cluster == 1 else 0.75,
            "centre": -0.5 if cluster == 1 else 0.5,
            "verdict": "two_clusters" if pooling in two else "one_cloud",
            "study_id": "alpha",
            "share_with_study": 0.0 if cluster == 1 else 1.0,
        }
        for pooling in ("hierarchical", "common_effect")
        for cluster in (1, 2)
    ]
    status = "refused" if refused else "varied"
    told = {"outcome": NAME, "status": status, "reason": refused, "clusters": reason}
    tables = {
        SubsetClusters.file: pd.DataFrame([] if reason or refused else rows),
        VariedOutcomes.file: pd.DataFrame([told]),
        "1_records/studies.csv": STUDIES,
    }
    return [str(s) for s in group_sentences(Claims(tables), NAME).values()]


def test_one_cloud_is_not_called_agreement():
    [words] = alike()
    assert "one cloud" in words
    assert words.endswith("That does not mean that the studies agree.")


def test_two_clusters_name_the_study_that_tells_them_apart():
    groups, study = alike("hierarchical")
    assert groups.startswith("Not all: pooled as in the main analysis")
    assert "around 0.61 (share of the subsets: 25%) and around 1.6 (75%)" in groups
    assert study == (
        "What tells the groups apart best is Alpha 2001. Share of the lower group's subsets that"
        " have it: none; of the higher group's: all."
    )


def test_clusters_of_another_pooling_are_told_as_such():
    groups, _ = alike("common_effect")
    assert groups.startswith("Not all: pooled as if all studies had one effect")
    assert len(alike("common_effect", "hierarchical")) == 4


@pytest.mark.parametrize("told", [{"reason": "few studies"}, {"refused": "few studies"}])
def test_no_comparison_is_no_cloud(told: dict):
    words = ["Cannot be judged from the subsets of its studies: few studies."]
    assert alike(**told) == words


def small(**numbers: object) -> list[str]:
    row = {
        "outcome": NAME,
        "status": "assessed",
        "reason": None,
        "effects": 12,
        "slope": 0.4,
        "slope_low": 0.1,
        "slope_high": 0.7,
        "p_above_zero": 0.99,
        **numbers,
    }
    table = pd.DataFrame([row])
    return [
        str(s)
        for s in small_study_sentences(Claims({SmallStudyEffects.file: table}), NAME).values()
    ]


def test_slope_is_told_without_a_cause():
    [words] = small()
    assert "changes by 0.40 (0.10 to 0.70)" in words
    assert "or from other differences between them" in words


def test_interval_with_no_slope_in_it_leaves_it_open():
    [words] = small(slope_low=-0.1)
    assert words.endswith("That leaves open whether small studies differ.")


def test_refusal_to_assess_small_studies_is_told():
    [words] = small(status="refused", reason="too few", slope=np.nan)
    assert words.endswith("That stays unknown: too few.")


def test_next_trial_at_each_true_effect(protocol: Protocol):
    chances = {"p_towards": 0.9, "p_away": 0.02, "p_cannot_tell": 0.05}
    rows = [
        {"true_effect": 0.8, "smallest_per_arm": 400, "reason": "so"} | chances,
        {"true_effect": 1.0, "smallest_per_arm": None, "reason": "n"} | chances,
        {"true_effect": 1.25, "smallest_per_arm": None, "reason": "r"},
    ]
    common = {"outcome": NAME, "largest_per_arm": 10000, "verdict_now": "leans to more"}
    summary = pd.DataFrame([common | row for row in rows])
    summary["smallest_per_arm"] = summary["smallest_per_arm"].astype("Int64")
    chances = pd.DataFrame(
        {"outcome": NAME, "true_effect": 0.8, "people_per_arm": [200, 400], "p_towards": [0.6, 0.8]}
    )
    claims = Claims({NextTrialSummary.file: summary, NextTrialChances.file: chances})
    found = [str(s) for s in next_trial_sentences(claims, protocol, NAME)]
    none = protocol.decisions.no_verdict
    whole = (
        "A trial with 10,000 households in each arm moves the verdict towards that with a"
        f" probability of 90%. It moves it away with 2%, and to “{none}” with 5%."
    )
    assert found == [
        f"Say that the pooled odds ratio is 0.80. {whole} With 400 in each arm it moves towards"
        " that with 80%: so.",
        f"Say that the pooled odds ratio is 1.00. {whole} Note: n.",
        "Say that the pooled odds ratio is 1.25. Not assessed: r.",
    ]


def test_full_texts_to_read_first_and_the_table_of_all(protocol: Protocol):
    numbers = {"on_record": "finding", "p_given": 1.0, "width_ratio": 0.9, "width_ratio_low": 0.8}
    numbers |= {"width_ratio_high": 1.1, "p_widens": 0.2, "p_verdict_changes": 0.25}
    of_study = {"study_width_ratio": 0.85, "study_p_verdict_changes": 0.4, "outcome": NAME}
    rows = [
        {"rank": i, "study_id": f"s{i}", "effect_id": f"s{i}/o", "reason": None}
        | numbers
        | of_study
        for i in (1, 2, 3, 4)
    ]
    # A study may give several effects on one outcome.
    rows.insert(1, rows[0] | {"effect_id": "s1/second", "width_ratio": 0.95})
    rows.append(
        {
            "rank": 5,
            "study_id": "s5",
            "effect_id": f"s5/{NAME}",
            "on_record": "awaiting_data",
            "p_given": 0.5,
        }
    )
    rows[-1] |= of_study | {"study_width_ratio": 1.0, "reason": "too many"}
    studies = pd.DataFrame({"study_id": [f"s{i}" for i in range(1, 6)]})
    studies["label"] = "Study " + studies["study_id"]
    effects = pd.DataFrame({"effect_id": ["s1/o", "s1/second"], "effect_label": ["low", "high"]})
    of_records = {Studies.file: studies, Effects.file: effects}
    claims = Claims({ReadingList.file: pd.DataFrame(rows), **of_records})
    [first] = map(str, reading_sentences(claims).values())
    assert first.startswith("Read first: Study s1 (0.85; 40%); Study s2")
    assert "Study s3" in first and "Study s4" not in first
    table = reading_rows(claims, protocol)
    assert [str(row["rank"]) for row in table] == ["1", "1", "2", "3", "4", "5"]
    assert str(table[0]["width_ratio_high"]) == "1.10" and table[0]["on_record"] == "a finding"
    assert [row["effect"] and str(row["effect"]) for row in table[:3]] == ["low", "high", None]
    assert str(table[5]["reason"]) == "too many" and "width_ratio" not in table[5]
    wide = pd.DataFrame(rows).assign(study_width_ratio=1.0)
    for table, words in (
        (wide, "No full text is expected to narrow the intervals."),
        (wide.iloc[-1:], "What full texts would do is not simulated; the table says why."),
    ):
        claims = Claims({ReadingList.file: table, **of_records})
        assert [*map(str, reading_sentences(claims).values())] == [words]
    none = Claims({ReadingList.file: pd.DataFrame(rows).iloc[:0], **of_records})
    assert reading_sentences(none) == {} and reading_rows(none, protocol) == []
