"""A tiny review from records to page: built, left alone, broken, and mended."""

import hashlib
import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from jsonschema import Draft202012Validator
from readability import HARDEST, grade
from rocrate.rocrate import ROCrate
from tiny_trees import checksums, edited, snakemake, tiny_tree

from livingreview.__main__ import app
from livingreview.audit.archive import write_archive
from livingreview.audit.manifest import read_manifest
from livingreview.audit.printed_page import passages
from livingreview.audit.tracing import Tracer
from livingreview.audit.verification import audit, read_result, recorded_claims
from livingreview.base.errors import Stop
from livingreview.report.pages import PAGES
from livingreview.report.results_json import FILES
from livingreview.tables.registry import table_of


def test_pooled_effect_lies_where_the_studies_are(built):
    summary = pd.read_csv(built / "results/tiny/5_synthesis/summary.csv").set_index("fit")
    overall = summary.loc["relapse/overall"]
    # Odds ratios of the studies: 0.46, 0.62, 0.80, and one below 1.
    assert 0.5 < overall["effect"] < 0.85
    assert overall["studies"] == 4
    assert overall["p_less"] > 0.9
    assert overall["difference_per_1000"] < 0
    assert list(summary.loc["relapse/design", "studies"]) == [2, 2]


def test_an_outcome_without_usable_evidence_is_refused_and_said(built):
    models = pd.read_csv(built / "results/tiny/3_models/recovery.models.csv")
    assert set(models["status"]) == {"refused"}
    assert "nothing can be said" in (built / "results/tiny/8_report/page.html").read_text()


def test_joined_tables_are_the_rows_of_every_outcome_under_one_header(built):
    for name in ("3_models/quadrature.models", "6_sensitivity/told", "6_sensitivity/next_trial"):
        folder, _, table = name.partition("/")
        joined = built / f"results/tiny/{folder}/{table}.csv"
        parts = [joined.with_name(f"{o}.{table}.csv") for o in ("relapse", "recovery")]
        header, *rows = joined.read_text().splitlines()
        texts = [part.read_text().splitlines() for part in parts]
        assert all(text[0] == header for text in texts)
        assert rows == [row for text in texts for row in text[1:]]


def pages_in(built: Path) -> dict[str, str]:
    """Pages of the tiny review by file."""
    folder = built / "results/tiny/8_report"
    return {file: (folder / file).read_text() for file in PAGES}


def test_results_pass_the_audit_and_every_claim_stands_on_a_page(built):
    results = built / "results/tiny"
    verdict = audit(results, built)
    claims = pd.read_csv(results / "8_report/claims.csv", dtype=str, keep_default_na=False)
    pages = pages_in(built)
    anchors = {file: re.findall(r'class="claim" id="([^"]+)"', pages[file]) for file in pages}
    assert set().union(*anchors.values()) == set(claims["id"])
    assert all(len(ids) == len(set(ids)) for ids in anchors.values())
    assert verdict.claims == len(claims) > 40
    printed = sum(len(re.findall('<data class="claim"', page)) for page in pages.values())
    assert verdict.printed == printed


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        (
            "results/tiny/5_synthesis/summary.csv",
            "relapse/overall,relapse,overall,all_studies,quadrature,4,",
            "relapse/overall,relapse,overall,all_studies,quadrature,5,",
            [
                r"5_synthesis/summary\.csv: changed since pool_effects made it",
                r"the page says '4' \(4\), the file gives '5' \(5\); claim summary-fit_relapse",
            ],
        ),
        (
            "results/tiny/8_report/page.html",
            "It rests on ",
            "It rests on more than 77, namely ",
            [r"page\.html: 77 is no claim, in: .The pooled odds ratio is"],
        ),
        (
            "results/tiny/8_report/page.html",
            "It rests on ",
            "It rests on \x02summary-studies\x03, ",
            [r"page\.html: a claim stands outside of a sentence"],
        ),
        (
            "results/tiny/8_report/page.html",
            ', effect">0.',
            ', effect">1.',
            [r"page\.html: prints '1\.\d+' for 5_synthesis/summary\.csv, fit=relapse/overall; "],
        ),
        (
            "data/raw/tiny/studies/alpha.yaml",
            "events: 20",
            "events: 21",
            [r"alpha\.yaml: changed since the results were built"],
        ),
    ],
)
def test_what_was_edited_by_hand_fails_the_audit(built, file, old, new, told):
    path = built / file
    good = path.read_text()
    assert old in good
    with edited(path, good.replace(old, new, 1)), pytest.raises(Stop) as failed:
        audit(built / "results/tiny", built)
    for words in told:
        assert re.search(words, str(failed.value)), failed.value


def test_the_audit_as_a_user_types_it_builds_nothing_and_exits_1_on_a_fault(built):
    before = checksums(built / "results")
    assert "Audit passed" in snakemake(built, "audit").stdout
    stranger = built / "results/tiny/5_synthesis/by_hand.csv"
    stranger.write_text("a\n1\n")
    try:
        run = snakemake(built, "audit")
    finally:
        stranger.unlink()
    assert run.returncode != 0
    assert "5_synthesis/by_hand.csv: no rule made this file" in run.stderr
    assert checksums(built / "results") == before


def test_manifest_lists_every_result_with_the_rule_that_made_it(built):
    results = built / "results/tiny"
    text = (results / "9_audit/manifest.json").read_text()
    manifest = read_manifest(results / "9_audit/manifest.json")
    listed = {entry.file: entry for entry in manifest.results}
    found = {str(path) for path in checksums(results) if not path.name.startswith(".")}
    copies = {file for file in found if file.startswith("9_audit/sources/")}
    of_the_whole = {f"9_audit/steps/{rule}.json" for rule in ("write_manifest", "write_crate")}
    of_the_whole |= {"9_audit/manifest.json", "ro-crate-metadata.json"}
    assert set(listed) == found - copies - of_the_whole
    assert listed["3_models/relapse.nc"].rule == "fit_models"
    assert "results/tiny/2_effects/relapse.csv" in listed["3_models/relapse.nc"].inputs
    assert "results/tiny/2_effects/recovery.csv" not in listed["3_models/relapse.nc"].inputs
    sources = {source.file for source in manifest.sources}
    for source in (
        "data/raw/tiny/studies/alpha.yaml",
        "Snakefile",
        "src/livingreview/models/nuts/graph.py",
    ):
        assert source in sources
    assert manifest.commit is None
    assert str(built) not in text


def test_crate_is_read_by_the_reader_of_crates(built):
    results = built / "results/tiny"
    crate = ROCrate(str(results))
    assert all((results / entity.id).exists() for entity in crate.data_entities)
    assert crate.mainEntity.id == "9_audit/sources/Snakefile"
    [action] = crate.root_dataset["mentions"]
    assert action.type == "CreateAction"
    assert action["instrument"] is crate.mainEntity
    made = {entity.id for entity in action["result"]}
    assert {"8_report/page.html", "9_audit/manifest.json", "5_synthesis/pooled.csv"} <= made
    assert "9_audit/sources/data/raw/tiny/studies/alpha.yaml" in {
        e.id for e in action["object"][:-1]
    }
    profiles = {entity.id for entity in crate.root_dataset["conformsTo"]}
    assert "https://w3id.org/ro/wfrun/workflow/0.6" in profiles
    page = crate.dereference("8_report/page.html")
    digest = hashlib.sha256((results / "8_report/page.html").read_bytes()).hexdigest()
    assert page["sha256"] == digest
    text = (results / "ro-crate-metadata.json").read_text()
    assert str(built) not in text


def test_archive_is_the_same_each_time_and_holds_the_crate(built, tmp_path):
    for name in ("one.zip", "two.zip"):
        write_archive(tmp_path / name, built / "results/tiny")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        assert archive.read("tiny/8_report/page.html")
    assert names == sorted(names)
    assert "tiny/ro-crate-metadata.json" in names


def test_a_number_is_traced_to_the_line_of_its_record(built):
    lines = (
        Tracer(built / "results/tiny").trace("relapse_overall__setting_all_studies-effect-").lines()
    )
    record = (built / "data/raw/tiny/studies/alpha.yaml").read_text().splitlines()
    line = 1 + next(i for i, text in enumerate(record) if "events: 20" in text)
    text = "\n".join(lines)
    for words in (
        "Odds ratio of relapse: 0.",
        "5_synthesis/summary.csv, fit=relapse/overall; setting=all_studies, effect = 0.",
        "made by the rule pool_effects",
        "μ ~ normal(0, 1), τ ~ half_normal(0.5)",
        "20 of 100 in arm pill ~ Binomial",
        f"effects[0].evidence[0].arms[0].events = 20   data/raw/tiny/studies/alpha.yaml:{line}",
        "https://example.org/alpha; table 2 (full text)",
    ):
        assert words in text, words
    assert lines[0].endswith(": " + re.search(r"of relapse: ([\d.]*\d)", text)[1])


@pytest.mark.parametrize("file", PAGES)
def test_every_link_to_a_page_leads_somewhere_and_no_script_runs(built, file):
    pages = pages_in(built)
    page = pages[file]
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)\)", page))
    assert targets <= set(ids)
    for other, anchor in re.findall(r'href="([a-z]+\.html)(?:#([^"]+))?"', page):
        assert not anchor or f'id="{anchor}"' in pages[other], (other, anchor)
    assert "<script" not in page and "javascript:" not in page
    # What a choice hides, and the choice itself, are on the page.
    for control, shown in re.findall(r":has\(#([\w-]+):checked\) \.\w+:not\([.#]([\w-]+)\)", page):
        assert control in ids
        assert shown in ids or re.search(rf'class="record[^"]*\b{shown}\b', page)


def test_a_page_opens_every_record_at_its_lines(built):
    page = pages_in(built)["records.html"]
    ledger = pd.read_csv(built / "results/tiny/1_records/ledger.csv")
    listed = re.findall(r'<details class="record.*?</details>', page, flags=re.DOTALL)
    assert len(listed) == pd.read_csv(built / "results/tiny/1_records/studies.csv").shape[0]
    assert sum(record.count("<li>") for record in listed) == len(ledger)
    events = ledger[ledger["value"].astype(str) == "20"].iloc[0]
    [alpha] = [record for record in listed if 'id="record-alpha"' in record]
    assert re.search(rf"arms, first: events.*?>20<.*?line.*?>{events.record_line}<", alpha)
    assert alpha.count("alpha.yaml") == 1
    # Each source is named once, whatever number of values was read there.
    of_alpha = ledger[ledger["record_file"].str.endswith("/alpha.yaml")]
    sources = of_alpha[["source_url", "source_locator", "source_kind"]].drop_duplicates()
    assert len(of_alpha) > len(sources)
    assert alpha.count('href="http') == len(sources)


def test_the_command_prints_the_whole_tree_also_into_a_file(built, monkeypatch, capsys):
    monkeypatch.chdir(built)
    claim = "relapse_overall__setting_all_studies-effect-"
    app(["trace", claim, "--review", "tiny"], standalone_mode=False)
    printed = [line.lstrip("│├└─ ") for line in capsys.readouterr().out.splitlines()]
    lines = Tracer(Path("results/tiny")).trace(claim).lines()
    assert [line.rstrip() for line in printed] == [line.strip() for line in lines]


def test_a_verdict_is_traced_to_its_rule_and_a_count_to_its_rows(built):
    tracer = Tracer(built / "results/tiny")
    verdict = "\n".join(tracer.trace("relapse_overall__setting_all_studies-verdict").lines())
    assert re.search(r"decision rule “\w+” needs a probability of 0\.\d+; here more 0\.\d", verdict)
    count = tracer.trace("effects-number_of_rows_with_status_not_usable--").lines()
    assert len(count) == 6
    assert "recovery" in count[-1]
    assert "data/raw/tiny/studies/" in count[-1]


def test_every_claim_can_be_traced(built):
    tracer = Tracer(built / "results/tiny")
    for claim in recorded_claims(built / "results/tiny").itertuples():
        lines = tracer.trace(claim.id).lines()
        assert lines[0] == f"{claim.id}: {claim.text}"
        assert claim.text in lines[1]


def test_a_claim_that_is_not_named_clearly_is_told(built):
    tracer = Tracer(built / "results/tiny")
    with pytest.raises(Stop, match="No claim has 'nothing'"):
        tracer.trace("nothing")
    with pytest.raises(
        Stop, match=r"\d+ claims have 'relapse' in their names; take one:\n  summary"
    ):
        tracer.trace("relapse")


@pytest.mark.parametrize("file", PAGES)
def test_pages_need_no_network(built, file):
    page = pages_in(built)[file]
    loaded = re.findall(r'(?:src|xlink:href|href)="(https?:[^"]+)"', re.sub(r"<a [^>]*>", "", page))
    assert loaded == []
    assert "<script" not in page


def test_results_for_programs_fit_their_schema_and_equal_the_tables(built):
    results = built / "results/tiny"
    found = json.loads((results / "8_report/results.json").read_text())
    schema = json.loads((built / "workflow/schemas/results.schema.json").read_text())
    Draft202012Validator(schema).validate(found)
    assert found["files"] == FILES
    for part, file in FILES.items():
        paths = sorted(results.glob(file.replace("<outcome>", "*")))
        tables = [read_result(path) for path in paths if "quadrature" not in path.name]
        table = pd.concat(tables).sort_values("outcome") if len(tables) > 1 else tables[0]
        if part == "warnings":
            table = table[table["verdict"] == "warn"]
        rows = found[part]
        rows = sorted(rows, key=lambda row: row["outcome"]) if len(tables) > 1 else rows
        expected = table.astype(object).where(table.notna(), None).to_dict("records")
        kept = [{name: row[name] for name in rows[0]} for row in expected] if rows else expected
        assert rows == kept, part
    relapse, recovery = found["outcomes"]
    assert relapse["overall"] == found["settings"][0]
    assert relapse["overall"]["fit"] == "relapse/overall"
    assert recovery["overall"] is None
    assert sum(found["checks"].values()) == len(read_result(results / FILES["warnings"]))


def test_tables_for_readers_give_the_numbers_of_the_result_tables(built):
    results = built / "results/tiny"
    tables = {path.stem: read_result(path) for path in results.glob("8_report/tables/*.csv")}
    summary = read_result(results / "5_synthesis/summary.csv")
    assert list(tables["pooled_results"]["Effect"]) == list(summary["effect"])
    assert set(tables["pooled_results"]["Outcome"]) == {"Relapse"}
    studies = read_result(results / "1_records/studies.csv")
    effects = read_result(results / "5_synthesis/study_effects.csv")
    overall = effects[effects["fit"] == "relapse/overall"].set_index("study_id")["q50"]
    labels = studies.set_index("study_id")["label"]
    shown = tables["study_effects"].dropna(subset="Effect").set_index("Study")["Effect"]
    assert len(shown) == len(overall) == 4
    for study, median in overall.items():
        assert shown[labels[study]] == pytest.approx(np.exp(median))
    assert list(tables["study_characteristics"]["Study"]) == list(studies["label"])
    assert "Moderator: Study design" in tables["study_characteristics"]
    ledger = read_result(results / "1_records/ledger.csv")
    assert list(map(str, tables["evidence_ledger"]["Value"])) == list(map(str, ledger["value"]))
    variations = read_result(results / "6_sensitivity/variations.csv")
    assert list(tables["sensitivity"]["Studies"]) == list(variations["studies"])
    checks = read_result(results / "4_checks/checks.csv")
    assert sorted(tables["checks"]["Limit"]) == sorted(checks["threshold"])
    assert len(tables["moderators"]) == len(read_result(results / "5_synthesis/moderators.csv"))


def test_dictionary_has_every_column_of_every_table(built):
    results = built / "results/tiny"
    dictionary = read_result(results / "8_report/data_dictionary.csv")
    described = {file: list(rows["column"]) for file, rows in dictionary.groupby("file")}
    paths = [path for path in results.rglob("*.csv") if "sources" not in path.parts]
    found = {
        path.relative_to(results).as_posix(): sorted(read_result(path).columns) for path in paths
    }
    # Rows of one outcome have the columns of those of all.
    for file in [file for file in found if file not in described]:
        folder, _, name = file.partition("/")
        assert found.pop(file) == found[f"{folder}/{name.partition('.')[2]}"], file
    for file, columns in described.items():
        schema = table_of(file).to_schema().columns
        # A column that no row of this review needs is described, and not there.
        needed = [c for c in columns if c in found[file] or c not in schema or schema[c].required]
        assert sorted(needed) == found.pop(file), file
    assert not found


@pytest.mark.parametrize(("name", "fewest"), [("prisma_2020", 60), ("barg", 30), ("swim", 20)])
def test_every_link_of_a_checklist_leads_somewhere(built, name, fewest):
    folder = built / "results/tiny/8_report"
    text = (folder / f"checklist_{name}.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert len(links) > fewest
    pages = pages_in(built)
    for link in links:
        file, _, anchor = link.partition("#")
        assert (folder / file).is_file(), link
        assert not anchor or f'id="{anchor}"' in pages[file], link


def test_the_first_screen_can_be_read_by_those_who_are_fourteen(built):
    page = pages_in(built)["page.html"]
    section = re.search(r'<h2 id="glance".*?</section>', page, flags=re.DOTALL)
    words = " ".join(passage.words for passage in passages(section[0])[1:])
    outcomes = (built / "results/tiny/8_report/summary.md").read_text()
    prose = [line.strip("> *-") for line in outcomes.splitlines() if not line.startswith("#")]
    assert 2 < grade(words) <= HARDEST
    assert 2 < grade(" ".join(prose)) <= HARDEST


@pytest.mark.long
def test_the_package_of_this_very_tree_is_used(tmp_path):
    tree = tiny_tree(tmp_path)
    module = tree / "src/livingreview/report/citation.py"
    module.write_text(module.read_text() + '\nraise SystemExit("This tree is used.")\n')
    done = snakemake(tree, "results/tiny/8_report/citation.txt")
    assert done.returncode == 1
    assert "This tree is used." in done.stderr


def test_a_second_run_does_nothing(built):
    assert snakemake(built).returncode == 0  # other tests may have touched a file before
    run = snakemake(built)
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout + run.stderr


def test_three_mistakes_are_told_at_once_and_cost_no_result(built):
    before = checksums(built / "results/tiny")
    record = built / "data/raw/tiny/studies/alpha.yaml"
    good = record.read_text()
    bad = good.replace("events: 20", "events: 120").replace("year: 2020", "yaer: 2020")
    with edited(record, bad.replace("outcome: relapse", "outcome: relaps")):
        run = snakemake(built)
    assert run.returncode != 0
    assert "Traceback" not in run.stdout + run.stderr
    lines = bad.splitlines()
    for found, words in (
        ("events: 120", "found 120; allowed: at most the total, 100"),
        ("yaer", "found unknown field 'yaer'; allowed: did you mean `year`?"),
        (
            "outcome: relapse",
            "found 'relaps'; allowed: did you mean `relapse`? one of relapse, recovery",
        ),
    ):
        line = next(i for i, text in enumerate(lines, 1) if found in text)
        assert re.search(rf"alpha\.yaml:{line}: .*{re.escape(words)}", run.stderr), run.stderr
    after = checksums(built / "results/tiny")
    lost = set(before) - set(after)
    # A failed step loses what it made before, and its record with it.
    made_before = ("1_records/checked.txt", "1_records/questions.csv")
    assert lost <= set(map(Path, (*made_before, "9_audit/steps/check_records.json")))
    assert all(after[path] == before[path] for path in after)
