"""Spreadsheets of trials as people keep them, each with a mapping of its own headings."""

from pathlib import Path

import pytest
from conftest import ROOT
from spreadsheets import imported_from

from livingreview.base.documents import read_document
from livingreview.base.errors import ReviewError
from livingreview.protocol.review import read_protocol
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.studies import Imported, questions_about

VOCABULARY = Vocabulary(("tuberculosis",), {"latitude": None}, ())
STUDY = """\
study:
  study_id: {column: id}
  label: {column: label}
  citation: {column: label}
  year: {column: year}
  eligibility: {value: Invented for a test.}
  design: {kind: {value: experimental}, detail: {value: Random assignment.}}
  moderators: {latitude: {column: latitude}}
effect:
  outcome: {value: tuberculosis}
  measure: {value: Cases}
  follow_up_months: {column: months}
  treated: {id: {value: treated}, label: {value: Treated}}
  control: {id: {value: control}, label: {value: Control}}
source: {url: {value: "doi:1"}, locator: {value: table 1}, kind: {value: full text}}
evidence:
"""
DOSES = (
    "  treated: {id: {value: treated}, label: {value: Treated}}",
    "  id: {column: dose}\n  treated: {id: {column: dose}, label: {column: dose}}",
)
COUNTS = """\
  - kind: counts
    treated: {events: {column: e1}, total: {column: n1}}
    control: {events: {column: e0}, total: {column: n0}}
"""


@pytest.fixture
def imported(tmp_path: Path):
    def run(content: str, evidence: str, *changes: tuple[str, str]) -> list[Imported]:
        mapping = STUDY + evidence
        for old, new in changes:
            assert old in mapping, old
            mapping = mapping.replace(old, new)
        path = tmp_path / "map.yaml"
        path.write_text(mapping)
        return imported_from("t.csv", content.encode(), read_document(path), VOCABULARY, {})

    return run


def test_medians_with_quartiles(imported):
    [one] = imported(
        "id,label,year,latitude,months,m1,q11,q31,n1,m0,q10,q30,n0\n"
        "a_2001,A 2001,2001,10,12,5,3,9,100,7,4,12,100\n",
        """\
  - kind: medians
    treated:
      median: {column: m1}
      lower_quartile: {column: q11}
      upper_quartile: {column: q31}
      total: {column: n1}
    control:
      median: {column: m0}
      lower_quartile: {column: q10}
      upper_quartile: {column: q30}
      total: {column: n0}
""",
    )
    [medians] = one.study.effects[0].evidence
    assert [(a.median, a.quartiles, a.total) for a in medians.arms] == [
        (5, [3, 9], 100),
        (7, [4, 12], 100),
    ]


def test_log_ratios_and_variances_with_all_digits_that_software_prints(imported):
    studies = imported(
        "study,year,yi,vi\n"
        "Ash 1990,1990,0.4000000000000000222,0.04\n"
        "Oak 1996,1996,.2,.09\n"
        "Pine 2001,2001,-0.4,0.0625\n",
        """\
  - kind: estimate
    measure: {value: log_odds_ratio}
    value: {column: yi}
    variance: {column: vi}
""",
        (
            "{column: id}",
            "{column: study, words: {Ash 1990: ash, Oak 1996: oak, Pine 2001: pine}}",
        ),
        ("{column: label}", "{column: study}"),
        ("{column: latitude}", "{value: null}"),
        ("{column: months}", "{value: 12}"),
    )
    pieces = [one.study.effects[0].evidence[0] for one in studies]
    assert [(piece.value, piece.variance) for piece in pieces] == [
        (0.4, 0.04),
        (0.2, 0.09),
        (-0.4, 0.0625),
    ]


def test_whole_numbers_with_a_decimal_of_0_and_names_in_any_script(imported):
    [one] = imported(
        "id,label,year,latitude,months,e1,n1,e0,n0\n"
        "wang_2004,王小明 2004,2004,30,12,12.0,120.0,15.0,118.0\n",
        COUNTS,
    )
    [counts] = one.study.effects[0].evidence
    assert [(arm.events, arm.total) for arm in counts.arms] == [(12, 120), (15, 118)]
    assert one.study.citation.label == "王小明 2004"


HEADINGS = "id,label,year,latitude,months,dose,e1,n1,e0,n0\n"


def test_several_arms_against_one_control(imported):
    tri, zero = imported(
        HEADINGS + "tri_2001,Three arms 2001,2001,10,12,low,0,30,2,30\n"
        "tri_2001,Three arms 2001,2001,10,12,high,3,30,2,30\n"
        "zero_2002,All zero arms 2002,2002,20,12,low,0,12,0,12\n"
        "zero_2002,All zero arms 2002,2002,20,12,high,0,12,0,12\n",
        COUNTS,
        DOSES,
    )
    assert [effect.id for effect in tri.study.effects] == ["low", "high"]
    assert [arm.id for arm in zero.study.arms] == ["low", "high", "control"]


def test_an_arm_with_other_counts_is_told_with_both_lines(imported):
    with pytest.raises(ReviewError) as refused:
        imported(
            HEADINGS + "tri_2001,Three arms 2001,2001,10,12,high,3,30,2,30\n"
            "tri_2001,Three arms 2001,2001,10,12,mid,3,30,2,31\n",
            COUNTS,
            DOSES,
        )
    [problem] = refused.value.problems
    assert str(problem) == (
        "t.csv:3: study tri_2001: found 2 of 31 in control; allowed: 2 of 30 in control, as on"
        " line 2: an arm has one set of counts (another group is another arm)"
    )


ESTIMATE = """\
  - kind: estimate
    measure: {column: what, words: {OR: odds_ratio}}
    value: {column: est}
    standard_error: {column: se}
    low: {column: lo}
    high: {column: hi}
    interval_percent: {column: pct}
    p_value: {column: p}
    adjusted: {column: adj, words: {yes: true, no: false}}
"""
TWICE = (
    "id,label,year,latitude,months,what,est,se,lo,hi,pct,p,adj\n"
    "a_2001,A 2001,2001,10,12,OR,0.9,,0.7,1.15,95,,no\n"
    "a_2001,A 2001,2001,10,12,OR,0.7,,0.5,0.98,95,,yes\n"
)


def test_two_rows_about_one_effect_are_told_with_what_may_be_meant(imported):
    with pytest.raises(ReviewError) as refused:
        imported(TWICE, ESTIMATE, ("{yes: true, no: false}", '{"yes": true, "no": false}'))
    [problem] = refused.value.problems
    assert str(problem) == (
        "t.csv:3: study a_2001: found tuberculosis; allowed: an effect that no other row of a_2001"
        " is about, as line 2 is: tell effects apart by a column for `effect.id`, or give"
        " both results in one row, as two pieces of evidence"
    )


def asked(imported_now: list[Imported], others: list[Imported] = ()) -> list[str]:
    protocol = read_protocol(ROOT / "config/reviews/bcg_vaccine.yaml")
    records = [(one.document, one.study) for one in others]
    return list(map(str, questions_about(imported_now, records, protocol)))


def test_a_lopsided_interval_is_asked_about_with_its_cell(imported):
    rows = (
        "id,label,year,latitude,months,what,est,se,lo,hi,pct,p,adj\n"
        "lop_2002,Lopsided 2002,2002,10,12,OR,1.05,,1.0,4.0,95,,no\n"
    )
    words = ("{yes: true, no: false}", '{"yes": true, "no": false}')
    [question] = asked(imported(rows, ESTIMATE, words))
    assert question == (
        "t.csv:2: lo: found odds_ratio 1.05 in [1, 4]; odd: the middle of that interval on the log"
        " scale is 2, not 1.05. Correct it; or confirm it in effects[0].evidence[0]:"
        " `confirmed: {lopsided_interval: '<reason>'}`."
    )


SAME_LABEL = (
    "id,label,year,latitude,months,e1,n1,e0,n0\n"
    "smith_2001,Smith 2001,2001,10,12,5,100,9,100\n"
    "smith_2001_2,Smith 2001,2001,20,12,15,200,9,210\n"
    "jones_2003,Jones 2003,2003,30,12,7,150,14,149\n"
)


def test_a_label_for_two_studies_is_asked_about_with_two_that_tell_them_apart(imported):
    [question] = asked(imported(SAME_LABEL, COUNTS))
    assert question == (
        "t.csv:3: label: found `Smith 2001`; odd: `smith_2001` has the same label. Tell them apart,"
        " as by `Smith 2001a` and `Smith 2001b`; or confirm it:"
        " `confirmed: {\"same_label smith_2001\": '<reason>'}`."
    )


def test_a_study_on_record_under_another_name_is_asked_about(imported):
    headings, smith, *_ = SAME_LABEL.splitlines()
    first = imported(f"{headings}\n{smith}\n", COUNTS)
    again = smith.replace("smith_2001", "smyth_2001").replace("Smith 2001", "Smyth 2001")
    [question] = asked(imported(f"{headings}\n{again}\n", COUNTS), first)
    assert "`smith_2001` has the same numbers on tuberculosis" in question
    # An import that is repeated is no second study.
    assert asked(first, first) == []
