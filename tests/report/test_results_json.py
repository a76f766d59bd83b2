"""Rows of result tables in the results for programs, as their schema has them."""

import json
import math
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT
from jsonschema import Draft202012Validator

from livingreview.protocol.review import read_protocol
from livingreview.report.results_json import FILES, ROWS, results_of, results_text
from livingreview.tables.readers import ReadersTable
from livingreview.tables.registry import table_of
from livingreview.tables.sensitivity import FlippingBias
from livingreview.tables.synthesis import SizesLearnt
from livingreview.tables.table import Table

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
SCHEMA = json.loads((ROOT / "workflow/schemas/results.schema.json").read_text())
RUN = {"config": {"seed": 1, "sampler": {"draws": 500}}, "python": "3.13.1", "packages": {}}
INTEGRATED = {"q2_5": -0.1, "q5": 0.0, "q50": 0.3, "q95": 0.6, "q97_5": 0.7, "tau": 0.2}
INTEGRATED |= {"p_above_zero": 0.95, "p_below_zero": 0.05, "p_practically_none": 0.1}
RELIABLE = {"outcome": "services", "studies": 3, "movement": 1e-6, "stands_still": True}
TELLS_SIZE = {"size_learnt": True}
PARTS: dict[str, list[dict[str, Any]]] = {
    "sizes_learnt": [
        {"fit": "services/overall", "setting": "all_studies", "people": 900.0}
        | {"people_with_numbers": 90.0, "all_numbers": False, "median_first": math.nan}
        | {"median_second": math.nan, "share_with_numbers": 0.1, "between_priors": math.nan}
        | {"learnt": False, "reason": "few people are in effects with a number"}
    ],
    "left_two_out": [
        RELIABLE
        | TELLS_SIZE
        | INTEGRATED
        | {"first": "a_1990", "second": "b_2000", "verdict": "few_studies"}
        | {"verdict_words": "too few studies", "extreme": extreme}
        for extreme in ("most", None)
    ],
    "unreported": [
        RELIABLE
        | {"standard_error": 0.2, "tau": 0.2, "direction": "more", "p_now": 0.95}
        | {"probability": 0.9, "unreported": unreported, "p_then": p_then, "most": 100}
        | {"p_at_most": 0.6, "reason": "found"}
        for unreported, p_then in ((4, 0.89), (None, math.nan))
    ],
    "flipping_bias": [
        RELIABLE
        | {"reports_are": "too_high", "high_risk": 1, "verdict_now": "cannot tell", "shift": shift}
        | {"verdict_then": then, "p_above_then": p_above, "largest": 2.0, "reason": "found"}
        for shift, then, p_above in ((0.1, "leans to less", 0.2), (math.nan, None, math.nan))
    ],
}

# Result tables that readers' tables are made of.
READERS = {
    source for table in ReadersTable.__subclasses__() for source in table._sources if source.file
}
# A bias that is assumed; and what the rule looked at, beside what it decided.
NO_POOLED_EFFECTS = {FlippingBias: {"shift", "largest"}, SizesLearnt: {"between_priors"}}


def told(tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    content = json.loads(results_text(results_of(PROTOCOL, tables, RUN, "0" * 64)))
    Draft202012Validator(SCHEMA).validate(content)
    return content


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_every_row_and_column_of_its_table(part: str):
    kind = table_of(FILES[part])
    content = told({FILES[part]: kind.validate(kind.frame(PARTS[part]))})
    assert content[part] == [
        {name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in PARTS[part]
    ]


def test_a_size_that_the_studies_do_not_tell_is_null():
    kind = table_of(FILES["left_two_out"])
    rows = [row | {"size_learnt": False} for row in PARTS["left_two_out"]]
    for row in told({kind.file: kind.validate(kind.frame(rows))})["left_two_out"]:
        assert row["p_above_zero"] == 0.95 and row["verdict"] == "few_studies"
        assert {row[name] for name in ("q2_5", "q50", "q97_5", "p_practically_none")} == {None}


TABLES = sorted({row.table for row in ROWS.values()} | READERS, key=lambda table: table.__name__)


@pytest.mark.parametrize("table", TABLES)
def test_every_size_of_a_pooled_effect_is_known_as_one(table: type[Table]):
    """A column printed as an effect is empty where none is learnt, or no pooled effect of ours."""
    sizes = {
        name
        for name, column in table.to_schema().columns.items()
        if (column.metadata or {}).get("style") in ("effect", "theta", "change")
        or name == "p_practically_none"
    }
    assert sizes - set(table.sizes()) == NO_POOLED_EFFECTS.get(table, set())


def test_a_part_whose_table_is_empty_is_there():
    content = told({})
    assert all(content[part] == [] for part in FILES)
