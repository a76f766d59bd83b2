"""Spreadsheets with the usual headings become records without a mapping; nothing is guessed."""

import pytest
from conftest import ROOT
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spreadsheets import imported_from

from livingreview.base.documents import Document
from livingreview.base.errors import Problem, ReviewError
from livingreview.protocol.review import read_protocol
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing import heading_words
from livingreview.records.importing.heading_words import ARM, EFFECT, ESTIMATE, MARKS, MEASURES
from livingreview.records.importing.studies import Imported, questions_about, read_with_mapping
from livingreview.records.importing.study_headings import Options

VOCABULARY = Vocabulary(("tuberculosis",), {"latitude": None}, ())
SOURCE = "https://example.org/trials"


def imported(content: str | bytes, mapping: dict | None = None, **options: str) -> list[Imported]:
    """Studies of a spreadsheet that is read by its headings."""
    encoded = content.encode() if isinstance(content, str) else content
    document = Document("map.yaml", mapping, {(): 1}) if mapping is not None else None
    given_options = {"source": SOURCE} | options
    return imported_from("t.csv", encoded, document, VOCABULARY, **given_options)


def problems(content: str | bytes, mapping: dict | None = None, **options: str) -> list[Problem]:
    with pytest.raises(ReviewError) as refused:
        imported(content, mapping, **options)
    return refused.value.problems


def evidence(content: str, **options: str) -> dict:
    """The one piece of evidence of the one row, without its source."""
    [one] = imported(content, **options)
    [effect] = one.study.effects
    [piece] = effect.evidence
    return piece.model_dump(exclude={"source"}, exclude_defaults=True)


def arms(first: dict, second: dict) -> list[dict]:
    return [{"arm": "treated"} | first, {"arm": "control"} | second]


COUNTS = arms({"events": 4, "total": 123}, {"events": 11, "total": 139})
MEANS = arms({"mean": 2.5, "sd": 1.5, "total": 50}, {"mean": 3, "sd": 1.25, "total": 51})
RATES = arms({"events": 4, "person_time": 12.5}, {"events": 11, "person_time": 13.5})
MEDIANS = arms(
    {"median": 5, "quartiles": [3, 9], "total": 100},
    {"median": 7, "quartiles": [4, 12], "total": 90},
)
BY_ARM = {
    "metafor, events and non-events": ("ai,bi,ci,di", "4,119,11,128", COUNTS),
    "metafor, events and totals": ("ai,n1i,ci,n2i", "4,123,11,139", COUNTS),
    "metafor, the vaccine": ("tpos,tneg,cpos,cneg", "4,119,11,128", COUNTS),
    "metafor, letters": ("xti,nti,xci,nci", "4,123,11,139", COUNTS),
    "meta": ("event.e,n.e,event.c,n.c", "4,123,11,139", COUNTS),
    "meta, with the drug's name": ("event.cisa,n.cisa,event.plac,n.plac", "4,123,11,139", COUNTS),
    "meta, deaths": ("d.asp,n.asp,d.plac,n.plac", "4,123,11,139", COUNTS),
    "RevMan, exported": ("Events 1,Total 1,Events 2,Total 2", "4,123,11,139", COUNTS),
    "RevMan, on the web": (
        "Experimental cases,Experimental N,Control cases,Control N",
        "4,123,11,139",
        COUNTS,
    ),
    "by hand": ("e1,n1,e0,n0", "4.0,123,11,139.00", COUNTS),
    "control first": ("events_control,n_control,events_treated,n_treated", "11,139,4,123", COUNTS),
    "metafor, means": ("m1i,sd1i,n1i,m2i,sd2i,n2i", "2.5,1.5,50,3,1.25,51", MEANS),
    "meta, means": ("n.e,mean.e,sd.e,n.c,mean.c,sd.c", "50,2.5,1.5,51,3,1.25", MEANS),
    "RevMan, means": ("Mean 1,SD 1,Total 1,Mean 2,SD 2,Total 2", "2.5,1.5,50,3,1.25,51", MEANS),
    "metafor, rates": ("x1i,t1i,x2i,t2i", "4,12.5,11,13.5", RATES),
    "meta, rates": ("event.e,time.e,event.c,time.c", "4,12.5,11,13.5", RATES),
    "meta, medians": (
        "n.e,median.e,q1.e,q3.e,n.c,median.c,q1.c,q3.c",
        "100,5,3,9,90,7,4,12",
        MEDIANS,
    ),
}


@pytest.mark.parametrize("software", BY_ARM)
def test_results_by_arm(software: str):
    headings, cells, expected = BY_ARM[software]
    assert evidence(f"study,year,{headings}\nAsh,1990,{cells}\n")["arms"] == expected


def test_a_sum_of_columns_is_told_in_the_record():
    piece = evidence("study,ai,bi,ci,di\nAsh 1990,4,119,11,128\n")
    assert piece["note"] == "Totals are sums of columns: `ai` and `bi`; `ci` and `di`."


def test_totals_that_are_not_the_sum_are_refused():
    [problem] = problems("study,ai,bi,n1i,ci,di,n2i\nAsh 1990,4,119,124,11,128,139\n")
    assert str(problem) == (
        "t.csv:2: study ash_1990: n1i: found 124; allowed: 123, the sum of ai and bi"
    )


ESTIMATES = {
    "metafor": ("yi,vi", "0.4000000000000000222,.04", "log_odds_ratio", {"variance": 0.04}),
    "metafor, errors": ("yi,sei", "0.4,0.2", "smd", {"standard_error": 0.2}),
    "meta": ("TE,seTE", "0.4,0.2", "log_hazard_ratio", {"standard_error": 0.2}),
    "limits": ("yi,ci.lb,ci.ub", "0.4,0.1,0.7", "smd", {"interval": [0.1, 0.7]}),
    "rr may be three things": (
        "RR,lower,upper",
        "0.4,0.1,1.6",
        "risk_ratio",
        {"interval": [0.1, 1.6]},
    ),
}


@pytest.mark.parametrize("software", ESTIMATES)
def test_an_effect_whose_heading_leaves_its_measure_open_asks_for_it(software: str):
    headings, cells, measure, expected = ESTIMATES[software]
    content = f"study,{headings}\nAsh 1990,{cells}\n"
    piece = evidence(content, measure=measure)
    assert piece == {"kind": "estimate", "measure": measure, "value": 0.4} | expected
    [problem] = problems(content)
    value = headings.partition(",")[0]
    assert str(problem).startswith(
        f"t.csv:1: {value}: found effects without a measure, in {value}; allowed: `--measure` with"
        " one of odds_ratio, risk_ratio,"
    )


@pytest.mark.parametrize(
    ("heading", "measure"),
    [
        ("OR", "odds_ratio"),
        ("logOR", "log_odds_ratio"),
        ("Hedges' g", "smd"),
        ("HR", "hazard_ratio"),
    ],
)
def test_a_heading_that_names_its_measure_needs_no_option(heading: str, measure: str):
    piece = evidence(f"study,{heading},lower,upper\nAsh 1990,0.4,0.1,1.6\n")
    assert piece["measure"] == measure


def test_a_logarithm_is_not_taken_for_the_ratio_that_a_column_names():
    content = "study,measure,yi,vi\nAsh 1990,OR,0.4,0.04\n"
    assert "effects without a measure" in problems(content)[0].found
    assert evidence(content, measure="log_odds_ratio")["measure"] == "log_odds_ratio"
    assert evidence(content.replace("yi", "est"))["measure"] == "odds_ratio"


def test_effects_computed_from_results_by_arm_are_told_as_left_out():
    content = b"study,ai,n1i,ci,n2i,yi,vi\nAsh 1990,4,123,11,139,0.4,0.04\n"
    _, made = read_with_mapping("t.csv", content, None, VOCABULARY, Options(source=SOURCE))
    assert made.summary().splitlines() == [
        "Read by headings: counts: `ai`, `n1i` treated; `ci`, `n2i` control.",
        "Columns not imported: `yi`, `vi` (nothing says what they measure, as `--measure` can;"
        " results by arm are there).",
        "Moderators without a column, not known in these records: `latitude`.",
    ]


def test_two_sets_of_columns_are_asked_about():
    [problem] = problems("study,event.a,n.a,event.b,n.b,event.c,n.c\nAsh 1990,1,10,2,20,3,30\n")
    assert problem.found == (
        "several sets of columns for counts: event.a, n.a, event.c, n.c; event.b, n.b, event.c, n.c"
    )


def test_totals_of_both_arms_are_no_treated_arm():
    [problem] = problems("study,event.all,n.all,event.c,n.c\nAsh 1990,1,10,2,20\n")
    assert problem.found.startswith("no headings of results that belong together")


def test_all_that_is_missing_is_told_at_once():
    several = Vocabulary(("cases", "deaths"), {}, ())
    with pytest.raises(ReviewError) as refused:
        read_with_mapping("t.csv", b"x,n.plac\n1,2\n", None, several)
    told = {problem.field: str(problem) for problem in refused.value.problems}
    assert set(told) == {"", "study", "outcome", "source"}
    assert "only n.plac; allowed: those of docs/importing.md, such as `ai bi ci di`" in told[""]
    assert "`--outcome` with one of cases, deaths" in told["outcome"]
    assert "`--source` with the address" in told["source"]


def test_a_mapping_says_only_what_headings_cannot():
    content = "study,b.xti,nti,b.xci,nci,centred\nAsh,4,123,11,139,x\n"
    columns = {
        "treated": {"events": {"column": "b.xti"}, "total": {"column": "nti"}},
        "control": {"events": {"column": "b.xci"}, "total": {"column": "nci"}},
    }
    mapping = {"ignore": "others", "evidence": [{"kind": "counts", **columns}]}
    [one] = imported(content, mapping)
    assert one.study.citation.label == "Ash"
    assert one.study.effects[0].evidence[0].arms[0].total == 123
    [problem] = problems(content, {"evidence": mapping["evidence"]})
    assert (problem.field, problem.found) == ("centred", "a column without a place")


NAMES = {
    "year at the end": ("study", "Ash 1990", ("ash_1990", "Ash 1990", 1990)),
    "no year": ("study", "Ash", ("ash", "Ash", None)),
    "author and year": ("author,year", "Ash,1990", ("ash_1990", "Ash 1990", 1990)),
    "year said twice": ("author,year", "Ash 1990,1990", ("ash_1990", "Ash 1990", 1990)),
    "number and author": ("trial,author,year", "7,Ash,1990", ("ash_1990_7", "Ash 1990", 1990)),
    "number alone": ("study,year", "7,1990", ("study_7", "Study 7", 1990)),
    "year not known": ("study,year", "Ash 1990,NA", ("ash_1990", "Ash 1990", None)),
    "accents": ("slab", "Éva Ôak (1990b)", ("eva_oak_1990b", "Éva Ôak (1990b)", 1990)),
    "name in another script": (
        "id,label,year",
        "wang_2004,王小明,2004",
        ("wang_2004", "王小明", 2004),
    ),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_of_studies(case: str):
    headings, cells, expected = NAMES[case]
    [one] = imported(f"{headings},ai,n1i,ci,n2i\n{cells},4,123,11,139\n")
    citation = one.study.citation
    assert (one.study.study_id, citation.label, citation.year) == expected
    assert "year: null" in one.text or citation.year is not None


def test_long_names_that_differ_at_their_end_stay_two():
    long = "A very long name of a study that goes on and on and then on some more"
    studies = imported(f"study,ai,n1i,ci,n2i\n{long} 1,4,9,1,9\n{long} 2,4,9,1,9\n")
    assert len({one.study.study_id for one in studies}) == 2
    assert all(len(one.study.study_id) <= 60 for one in studies)


def test_moderators_of_effects():
    unlike, alike = imported(
        "study,es_id,latitude,yi,vi\nAsh,1,10,0.1,1\nAsh,2,20,0.2,1\nOak,1,5,0.3,1\nOak,2,,0.4,1\n",
        measure="smd",
    )
    assert unlike.study.moderators == {"latitude": None}
    assert [effect.moderators for effect in unlike.study.effects] == [
        {"latitude": 10},
        {"latitude": 20},
    ]
    assert [effect.id for effect in unlike.study.effects] == ["effect_1", "effect_2"]
    assert alike.study.moderators == {"latitude": 5}
    assert [effect.moderators for effect in alike.study.effects] == [{}, {}]


def test_a_study_without_results_stays_on_record_and_awaits_them():
    ash, oak = imported("study,ai,n1i,ci,n2i\nAsh 1990,NA,,NA,\nOak 1991,4,9,1,9\n")
    assert (ash.study.status, ash.study.effects) == ("awaiting_data", [])
    assert ash.study.reason == "The spreadsheet gives no result of this study."
    assert oak.study.status == "extracted"
    [problem] = problems("study,ai,n1i,ci,n2i\nAsh 1990,NA,9,NA,9\n")
    assert str(problem) == (
        "t.csv:2: study ash_1990: found no evidence; allowed: values in the columns of one of"
        " counts; or leave the row out"
    )


def test_a_follow_up_of_0_and_one_that_is_not_known():
    content = "study,months,ai,n1i,ci,n2i\nAsh,0,4,9,1,9\nOak,,4,9,1,9\n"
    months = [one.study.effects[0].follow_up_months for one in imported(content)]
    assert months == [0, None]


def test_an_id_that_begins_with_a_digit_gets_a_suggestion():
    mapping = {"study": {"study_id": {"column": "study"}}}
    [problem] = problems("study,ai,n1i,ci,n2i\n1990 Ash,4,9,1,9\n", mapping)
    assert "did you mean `study_1990_ash`?" in problem.allowed


def test_digits_beyond_those_of_a_double_are_rounded():
    piece = evidence(
        "study,yi,vi\nAsh 1990,0.123456789012345678901234567890,1.00000000000000000001e-2\n",
        measure="smd",
    )
    assert (piece["value"], piece["variance"]) == (0.12345678901234568, 0.01)


CASES = "id,label,year,latitude,months,"


def test_case_beyond_the_axis():
    assert evidence(
        f"{CASES}e1,n1,e0,n0\nall_or_none,All or none 1999,1999,20,12,0,40,40,40\n"
    ) == {
        "kind": "counts",
        "arms": arms({"events": 0, "total": 40}, {"events": 40, "total": 40}),
    }


def test_case_chinese_name_and_decimal_counts():
    [one] = imported(
        f"{CASES}e1,n1,e0,n0\nwang_2004,王小明 2004,2004,30,12,12.0,120.0,15.0,118.0\n"
    )
    assert (one.study.study_id, one.study.citation.label) == ("wang_2004", "王小明 2004")
    assert one.study.effects[0].evidence[0].arms[0].total == 120


LOG_RATIOS = (
    "study,year,yi,vi\nAsh 1990,1990,0.4000000000000000222,0.04\nOak 1996,1996,.2,.09\n"
    "Pine 2001,2001,-0.4,0.0625\n"
)


def test_case_log_ratios():
    [problem] = problems(LOG_RATIOS)
    assert "`--measure`" in problem.allowed
    studies = imported(LOG_RATIOS, measure="log_odds_ratio")
    pieces = [one.study.effects[0].evidence[0] for one in studies]
    assert [(piece.value, piece.variance) for piece in pieces] == [
        (0.4, 0.04),
        (0.2, 0.09),
        (-0.4, 0.0625),
    ]


def test_decimal_commas_of_a_spreadsheet_program():
    content = f"sep=;\r\n{LOG_RATIOS.replace(',', ';').replace('.', ',')}".encode("utf-16")
    told = problems(content, measure="log_odds_ratio")
    assert len(told) == 6
    assert all("or `--decimal ,`, if all numbers have it" in problem.allowed for problem in told)
    studies = imported(content, measure="log_odds_ratio", decimal=",")
    assert [one.study.effects[0].evidence[0].value for one in studies] == [0.4, 0.2, -0.4]


ESTIMATE_CASE = f"{CASES}what,est,se,lo,hi,pct,p,adj\n"


def test_case_lopsided_interval():
    protocol = read_protocol(ROOT / "config/reviews/bcg_vaccine.yaml")
    studies = imported(
        f"{ESTIMATE_CASE}lop_2002,Lopsided 2002,2002,10,12,OR,1.05,,1.0,4.0,95,,no\n"
    )
    assert studies[0].study.effects[0].evidence[0].measure == "odds_ratio"
    [question] = map(str, questions_about(studies, [], protocol))
    assert question.startswith("t.csv:2: lo: found odds_ratio 1.05 in [1, 4]; odd: the middle")


def test_case_adjusted_and_not():
    [problem] = problems(
        f"{ESTIMATE_CASE}a_2001,A 2001,2001,10,12,OR,0.9,,0.7,1.15,95,,no\n"
        "a_2001,A 2001,2001,10,12,OR,0.7,,0.5,0.98,95,,yes\n"
    )
    assert str(problem).startswith("t.csv:3: study a_2001: found tuberculosis; allowed: an effect")
    assert "`effect.id`" in problem.allowed and "two pieces of evidence" in problem.allowed


ARMS = (
    "tri_2001,Three arms 2001,2001,10,12,low,0,30,2,30\n"
    "tri_2001,Three arms 2001,2001,10,12,high,3,30,2,30\n"
    "zero_2002,All zero arms 2002,2002,20,12,low,0,12,0,12\n"
    "zero_2002,All zero arms 2002,2002,20,12,high,0,12,0,12\n"
)
OTHER_CONTROL = "tri_2001,Three arms 2001,2001,10,12,mid,3,30,2,31\n"


def test_case_several_arms():
    tri, zero = imported(f"{CASES}dose,e1,n1,e0,n0\n{ARMS}")
    for one in (tri, zero):
        assert [arm.label for arm in one.study.arms] == ["low", "high", "Control"]
        assert [effect.id for effect in one.study.effects] == ["low", "high"]


@pytest.mark.parametrize("rows", [ARMS, ARMS.splitlines(keepends=True)[1]])
def test_case_shared_control_differs(rows: str):
    [problem] = problems(f"{CASES}dose,e1,n1,e0,n0\n{rows}{OTHER_CONTROL}")
    assert problem.study == "tri_2001"
    assert problem.found == "2 of 31 in control"
    assert "2 of 30 in control, as on line 2: an arm has one set of counts" in problem.allowed


def test_case_same_label():
    protocol = read_protocol(ROOT / "config/reviews/bcg_vaccine.yaml")
    studies = imported(
        f"{CASES}e1,n1,e0,n0\nsmith_2001,Smith 2001,2001,10,12,5,100,9,100\n"
        "smith_2001_2,Smith 2001,2001,20,12,15,200,9,210\n"
        "jones_2003,Jones 2003,2003,30,12,7,150,14,149\n"
    )
    [question] = map(str, questions_about(studies, [], protocol))
    assert "`Smith 2001a` and `Smith 2001b`" in question


def listed(table: dict[str, tuple[str, ...]]) -> list[str]:
    """Rows of docs/importing.md for a table of words."""
    return [f"| `{name}` | {', '.join(f'`{w}`' for w in words)} |" for name, words in table.items()]


def test_the_page_lists_every_word():
    page = (ROOT / "docs/importing.md").read_text()
    for table in (heading_words.STUDY, EFFECT, ARM, heading_words.ARM_LETTERS, MARKS, ESTIMATE):
        assert not [row for row in listed(table) if row not in page], "\n".join(listed(table))
    assert not [row for row in listed(MEASURES) if row not in page], "\n".join(listed(MEASURES))
    short = ", ".join(f"`{name}`" for name in heading_words.ABBREVIATIONS)
    assert short in page, short


WORDS = sorted(
    {
        heading
        for table in (heading_words.STUDY, EFFECT, ESTIMATE, MEASURES)
        for words in table.values()
        for heading in words
    }
    | {f"{w}.{m}" for words in ARM.values() for w in words for m in ("e", "c", "x")}
    | set(heading_words.TWO_BY_TWO)
)


# In a fresh clone the first text drawn builds hypothesis' tables of characters: seconds.
@pytest.mark.long
@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_headings_become_records_or_problems(data: st.DataObject):
    headings = data.draw(st.lists(st.sampled_from(WORDS), min_size=2, max_size=10, unique=True))
    cell = st.sampled_from(
        ["", "NA", "1", "0.5", "12", "Ash 1990", "OR", "yes", "-1", "2001", "low"]
    )
    rows = data.draw(
        st.lists(st.tuples(*[cell for _ in headings]), min_size=1, max_size=4, unique=True)
    )
    content = "\n".join(map(",".join, [headings, *rows]))
    try:
        studies = imported(content, measure="smd")
    except ReviewError as error:
        assert all(problem.found and problem.allowed for problem in error.problems)
        return
    assert all(one.study.effects or one.study.status == "awaiting_data" for one in studies)


def test_the_words_of_two_tables_do_not_clash():
    for table in (heading_words.STUDY, ESTIMATE | MEASURES):
        plain = [heading_words.plain(w) for words in table.values() for w in words]
        assert len(plain) == len(set(plain)), plain
    assert heading_words.plain("Mean_(SD) É") == "meansde"
