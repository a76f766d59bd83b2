"""Spreadsheets become records that load back equal, or every mistake in them is told."""

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml
from conftest import DOMAINS, LEVELS, OUTCOMES, ROOT
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from spreadsheets import COUNTS, HEADINGS, MAPPING, imported_from, line, text_of

from livingreview.base.documents import read_document
from livingreview.base.errors import Problem, ReviewError
from livingreview.base.validation import validated
from livingreview.protocol.review import Protocol
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.studies import Imported
from livingreview.records.record_text import record_text
from livingreview.records.study import Study

VOCABULARY = Vocabulary(OUTCOMES, LEVELS, DOMAINS)


@pytest.fixture
def imported(tmp_path: Path):
    """Import a text or bytes by way of the mapping above, changed."""

    def run(
        content: str | bytes, *changes: tuple[str, str], recorded: dict[str, bytes] | None = None
    ) -> list[Imported]:
        mapping = MAPPING
        for old, new in changes:
            assert mapping.count(old) == 1, old
            mapping = mapping.replace(old, new)
        path = tmp_path / "map.yaml"
        path.write_text(mapping)
        encoded = content.encode() if isinstance(content, str) else content
        document = read_document(path)
        return imported_from("t.csv", encoded, document, VOCABULARY, recorded or {})

    return run


@pytest.fixture
def problems(imported):
    """Problems of an import, as (line, field, found, allowed)."""

    def run(content: str | bytes, *changes: tuple[str, str], **more) -> list[Problem]:
        with pytest.raises(ReviewError) as refused:
            imported(content, *changes, **more)
        return refused.value.problems

    return run


def loaded(text: str, tmp_path: Path) -> Study:
    path = tmp_path / "record.yaml"
    path.write_text(text, encoding="utf-8")
    return validated(read_document(path), Study)


def sixty_rows() -> list[list[str]]:
    """60 effects of 45 studies: six kinds of evidence ten times each, 15 with two outcomes."""
    kinds = [
        lambda i: COUNTS | {"events_t": str(i)},
        lambda i: {"percent_t": f"{i}.50", "percent_c": "20%", "n_t": "400", "n_c": "400"},
        lambda i: {"or": f"0.{60 + i}", "low": "0.31", "high": "1.9", "p": "0.37"},
        lambda i: {"mean_t": f"-{i}.25", "mean_c": "3", "sd": "2.5", "n_t": "50", "n_c": "51"},
        lambda i: {"chi2": f"{i}.1", "way": "decrease", "n_t": "80", "n_c": "85"},
        lambda i: {"said": ("fewer", "n.s.")[i % 2], "n_t": "200", "n_c": "201"},
    ]
    rows = []
    for i in range(60):
        study = i % 45
        rows.append(
            line(
                study=f"study_{study}",
                name=f"Étude {study}, with “quotes” and, commas",
                year=str(1950 + study),
                outcome=OUTCOMES[i // 45],
                latitude="NA" if study % 3 == 0 else f"{study}.25",
                url="" if i % 2 else f"https://example.org/{i}",
                **kinds[i % 6](i // 6 + 1),
            )
        )
    return rows


def test_sixty_rows_become_records_that_load_back_equal(imported, tmp_path: Path):
    studies = imported(text_of(*sixty_rows()))
    assert len(studies) == 45
    effects = [effect for one in studies for effect in one.study.effects]
    assert len(effects) == 60
    kinds = [piece.kind for effect in effects for piece in effect.evidence]
    mapped = ("counts", "percentages", "estimate", "means", "test", "finding")
    assert Counter(kinds) == dict.fromkeys(mapped, 10)
    for one in studies:
        assert loaded(one.text, tmp_path) == one.study
        assert max(map(len, one.text.splitlines())) <= 100

    study = {one.study.study_id: one.study for one in studies}["study_1"]
    assert study.citation.label == "Étude 1, with “quotes” and, commas"
    assert study.moderators == {"setting": "town", "latitude": 1.25}
    assert study.notes == ["Imported from t.csv, lines 3, 48, by way of map.yaml."]
    percentages, test = (effect.evidence[0] for effect in study.effects)
    assert [(a.percent, a.decimals, a.total) for a in percentages.arms] == [
        (1.5, 2, 400),
        (20, 0, 400),
    ]
    assert percentages.source.url == "https://example.org/all"  # its cell is blank
    assert (test.kind, test.value, test.sizes[0].groups) == ("test", 8.1, (80, 85))


def test_one_row_reads_as_written(imported):
    [one] = imported(text_of(line(**COUNTS, **{"or": "0.39", "low": "0.12", "high": "1.26"})))
    assert yaml.safe_load(one.text) == {
        "study_id": "alpha_2001",
        "citation": {"label": "Alpha 2001", "text": "Alpha 2001", "year": 2001},
        "status": "extracted",
        "eligibility": "Invented for a test.",
        "design": {"kind": "experimental", "detail": "Random assignment."},
        "moderators": {"setting": "town", "latitude": 44.5},
        "arms": [{"id": "visit", "label": "Visited"}, {"id": "usual", "label": "Not visited"}],
        "risk_of_bias": {"allocation": {"judgement": "low", "reason": "Random."}},
        "sources": [{"url": "https://example.org/all", "locator": "table 1", "kind": "full text"}],
        "notes": ["Imported from t.csv, line 2, by way of map.yaml."],
        "effects": [
            {
                "id": "disease",
                "outcome": "disease",
                "measure": "Cases",
                "follow_up_months": 12,
                "treated": "visit",
                "control": "usual",
                "evidence": [
                    {
                        "kind": "counts",
                        "arms": [
                            {"arm": "visit", "events": 4, "total": 123},
                            {"arm": "usual", "events": 11, "total": 139},
                        ],
                        "source": {
                            "url": "https://example.org/all",
                            "locator": "table 1",
                            "kind": "full text",
                        },
                    },
                    {
                        "kind": "estimate",
                        "measure": "odds_ratio",
                        "value": 0.39,
                        "interval": [0.12, 1.26],
                        "source": {
                            "url": "https://example.org/all",
                            "locator": "table 1",
                            "kind": "full text",
                        },
                    },
                ],
            }
        ],
    }


# Row with a mistake: (line of the mistake's file, column or field, found, allowed).
MISTAKES = {
    "thousands separator": (
        line(study="s2", **COUNTS | {"n_t": "1,230"}),
        ("n_t", "'1,230'", "a whole number such as 12, without thousands separators"),
    ),
    "more events than people": (
        line(study="s3", **COUNTS | {"events_t": "130"}),
        ("events_t", "130", "at most the total, 123"),
    ),
    "unknown outcome": (
        line(study="s4", outcome="diseases", **COUNTS),
        ("outcome", "'diseases'", "did you mean `disease`? one of disease, death"),
    ),
    "path trick": (
        line(study="../../etc/cron", **COUNTS),
        ("study", "'../../etc/cron'", "a name (a to z, 0 to 9 and _, a letter first"),
    ),
    "name with spaces": (
        line(study="Jolin 1998", **COUNTS),
        ("study", "'Jolin 1998'", "did you mean `jolin_1998`? a name"),
    ),
    "formula": (
        line(study="s5", name="=cmd|' /C calc'!A0", **COUNTS),
        ("name", "\"=cmd|' /C calc'!A0\"", "a text that no spreadsheet takes for a formula"),
    ),
    "formula for a number": (
        line(study="s6", **COUNTS | {"events_t": "=2+2"}),
        ("events_t", "'=2+2'", "a whole number such as 12, not a formula"),
    ),
    "wording that is not known": (
        line(study="s7", said="few", n_t="9", n_c="9"),
        ("said", "'few'", "did you mean `fewer`? one of fewer, n.s."),
    ),
    "level that is not known": (
        line(study="s8", setting="citty", **COUNTS),
        ("setting", "'citty'", "did you mean `city`? one of city, rural"),
    ),
    "interval beside its value": (
        line(study="s9", **{"or": "0.39", "low": "0.5", "high": "1.26"}),
        ("low", "[0.5, 1.26]", "an interval around the value 0.39"),
    ),
    "interval with one end": (
        line(study="s10", **{"or": "0.39", "low": "0.12"}),
        ("high", "nothing", "both ends of the interval, or neither"),
    ),
    "percentage above 100": (
        line(study="s11", percent_t="120", percent_c="20", n_t="9", n_c="9"),
        ("percent_t", "120", "less than or equal to 100"),
    ),
    "cell missing": (
        line(study="s12", **COUNTS | {"n_c": ""}),
        ("n_c", "nothing", "this field is required"),
    ),
    "decimal comma": (
        line(study="s13", **{"or": "0,39"}),
        ("or", "'0,39'", "a number such as 0.5, with `.` before decimals"),
    ),
    "no evidence": (
        line(study="s14", n_t="100", n_c="100"),
        ("", "no evidence", "values in the columns of one of counts, percentages, estimate"),
    ),
    "p that goes with nothing": (
        line(study="s15", p="0.03", **COUNTS),
        (
            "p",
            "0.03, which belongs to no evidence of this row",
            "a value for estimate of s15 under one of or, low, high",
        ),
    ),
    "bound on p": (
        line(study="s16", p="<0.05", **{"or": "0.39"}),
        ("p", "'<0.05'", "a bound on p is a finding"),
    ),
    "address": (
        line(study="s17", url="example.org", **COUNTS),
        ("url", "'example.org'", "an address that starts with http://, https:// or doi:"),
    ),
    "half a person": (
        line(study="s18", **COUNTS | {"events_c": "11.5"}),
        ("events_c", "'11.5'", "a whole number such as 12"),
    ),
    "negative count": (
        line(study="s19", **COUNTS | {"events_c": "-1"}),
        ("events_c", "'-1'", "a whole number such as 12"),
    ),
    "too many cells": (
        [*line(study="s20", **COUNTS), "more"],
        ("", f"{len(HEADINGS) + 1} cells", f"{len(HEADINGS)} cells, one for each heading"),
    ),
    "year in words": (
        line(study="s21", year="soon", **COUNTS),
        ("year", "'soon'", "a whole number such as 12"),
    ),
    "test without sizes": (
        line(study="s22", chi2="3.1", way="increase"),
        ("n_t or n_c", "nothing", "this field is required"),
    ),
    "no study": (line(study="", **COUNTS), ("study", "nothing", "this field is required")),
    "full width digits": (
        line(study="s23", **COUNTS | {"events_t": "４"}),
        ("events_t", "'４'", "a whole number such as 12"),
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told_with_line_and_column(problems, mistake: str):
    row, (column, found, allowed) = MISTAKES[mistake]
    [problem] = problems(text_of(line(**COUNTS), row))
    assert (problem.file, problem.line, problem.field) == ("t.csv", 3, column)
    assert problem.found == found
    assert allowed in problem.allowed


def test_all_mistakes_are_told_at_once(problems):
    twice = line(study="beta_2002", name="Beta 2002", **COUNTS)
    rows = [row for row, _ in MISTAKES.values()]
    other_year = line(study="beta_2002", name="Beta 2002", year="2002", outcome="death", **COUNTS)
    again = line(study="beta_2002", name="Beta 2002", **COUNTS | {"events_t": "5"})
    on_record = line(**COUNTS)
    text = text_of(twice, *rows, twice, other_year, again, on_record)
    told = problems(text, recorded={"alpha_2001": b"study_id: alpha_2001\n"})
    expected = [
        (line_number, column, found)
        for line_number, (_, (column, found, _)) in enumerate(MISTAKES.values(), 3)
    ]
    after = len(rows) + 3
    expected += [
        (after, "", "the same row as line 2"),
        (after + 1, "year", "'2002'"),
        (after + 2, "outcome", "disease"),
        (after + 3, "study", "'alpha_2001'"),
    ]
    assert sorted((p.line, p.field, p.found) for p in told) == sorted(expected)


def test_rows_of_a_study_must_agree(problems):
    rows = (line(**COUNTS), line(outcome="death", year="2002", **COUNTS))
    [problem] = problems(text_of(*rows))
    assert (
        str(problem)
        == "t.csv:3: study alpha_2001: year: found '2002'; allowed: '2001', as on line 2"
    )


def test_cells_left_blank_in_later_rows_say_nothing(imported):
    later = line(outcome="death", name="", year="", setting="", latitude="", **COUNTS)
    [one] = imported(text_of(line(**COUNTS), later))
    assert [effect.outcome for effect in one.study.effects] == ["disease", "death"]


# content, changes of the mapping, what is told: file, line, field, found, allowed
GOOD = text_of(line(**COUNTS))
FILES = {
    "Latin-1": (
        GOOD.replace("Alpha 2001", "Étude").encode("latin-1"),
        (),
        ("t.csv", 2, "", "byte", "text in UTF-8"),
    ),
    "UTF-16 cut off": (
        GOOD.encode("utf-16")[:-1],
        (),
        ("t.csv", 0, "", "text in UTF-16 that is cut off", "text in UTF-8 or UTF-16"),
    ),
    "empty": ("", (), ("t.csv", 0, "", "an empty file", "a row of headings, then rows")),
    "only headings": (text_of(), (), ("t.csv", 0, "", "no row below", "a row for each effect")),
    "open quote": (
        GOOD.replace("Alpha 2001", '"Alpha 2001', 1),
        (),
        ("t.csv", 2, "", "quotes or cells that cannot be taken apart", "a CSV file"),
    ),
    "other delimiter": (
        text_of(line(**COUNTS), delimiter=";"),
        (("blank: [NA]", 'blank: [NA]\ndelimiter: ","'),),
        ("t.csv", 1, "", "one column", "several columns with `,` between them"),
    ),
    "too many columns": (
        f"{',' * 20_000}\n",
        (),
        ("t.csv", 0, "", "20,001 columns", "at most 1,000"),
    ),
    "too many rows": (
        "a,b\n" + "1,2\n" * 100_001,
        (),
        ("t.csv", 0, "", "100,001 rows", "at most 100,000"),
    ),
    "column without a place": (
        GOOD,
        (("ignore: [note]", "ignore: []"),),
        ("t.csv", 1, "note", "a column without a place", "a column that the mapping names"),
    ),
    "column that is not there": (
        GOOD.replace("year", "yaer", 1).replace("note\n", "note\n", 1),
        (("ignore: [note]", "ignore: [note, yaer]"),),
        ("map.yaml", 7, "study.year.column", "'year'", "did you mean `yaer`? one of"),
    ),
    "heading twice": (
        GOOD.replace(",n_c,", ",n_t,", 1),
        (),
        ("t.csv", 1, "n_t", "a repeated heading", "each heading once"),
    ),
    "no such moderator": (
        GOOD,
        (("    latitude:", "    lattitude:"),),
        ("map.yaml", 12, "study.moderators.lattitude", "'lattitude'", "did you mean `latitude`?"),
    ),
    "no such field": (
        GOOD,
        (("  measure: {value: C", "  mesure: {value: C"),),
        ("map.yaml", 17, "effect.mesure", "unknown field 'mesure'", "did you mean `measure`?"),
    ),
    "words for no level": (
        GOOD,
        (("city: town", "city: twon"),),
        ("map.yaml", 11, "study.moderators.setting.words.city", "'twon'", "did you mean `town`?"),
    ),
    "neither column nor value": (
        GOOD,
        (("measure: {value: Cases}", "measure: {}"),),
        ("map.yaml", 17, "effect.measure", "neither", "`column`, `value`, or both"),
    ),
}


@pytest.mark.parametrize("fault", FILES)
def test_fault_of_a_file_or_of_the_mapping_is_told(problems, fault: str):
    content, changes, (file, at, field, found, allowed) = FILES[fault]
    told = problems(content, *changes)
    problem = next(p for p in told if Path(p.file).name == file and p.field == field)
    assert problem.line == at
    assert found in problem.found
    assert allowed in problem.allowed
    # A column that cannot be read is told once, and not again for each row.
    assert len([p for p in told if p.file == "t.csv"]) <= 1


COMMA = ("blank: [NA]", 'decimal: ","\ndelimiter: ";"\nblank: [NA]')


def test_semicolons_and_decimal_commas(imported):
    row = line(latitude="44,5", **{"or": "0,39", "low": "0,12", "high": "1,26"})
    [one] = imported(text_of(row, delimiter=";"), COMMA)
    [piece] = one.study.effects[0].evidence
    assert (piece.value, piece.interval) == (0.39, [0.12, 1.26])


def test_a_point_among_decimal_commas_is_refused(problems):
    [problem] = problems(text_of(line(latitude="", **{"or": "1.234"}), delimiter=";"), COMMA)
    assert "without thousands separators and with `,` before decimals" in problem.allowed


def test_tabs_byte_order_mark_windows_lines_and_blank_rows(imported):
    text = text_of(line(**COUNTS), [""] * len(HEADINGS), [""], delimiter="\t")
    content = text.replace("\n", "\r\n").encode("utf-8-sig")
    [one] = imported(content, ("blank: [NA]", "delimiter: tab\nblank: [NA]"))
    assert one.study.effects[0].evidence[0].arms[1].total == 139


def test_line_of_a_row_below_a_cell_with_line_breaks(problems, imported):
    long = line(study="s1", name="Alpha\n2001\n", **COUNTS)
    wrong = line(study="s2", **COUNTS | {"n_t": "many"})
    [problem] = problems(text_of(long, wrong))
    assert (problem.line, problem.field) == (5, "n_t")
    [one] = imported(text_of(long))
    assert one.study.citation.label == "Alpha 2001"


def test_an_import_may_be_repeated_and_changes_nothing(imported, problems):
    [one] = imported(GOOD)
    assert imported(GOOD, recorded={"alpha_2001": one.text.encode()}) == [one]
    other = GOOD.replace(",4,123", ",5,123")
    [problem] = problems(other, recorded={"alpha_2001": one.text.encode()})
    assert problem.allowed == "a study that is not on record yet; nothing is overwritten"


def test_two_names_for_one_study_become_one_record(imported):
    words = ("{column: study}", "{column: study, words: {A: alpha, A1: alpha}}")
    rows = (line(study="A", **COUNTS), line(study="A1", outcome="death", **COUNTS))
    [one] = imported(text_of(*rows), words)
    assert (one.study.study_id, len(one.study.effects)) == ("alpha", 2)


def of_rates(treated: str, control: str) -> tuple[str, str]:
    """Change of the mapping that adds rates, with person-time in these columns."""
    return "evidence:\n", (
        "evidence:\n"
        "  - kind: rates\n"
        f"    treated: {{events: {{column: events_t}}, person_time: {{column: {treated}}}}}\n"
        f"    control: {{events: {{column: events_c}}, person_time: {{column: {control}}}}}\n"
    )


def test_events_without_person_time_are_not_dropped(problems):
    no_counts = (
        "  - kind: counts\n"
        "    treated: {events: {column: events_t}, total: {column: n_t}}\n"
        "    control: {events: {column: events_c}, total: {column: n_c}}\n"
    )
    cells = {"events_t": "4", "events_c": "11", "said": "fewer", "n_t": "80", "n_c": "85"}
    found = problems(text_of(line(**cells)), (no_counts, ""), of_rates("mean_t", "mean_c"))
    assert [str(problem) for problem in found] == [
        f"t.csv:2: study alpha_2001: {column}: found {cell}, which belongs to no evidence of this"
        " row; allowed: blank, or a value for rates of alpha_2001 under one of mean_t, mean_c"
        for column, cell in (("events_c", "11"), ("events_t", "4"))
    ]


def test_events_that_counts_use_need_no_person_time(imported):
    [one] = imported(text_of(line(**COUNTS)), of_rates("mean_t", "mean_c"))
    assert [piece.kind for piece in one.study.effects[0].evidence] == ["counts"]


def test_clusters_and_decimals_may_be_given(imported):
    clusters = (
        "    control: {events: {column: events_c}, total: {column: n_c}}\n",
        "    control: {events: {column: events_c}, total: {column: n_c}}\n"
        "    clusters: {icc: {value: 0.02}, average_size: {column: sd}, note: {value: Assumed.}}\n",
    )
    design = ("{value: Random assignment.}", "{value: Beats.}, clustered: {value: true}")
    decimals = ("{column: percent_t}", "{column: percent_t}, decimals: {value: 1}")
    cells = COUNTS | {"n_t": "100", "sd": "30", "percent_t": "3", "percent_c": "8"}
    means = ("sd: {column: sd}, total: {column: n_t}", "sd: {column: mean_t}, total: {column: n_t}")
    again = ("sd: {column: sd}, total: {column: n_c}", "sd: {column: mean_c}, total: {column: n_c}")
    [one] = imported(text_of(line(**cells)), clusters, design, decimals, means, again)
    counts, percentages = one.study.effects[0].evidence
    assert (counts.clusters.icc, counts.clusters.average_size) == (0.02, 30)
    assert [arm.decimals for arm in percentages.arms] == [1, 0]


# Cell, what the mapping says of it, decimal mark; the percentage that is used, and its decimals.
PRINTED = {
    "trailing zeros": ("12.00%", "", ".", (12, 2)),
    "decimal comma": ("12,50", "", ",", (12.5, 2)),
    "power of ten": ("1.20e1", "", ".", (12, 1)),
    "negative power": ("1.2e-1", "", ".", (0.12, 2)),
    "word for a number": ("approx. half", "words: {approx. half: 50}", ".", (50, 0)),
    "word for a text": ("twelve", 'words: {twelve: "12.0"}', ".", (12, 1)),
    "number of the mapping": ("", "value: 12.5", ",", (12.5, 1)),
}


@pytest.mark.parametrize("case", PRINTED)
def test_decimals_are_those_of_the_number_that_is_used(imported, case: str):
    cell, said, decimal, used = PRINTED[case]
    row = line(latitude="", percent_t=cell, percent_c="8", n_t="10000", n_c="10000")
    reading = f"percent: {{column: percent_t, {said}}}"
    mark = ("blank: [NA]", f'decimal: "{decimal}"\nblank: [NA]')
    [one] = imported(text_of(row), ("percent: {column: percent_t}", reading), mark)
    arm = one.study.effects[0].evidence[0].arms[0]
    assert (arm.percent, arm.decimals) == used


def test_a_percentage_that_is_none_is_told_once(problems):
    row = line(percent_t="half", percent_c="8")
    words = ("percent: {column: percent_t}", "percent: {column: percent_t, words: {half: true}}")
    [problem] = problems(text_of(row), words)
    assert (problem.field, problem.found) == (
        "evidence[1].treated.percent.words.half",
        "true",
    )


def test_an_arm_is_called_the_same_whichever_group_it_is(problems, imported):
    changes = (
        ("{id: {value: visit}, label: {value: Visited}}", "{id: {column: a}, label: {column: A}}"),
        (
            "{id: {value: usual}, label: {value: Not visited}}",
            "{id: {column: b}, label: {column: B}}",
        ),
    )
    one_way = [*line(**COUNTS), "visit", "Visited", "usual", "Usual care"]
    turned = [*line(outcome="death", **COUNTS), "usual", "Other care", "visit", ""]
    text = text_of(one_way, turned, headings=[*HEADINGS, "a", "A", "b", "B"])
    [problem] = problems(text, *changes)
    assert str(problem) == (
        "t.csv:2: study alpha_2001: B: found 'Usual care'; allowed: 'Other care', as A on line 3"
        " says"
    )
    [one] = imported(text.replace("Other care", "Usual care"), *changes)
    assert [arm.label for arm in one.study.arms] == ["Visited", "Usual care"]


@pytest.mark.long
def test_a_record_that_could_not_be_read_again_is_not_made(problems):
    column = ("effect:\n", "effect:\n  id: {column: note}\n")
    rows = [line(**COUNTS, note=f"e{i}", page=f"{i} {'中' * 1980}") for i in range(300)]
    [problem] = problems(text_of(*rows), column, ("ignore: [note]\n", ""))
    assert (problem.line, problem.field, problem.allowed) == (2, "study", "at most 2,000,000 bytes")
    assert problem.found.startswith("a record of 3,")


@pytest.mark.long
def test_any_number_of_rows_fits_into_the_note(imported):
    column = ("effect:\n", "effect:\n  id: {column: note}\n")
    rows = [line(**COUNTS, note=f"e{i}") for i in range(500)]
    [one] = imported(text_of(*rows), column, ("ignore: [note]\n", ""))
    assert one.study.notes == [
        "Imported from t.csv, 500 of the lines 2 to 501, by way of map.yaml."
    ]


CELLS = st.one_of(
    st.sampled_from(
        ["", "NA", "1", "0", "-1", "1e400", "9" * 400, "12.50", "50%", "1,5", "=1", "-"]
    ),
    st.sampled_from(
        ["disease", "fewer", "increase", "city", "a_1", "../a", "\x00", "\u202e", "null"]
    ),
    st.text(max_size=20),
)


# In a fresh clone the first text drawn builds hypothesis' tables of characters: seconds.
@pytest.mark.long
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@example(rows=[{"percent_t": "1e400"}])
@example(rows=[{"percent_t": "9" * 400}])
@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from(HEADINGS), CELLS, max_size=8), min_size=1, max_size=4
    )
)
def test_any_cells_become_good_records_or_problems(imported, tmp_path: Path, rows: list[dict]):
    content = text_of(*(line(**COUNTS | cells) for cells in rows))
    try:
        studies = imported(content.encode("utf-8", "surrogatepass"))
    except ReviewError as error:
        assert all(problem.allowed and problem.found for problem in error.problems)
        return
    for one in studies:
        assert loaded(one.text, tmp_path) == one.study


# In a fresh clone the first text drawn builds hypothesis' tables of characters: seconds.
@pytest.mark.long
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused_plainly(problems, content: bytes):
    assert problems(content)


def worked_example() -> tuple[str, str, str]:
    """The spreadsheet, the mapping and the output that docs/importing.md shows."""
    text = (ROOT / "docs/importing.md").read_text()
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, flags=re.DOTALL)
    by_kind = dict(blocks)
    return by_kind["csv"], by_kind["yaml"], by_kind[""]


def test_the_worked_example_does_what_the_page_says(protocol: Protocol, tmp_path: Path):
    from livingreview.records.contributions import explanation

    content, mapping, output = worked_example()
    (tmp_path / "trials.yaml").write_text(mapping)
    studies = imported_from(
        "trials.csv",
        content.encode(),
        read_document(tmp_path / "trials.yaml"),
        protocol.vocabulary(),
        {},
    )
    told = explanation([one.study for one in studies], protocol.assumed())
    assert told.startswith(output)
    assert [one.study.study_id for one in studies] == ["alpha_2019", "beta_2021"]


# What a record may hold: text that can be seen, and numbers that are kept digit for digit.
PLAIN = (
    st.text(
        st.characters(
            exclude_categories=["Cs", "Cc", "Cf", "Cn", "Zl", "Zp"],
            exclude_characters="\u115f\u1160\u3164\uffa0",
        ),
        max_size=300,
    )
    .map(str.strip)
    .filter(bool)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | PLAIN
    | st.sampled_from(["010", "1:30", "2001-02-03", "yes", "~", "- a", "# b", "a: b", "1e5", "=1"])
    | st.lists(
        st.sampled_from(["word", "longer-word", "é", "'", '"', "#", ":"]), min_size=1, max_size=60
    ).map(" ".join),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.long
@settings(deadline=None)
@given(content=st.dictionaries(st.sampled_from(["x", "y_z"]), VALUES, min_size=1))
def test_written_text_is_read_back_as_it_was(tmp_path_factory, content: dict):
    path = tmp_path_factory.getbasetemp() / "written.yaml"
    path.write_text(record_text(content), encoding="utf-8", newline="")
    assert read_document(path).data == content
