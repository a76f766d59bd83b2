"""Nothing is dropped in silence, every value is on the line that the ledger names, and
sources that cannot both be right are told."""

from pathlib import Path

import pandas as pd
import pytest
from conftest import (
    ASSUMED,
    COUNTS,
    DISPUTED,
    ESTIMATE,
    FINDING,
    OF_EFFECT,
    RECORD,
    Folder,
    line_of,
)

from livingreview.base.documents import Document
from livingreview.protocol.review import Protocol
from livingreview.records.record_tables import RecordTables, extract
from livingreview.records.study import Study
from livingreview.tables import records as tables

SECOND_EFFECT = """\
  - id: second
    outcome: death
    measure: Deaths
    follow_up_months: 12
    treated: visit
    control: usual
    set_aside: Deaths were counted twice.
    evidence:
"""
UNWEIGHED = """\
  - id: third
    outcome: disease
    measure: Cases told at interview
    follow_up_months: 6
    treated: visit
    control: usual
    evidence:
      - kind: finding
        direction: increase
        significance: not_stated
        source:
          url: https://example.org/alpha
          locator: page 2
          kind: abstract
"""


def extracted(folder: Folder) -> RecordTables:
    return extract(folder.read(), ASSUMED, ["setting", "latitude"], ["allocation"])


@pytest.fixture(scope="session")
def real(shipped: list[tuple[Document, Study]], protocol: Protocol) -> RecordTables:
    baselines = {name: o.assumed for name, o in protocol.outcomes.items()}
    domains = list(protocol.risk_of_bias_domains)
    return extract(shipped, baselines, list(protocol.moderators), domains)


def names(flow: pd.DataFrame, level: str) -> list[str]:
    return " ".join(flow.loc[flow["level"] == level, "names"]).split()


def test_flow_holds_every_record_and_effect_once(
    real: RecordTables, shipped: list[tuple[Document, Study]]
):
    records = [study.study_id for _, study in shipped]
    effects = [f"{study.study_id}/{e.id}" for _, study in shipped for e in study.effects]
    assert len(records) == 16
    assert sorted(names(real.flow, "record")) == sorted(records)
    assert sorted(names(real.flow, "effect")) == sorted(effects)
    counted = real.flow.groupby("level")["count"].sum()
    assert counted.to_dict() == {"record": len(records), "effect": len(effects), "moderator": 1}
    assert (real.flow["names"].str.split().str.len() == real.flow["count"]).all()


@pytest.mark.parametrize(
    "name", ["studies", "effects", "moderator_values", "ledger", "conflicts", "flow"]
)
def test_real_tables_fit_their_classes(real: RecordTables, name: str):
    table = getattr(real, name)
    assert len(getattr(tables, name.title().replace("_", "")).validate(table)) == len(table)


def test_values_of_moderators_that_differ_are_listed(folder: Folder):
    changes = [("setting: town\n", DISPUTED), ("follow_up_months: 12\n", OF_EFFECT)]
    text = folder.write(*changes)
    result = extracted(folder)
    assert result.studies["moderator_setting"].tolist() == ["town"]
    assert result.studies["moderator_latitude"].tolist() == [44]
    town, village, latitude = result.moderator_values.to_dict("records")
    assert (town["status"], town["value"]) == ("analysed", "town")
    assert pd.isna(town["source_url"])
    assert (village["status"], village["value"]) == ("alternative", "village")
    assert village["source_url"] == "https://example.org/beta"
    assert village["record_line"] == line_of(text, "- value: village")
    assert (latitude["effect_id"], latitude["value"]) == ("alpha_2001/first", "51")
    [conflict] = result.conflicts.to_dict("records")
    assert conflict == {
        "effect_id": "alpha_2001",
        "what": "moderator",
        "first": "setting",
        "first_says": "town",
        "second": "setting",
        "second_says": "village",
        "analysed": "town",
    }
    of_moderators = result.flow[result.flow["level"] == "moderator"]
    assert of_moderators[["names", "count"]].to_numpy().tolist() == [["alpha_2001", 1]]
    assert "town analysed, village by another source" in of_moderators["reason"].item()


def test_review_without_disputes_has_none_listed(folder: Folder):
    folder.write()
    result = extracted(folder)
    assert result.moderator_values.empty
    assert set(result.flow["level"]) == {"record", "effect"}


def test_flow_says_what_became_of_each_effect_and_why(folder: Folder):
    folder.write(more=[SECOND_EFFECT, FINDING, UNWEIGHED])
    excluded = ("status: extracted", "status: excluded\nreason: No control group.")
    folder.write(excluded, (RECORD[RECORD.index("effects:") :], ""), name="beta_2002")
    flow = extracted(folder).flow.astype(object)
    assert flow.where(flow.notna(), None).to_numpy().tolist() == [
        ["record", None, "excluded", "No control group.", 1, "beta_2002"],
        ["record", None, "extracted", None, 1, "alpha_2001"],
        ["effect", "disease", "analysed", None, 1, "alpha_2001/first"],
        [
            "effect",
            "disease",
            "not_usable",
            "no group sizes, so the statement cannot be weighed",
            1,
            "alpha_2001/third",
        ],
        ["effect", "death", "set_aside", "Deaths were counted twice.", 1, "alpha_2001/second"],
    ]


def test_study_table_holds_the_moderators_and_judgements(folder: Folder):
    folder.write()
    [row] = extracted(folder).studies.to_dict("records")
    assert (row["moderator_setting"], row["moderator_latitude"]) == ("town", 44)
    assert (row["risk_allocation"], row["year"], row["label"]) == ("low", 2001, "Alpha 2001")


def test_study_table_says_whom_a_study_is_about_where_the_record_does(folder: Folder):
    folder.write()
    assert extracted(folder).studies["about"].isna().all()
    folder.write(("design:\n", "people: older people\ndesign:\n"))
    assert extracted(folder).studies["about"].tolist() == ["older people"]


def test_follow_ups_are_a_moderator_of_the_study_where_they_agree(folder: Folder):
    second = COUNTS.replace("4\n", "3\n").replace("11\n", "9\n")
    head = RECORD.split("effects:\n")[1].removesuffix(COUNTS)
    other = head.replace("first", "second").replace("disease", "death") + second
    folder.write((COUNTS, COUNTS + other))
    tables = extract(folder.read(), ASSUMED, ["follow_up"], [])
    assert tables.studies["moderator_follow_up"].tolist() == [12.0]
    assert tables.moderator_values.empty


@pytest.mark.parametrize(("months", "value"), [("24", "24"), ("null", None)])
def test_follow_ups_that_differ_belong_to_the_effects(folder: Folder, months, value):
    second = COUNTS.replace("4\n", "3\n").replace("11\n", "9\n")
    head = RECORD.split("effects:\n")[1].removesuffix(COUNTS)
    other = head.replace("first", "second").replace("disease", "death") + second
    other = other.replace("follow_up_months: 12", f"follow_up_months: {months}")
    folder.write((COUNTS, COUNTS + other))
    tables = extract(folder.read(), ASSUMED, ["follow_up"], [])
    assert tables.studies["moderator_follow_up"].isna().all()
    rows = tables.moderator_values
    assert rows["effect_id"].tolist() == ["alpha_2001/first", "alpha_2001/second"]
    assert set(rows["moderator"]) == {"follow_up"}
    assert rows["value"].astype(object).where(rows["value"].notna(), None).tolist() == ["12", value]
    for row in rows.to_dict("records"):
        line = Path(row["record_file"]).read_text().splitlines()[row["record_line"] - 1]
        assert "follow_up_months" in line
    # A review without that moderator has none of these values.
    assert extract(folder.read(), ASSUMED, ["setting"], []).moderator_values.empty


@pytest.mark.parametrize("analysed", ["as_assigned", "as_received", None])
def test_who_was_analysed_is_not_known_unless_the_record_says_it(folder: Folder, analysed):
    said = f"control: usual\n    analysed: {analysed}\n" if analysed else "control: usual\n"
    folder.write(("control: usual\n", said))
    assert extracted(folder).effects["analysed"].tolist() == [analysed or "not_known"]


@pytest.mark.parametrize(
    ("judged", "high_risk"),
    [
        ("low", [None, None]),
        ("high", ["allocation", "allocation"]),
        ("high\n    outcomes: [death]", [None, "allocation"]),
    ],
)
def test_a_high_risk_is_of_the_outcomes_that_it_is_about(folder: Folder, judged, high_risk):
    second = COUNTS.replace("4\n", "3\n").replace("11\n", "9\n")
    head = RECORD.split("effects:\n")[1].removesuffix(COUNTS)
    other = head.replace("first", "second").replace("disease", "death") + second
    folder.write((COUNTS, COUNTS + other), ("judgement: low", f"judgement: {judged}"))
    table = extracted(folder).effects
    assert table["high_risk"].astype(object).where(table["high_risk"].notna(), None).tolist() == (
        high_risk
    )


@pytest.mark.parametrize(("kind", "value"), [("experimental", "experimental"), ("not_known", None)])
def test_design_is_a_moderator_and_may_be_unknown(folder: Folder, kind: str, value: str | None):
    folder.write(("kind: experimental", f"kind: {kind}"))
    [row] = extract(folder.read(), ASSUMED, ["design"], []).studies.to_dict("records")
    assert row["moderator_design"] == value


def test_ledger_value_stands_on_the_line_it_names(real: RecordTables):
    assert len(real.ledger) > 50
    for row in real.ledger.itertuples():
        line = Path(row.record_file).read_text().splitlines()[row.record_line - 1]
        field = row.field.rsplit(".")[-1]
        assert f"{field}: {row.value}" in line, f"{row.record_file}:{row.record_line}"


def test_ledger_row_leads_to_record_and_source(folder: Folder):
    text = folder.write(more=[ESTIMATE, FINDING])
    ledger = extracted(folder).ledger.set_index("field")
    events = ledger.loc["effects[0].evidence[0].arms[1].events"]
    assert (events.value, events.record_line) == ("11", line_of(text, "events: 11"))
    assert (events.source_locator, events.source_kind) == ("table 1", "full text")
    size = ledger.loc["effects[0].evidence[2].sizes[0].treated"]
    assert (size.value, size.source_locator) == ("130", "abstract, methods")
    bound = ledger.loc["effects[0].evidence[1].interval[1]"]
    assert (bound.value, bound.record_line) == ("1.26", line_of(text, "1.26"))


def test_ledger_has_what_the_record_says_of_each_value(real: RecordTables):
    of_elder = real.ledger[real.ledger["effect_id"] == "davis_medina_2001/police_recorded"]
    notes = of_elder.set_index("field")["note"]
    gone = "The difference was found at 6 months and had gone by 12 months."
    assert notes["effects[0].evidence[0].direction"] == gone
    # A value with a note of its own has that one.
    own = "Conflicts with ICPSR 25925, which gives 406."
    assert notes["effects[0].evidence[0].sizes[0].total"] == own
    noted = set(real.ledger["note"].dropna())
    assert len(noted) > 20


def test_ledger_holds_each_reported_value_once(folder: Folder):
    folder.write(more=[ESTIMATE])
    values = extracted(folder).ledger["value"].tolist()
    assert values == ["4", "123", "11", "139", "0.39", "0.12", "1.26", "0.12"]


CHANGES = """\
      - kind: changes
        correlation:
          r: 0.5
          note: As in similar trials.
        arms:
          - {arm: visit, mean_before: 4, sd_before: 2, mean_after: 3, sd_after: 2.5, total: 50}
          - {arm: usual, mean_before: 4, sd_before: 2, mean_after: 5, sd_after: 2.5, total: 51}
        source:
          url: https://example.org/alpha
          locator: table 3
          kind: full text
"""


def test_a_correlation_is_in_the_ledger_where_a_source_gives_it(folder: Folder):
    folder.write(more=[CHANGES])
    ledger = extracted(folder).ledger
    assert ledger["value"].tolist()[4:] == ["4", "2", "3", "2.5", "50", "4", "2", "5", "2.5", "51"]
    of_source = CHANGES.replace(
        "          note: As in similar trials.\n",
        "          source: {url: 'doi:1', locator: page 2, kind: full text}\n",
    )
    folder.write(more=[of_source])
    row = extracted(folder).ledger.set_index("field").loc["effects[0].evidence[1].correlation.r"]
    assert (row.value, row.source_url, row.source_locator) == ("0.5", "doi:1", "page 2")


def test_effect_row_names_the_route_taken_and_the_others(folder: Folder):
    folder.write(more=[ESTIMATE, FINDING])
    [row] = extracted(folder).effects.to_dict("records")
    assert (row["kind"], row["piece"], row["alternative"]) == ("counts", 0, "as_reported")
    assert (row["direction"], row["significance"]) == ("decrease", "not_significant")
    assert row["kinds_reported"] == "counts estimate finding"
    assert row["alternatives"] == "as_reported interval p_value observed"


def conflicts(folder: Folder) -> list[tuple[str, str, str]]:
    table = extracted(folder).conflicts
    return list(table[["what", "first_says", "second_says"]].itertuples(index=False, name=None))


def test_conflicts_of_the_real_records(real: RecordTables):
    found = real.conflicts.groupby("effect_id").apply(
        lambda rows: list(zip(rows["what"], rows["first_says"], rows["second_says"], strict=True))
    )
    assert found["davis_medina_2001/police_recorded"] == [
        ("group_sizes", "406 in all", "403 in all")
    ]
    assert found["hovell_2006/police_recorded"] == [
        ("group_sizes", "327 treated and 798 control", "327 treated and 498 control")
    ]


def test_counts_and_the_estimate_rounded_from_them_agree(folder: Folder):
    # 4/123 against 11/139: odds ratio 0.3911 (0.1212 to 1.2618), p 0.116.
    folder.write(more=[ESTIMATE, FINDING])
    assert conflicts(folder) == []


def test_counts_that_contradict_an_estimate_and_a_statement(folder: Folder):
    change = ("events: 4\n            total: 123", "events: 40\n            total: 123")
    folder.write(change, more=[ESTIMATE, FINDING])
    # 40/123 against 11/139: log(40 * 128 / (83 * 11)) = 1.724, standard error 0.368; z is 4.46 for
    # the risk ratio, 4.68 for the odds ratio, 5.02 and 4.86 (Yates) for the root of chi-squared.
    told = conflicts(folder)
    assert ("effect", "1.72", "-0.955 to -0.929") in told
    assert ("standard_error", "0.368", "0.588 to 0.612") in told
    assert ("statement", "z 4.46 to 5.02", "z -1.96 to 0") in told


ROUNDED = """\
      - kind: estimate
        measure: odds_ratio
        value: 1.1
        standard_error: {error}
        p_value: 0.05
        source:
          url: https://example.org/alpha
          locator: page 2
          kind: abstract
"""
NO_COUNTS = (COUNTS, "")


@pytest.mark.parametrize(
    ("error", "count"),
    [
        (0.07, 0),  # 1.148 with p 0.05 prints as 1.1 and has the standard error 0.070
        (0.2, 1),  # no value that prints as 1.1 has p 0.05 with this standard error
    ],
)
def test_rounding_of_the_estimate_makes_no_conflict(folder: Folder, error: float, count: int):
    folder.write(NO_COUNTS, more=[ROUNDED.format(error=error)])
    assert [what for what, _, _ in conflicts(folder)] == ["standard_error"] * count


@pytest.mark.parametrize(
    ("error", "count"),
    [
        # 1.4 and 0.2: z may be up to log(1.45) / 0.15 = 2.48, so it may be significant.
        ("0.2", 0),
        # 1.4 and 0.35: at most log(1.45) / 0.345 = 1.08, which is not.
        ("0.35", 1),
    ],
)
def test_rounding_of_the_standard_error_makes_no_conflict(folder: Folder, error: str, count: int):
    number = ROUNDED.format(error=error).replace("        p_value: 0.05\n", "")
    number = number.replace("value: 1.1", "value: 1.4")
    statement = FINDING.replace("decrease", "increase").replace("not_significant", "significant")
    folder.write(NO_COUNTS, more=[number, statement])
    assert [what for what, _, _ in conflicts(folder)] == ["statement"] * count


OTHER_SIZES = """\
          - name: elsewhere
            basis: {basis}
            {sizes}
            source:
              url: https://example.org/other
              locator: abstract
              kind: abstract
"""


@pytest.mark.parametrize(
    ("basis", "sizes", "told"),
    [
        ("reported", "total: 272", []),
        ("reported", "{treated: 130, control: 142, total: 272}", []),
        ("derived", "total: 300", []),
        ("reported", "total: 300", [("300 in all", "130 treated and 142 control")]),
        (
            "reported",
            "{treated: 132, control: 140}",
            [("132 treated and 140 control", "130 treated and 142 control")],
        ),
    ],
)
def test_sizes_conflict_only_when_two_sources_report_different_people(
    folder: Folder, basis: str, sizes: str, told: list[tuple[str, str]]
):
    lines = sizes.strip("{}").replace(", ", "\n            ")
    other = OTHER_SIZES.format(basis=basis, sizes=lines)
    statement = FINDING.replace(
        "        source:\n          url", other + "        source:\n          url"
    )
    folder.write(NO_COUNTS, more=[statement])
    assert conflicts(folder) == [("group_sizes", *pair) for pair in told]
