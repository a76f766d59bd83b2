"""Every column of every table between rules says what it means and what it may be."""

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import livingreview.tables
from livingreview.base.measures import MEASURES, Measure
from livingreview.base.rounding import STYLES
from livingreview.tables.checks import Predictive
from livingreview.tables.effects import AlternativeTerms, Terms
from livingreview.tables.glossary import COMMON
from livingreview.tables.records import Studies
from livingreview.tables.registry import TABLES as REGISTERED
from livingreview.tables.registry import table_of
from livingreview.tables.schema_summary import column_summaries, rows_of
from livingreview.tables.table import Table


def every_table() -> list[type[Table]]:
    modules = pkgutil.iter_modules(livingreview.tables.__path__, "livingreview.tables.")
    found = {
        table
        for module in modules
        for _, table in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if issubclass(table, Table) and table is not Table and not table.__name__.startswith("_")
    }
    return sorted(found, key=lambda table: table.__name__)


TABLES = every_table()


@pytest.mark.parametrize("table", TABLES, ids=[table.__name__ for table in TABLES])
def test_every_column_is_described(table: type[Table]):
    found = column_summaries(table)
    assert [column.name for column in found if not column.words.endswith(".")] == []
    assert rows_of(table).endswith(".")


@pytest.mark.parametrize("table", TABLES, ids=[table.__name__ for table in TABLES])
def test_every_rounding_is_known(table: type[Table]):
    for column in table.to_schema().columns.values():
        style = (column.metadata or {}).get("style")
        for measure in MEASURES:
            assert Measure(measure).rounding(style) in {None, *STYLES}


def test_glossary_holds_nothing_that_no_table_needs():
    bare = {
        name
        for table in TABLES
        for name, column in table.to_schema().columns.items()
        if not column.description
    }
    assert set(COMMON) == bare


def test_every_table_with_a_file_is_registered():
    assert {table.file: table for table in TABLES if table.file} == REGISTERED
    assert table_of("2_effects/alternatives.csv") is AlternativeTerms
    assert table_of("2_effects/violent_reoffending.csv") is Terms
    with pytest.raises(KeyError):
        table_of("2_effects/violent.nothing.csv")


def test_limits_are_told_in_words():
    allowed = {column.name: column.allowed for column in column_summaries(Terms)}
    assert allowed["term_id"] == "unique"
    assert allowed["likelihood"] == "one of binomial, poisson, normal, ratio, interval, rounded"
    assert allowed["standard_error"] == "above 0"
    assert allowed["formula"] == "any"
    assert {c.name: c.allowed for c in column_summaries(Predictive)}["p_at_least"] == "0 to 1"


def test_whole_numbers_stay_whole_where_some_are_missing(tmp_path: Path):
    path = tmp_path / "studies.csv"
    path.write_text("study_id,year\na,1990\nb,\n")
    assert [str(year) for year in Studies.unchecked(path)["year"]] == ["1990", "<NA>"]
    path.write_text("study_id,year\na,1990.5\nb,\n")
    assert Studies.unchecked(path)["year"].iloc[0] == 1990.5


def test_a_column_that_nobody_described_is_refused():
    class Bare(Table):
        """One row."""

        nobody_knows: int

    with pytest.raises(LookupError, match="nobody_knows"):
        column_summaries(Bare)
