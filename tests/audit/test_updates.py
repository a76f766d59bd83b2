"""An update of an invented review: what changed, how results moved, and what explains it."""

import copy
import json
import re
from decimal import Decimal

import pandas as pd
import pytest
from conftest import ROOT
from tiny_updates import (
    RUN,
    invented_trial,
    protocol_data,
    records_data,
    refitted,
    state,
)

from livingreview.audit.updates.differences import Difference, differences, only_words
from livingreview.audit.updates.releases import read_release, release_text, released
from livingreview.audit.updates.states import State
from livingreview.audit.updates.tables import TABLES, update_tables
from livingreview.base.errors import ReviewError
from livingreview.base.markdown import markdown
from livingreview.protocol.review import Protocol
from livingreview.records.study import Study
from livingreview.report.claims import Claims
from livingreview.report.page import page_environment
from livingreview.report.sentences.changes import what_changed
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow

DATE = "2026-01-15"
FILES = {
    "changes": Changes.file,
    "moves": Moves.file,
    "attribution": Attribution.file,
    "flow": PrismaFlow.file,
}
EXACT = 2e-4  # two answers of the engine, each still to 1e-4
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> State:
    return state(tmp_path_factory.mktemp("before"), protocol_data(), records_data())


@pytest.fixture(scope="module")
def update(before, tmp_path_factory):
    """Tables of an update, as they stand in their files, and the state after it."""

    def updated(protocol=None, records=None, run=RUN):
        folder = tmp_path_factory.mktemp("after")
        after = state(folder, protocol or protocol_data(), records or records_data(), run)
        tables = update_tables(released(before, DATE), after)
        found = {}
        for name, model in TABLES.items():
            model.write(folder / f"{name}.csv", tables[name])
            found[name] = model.read(folder / f"{name}.csv")
        return found, after

    return updated


@pytest.fixture(scope="module")
def added(update):
    return update(records=records_data() | {"invented": invented_trial()})


def explained(tables, outcome="relapse"):
    rows = tables["attribution"]
    return rows[rows["outcome"] == outcome].set_index(["kind", "subject"])


def said(tables, protocol=None) -> str:
    """All sentences of an update, one a line."""
    found = what_changed_in(tables, protocol)
    parts = [*found.version, *found.studies, *found.methods]
    parts += [s for label in found.results.values() for s in label]
    return "\n".join(map(str, [*parts, *found.other_verdicts]))


def what_changed_in(tables, protocol=None):
    of_files = {file: tables[name] for name, file in FILES.items()}
    chosen = Protocol.model_validate(protocol or protocol_data())
    return what_changed(Claims(of_files), chosen)


def assert_sums(tables):
    """Moves add up without a rest, in the decimals of the file."""
    for _, rows in tables["attribution"].groupby("outcome"):
        change, total = rows[rows["kind"] != "total"], rows[rows["kind"] == "total"]
        for column in ("mu_alone", "mu_in_order", "tau_alone", "tau_in_order"):
            parts = [Decimal(str(value)) for value in change[column]]
            assert sum(parts) == Decimal(str(total[column].iloc[0])), column


# A study added


def test_an_added_trial_is_listed_and_reaches_its_outcome_alone(added):
    changes = added[0]["changes"]
    assert changes[["kind", "subject", "path"]].values.tolist() == [
        ["study_added", "invented", "study"]
    ]
    row = changes.iloc[0]
    assert row["after"] == "Invented trial 2025"
    assert pd.isna(row["before"])
    assert row["reaches"] == "relapse"


def test_the_move_by_an_added_trial_is_that_of_two_fits_of_their_own(before, added):
    tables, after = added
    was, now = refitted(before, "relapse"), refitted(after, "relapse")
    row = explained(tables).loc[("study_added", "invented")]
    for quantity in ("mu", "tau"):
        move = now[quantity] - was[quantity]
        assert abs(move) > 0.02, "a trial that moves nothing tests nothing"
        assert row[f"{quantity}_in_order"] == pytest.approx(move, abs=EXACT)
        assert row[f"{quantity}_alone"] == row[f"{quantity}_in_order"]
    moved = tables["moves"].set_index("fit").loc["relapse/overall"]
    assert moved["mu_move"] == pytest.approx(now["mu"] - was["mu"], abs=EXACT)
    assert list(moved[["studies_before", "studies_after"]]) == [4, 5]
    assert_sums(tables)


def test_words_of_an_added_trial_give_its_figures(added):
    tables, _ = added
    text = said(tables)
    moved = tables["moves"].set_index("fit").loc["relapse/overall"]
    factor = 2.718281828459045 ** explained(tables).loc[("study_added", "invented"), "mu_in_order"]
    for part in (
        f"compared with the release of {DATE}",
        "Study added: Invented trial 2025. It enters the pooled effect on relapse.",
        f"odds ratio moved from {moved['effect_before']:.2f} (",
        f"to {moved['effect_after']:.2f} (",
        f"Adding Invented trial 2025 multiplied the pooled odds ratio by {factor:.2f} and",
        "Nothing could be said then, and nothing can now.",
    ):
        assert part in text, text


def test_flow_counts_the_added_trial(added):
    flow = added[0]["flow"].set_index(["section", "item", "outcome"])
    at = {key: flow.loc[(*key.split("/"), float("nan"))] for key in (
        "included/studies", "included/new_studies", "living/trigger", "living/compared_with"
    )}  # fmt: skip
    assert list(at["included/studies"][["before", "now"]]) == [4, 5]
    assert at["included/new_studies"]["names"] == "invented"
    assert at["living/trigger"]["words"] == "studies added: invented"
    assert at["living/compared_with"]["words"] == DATE
    effects = flow.loc[("included", "effects_analysed", "relapse")]
    assert list(effects[["before", "now"]]) == [4, 5]


# A study removed, excluded, changed


def test_a_removed_study_is_explained_by_the_fit_without_it(before, update):
    records = records_data()
    del records["alpha"]
    tables, after = update(records=records)
    row = tables["changes"].iloc[0]
    assert list(row[["kind", "subject", "before"]]) == ["study_removed", "alpha", "Alpha 2020"]
    terms = before.analyses["relapse"].frame()
    was = refitted(before, "relapse")
    now = refitted(before, "relapse", terms=terms[terms["study_id"] != "alpha"])
    explained_by = explained(tables).loc[("study_removed", "alpha")]
    assert explained_by["mu_in_order"] == pytest.approx(now["mu"] - was["mu"], abs=EXACT)
    assert now["mu"] == pytest.approx(refitted(after, "relapse")["mu"], abs=EXACT)
    assert "Study removed: Alpha 2020. It had entered" in said(tables)
    assert_sums(tables)


def test_an_excluded_study_is_a_changed_one(update):
    records = records_data()
    records["beta"] |= {"status": "excluded", "reason": "Not random after all.", "effects": []}
    tables, _ = update(records=records)
    status = tables["changes"].set_index("path").loc["status"]
    assert list(status[["before", "after"]]) == ["extracted", "excluded"]
    assert ("study_changed", "beta") in explained(tables).index
    route = tables["changes"].query("kind == 'route_changed'")
    assert list(route["path"]) == ["beta/relapse"]
    assert pd.isna(route["after"]).all()


def test_a_changed_field_is_named_and_explained(before, update):
    records = records_data()
    arms = records["alpha"]["effects"][0]["evidence"][0]["arms"]
    arms[0]["events"] = 44
    tables, after = update(records=records)
    [row] = tables["changes"].to_dict("records")
    assert row["path"] == "effects[relapse].evidence[counts].arms[pill].events"
    assert (row["before"], row["after"], row["only_words"]) == ("20", "44", False)
    move = refitted(after, "relapse")["mu"] - refitted(before, "relapse")["mu"]
    assert move > 0.05
    found = explained(tables).loc[("study_changed", "alpha"), "mu_in_order"]
    assert found == pytest.approx(move, abs=EXACT)
    assert (
        "Study changed: Alpha 2020, effects[relapse].evidence[counts].arms[pill].events"
        " from 20 to 44."
    ) in said(tables)


def test_words_alone_are_marked_and_move_nothing(update):
    records, protocol = records_data(), protocol_data()
    records["alpha"]["citation"]["label"] = "Alpha and others 2020"
    records["alpha"]["effects"][0]["evidence"][0]["source"]["locator"] = "table 3"
    protocol["outcomes"]["relapse"]["caution"] = "Still invented."
    tables, _ = update(protocol, records)
    assert len(tables["changes"]) == 3
    assert tables["changes"]["only_words"].all()
    assert tables["changes"]["reaches"].isna().all()
    assert (tables["moves"]["mu_move"] == 0).all()
    assert "No listed change reaches this estimate." in said(tables)
    assert "Study changed in words or sources alone" in said(tables)


def test_numbers_that_take_the_place_of_a_finding_are_another_route(update):
    records = records_data()
    counts = copy.deepcopy(records["alpha"]["effects"][0]["evidence"][0])
    records["delta"]["effects"][0]["evidence"].insert(0, counts)
    tables, _ = update(records=records)
    [route] = tables["changes"].query("kind == 'route_changed'").to_dict("records")
    assert (route["path"], route["subject"]) == ("delta/relapse", "delta")
    assert route["before"].startswith("finding ")
    assert route["after"].startswith("counts ")
    # The finding itself did not change, though another piece stands before it.
    assert not tables["changes"]["path"].str.contains(r"\[finding\]").any()


# Methods


def test_a_changed_prior_is_explained_by_the_fit_with_it(before, update):
    protocol = protocol_data()
    protocol["prior_sets"]["default"]["mu"] = "normal(0, 0.2)"
    tables, after = update(protocol)
    [row] = tables["changes"].to_dict("records")
    assert (row["kind"], row["path"]) == ("method_changed", "prior_sets.default.mu")
    assert (row["before"], row["after"]) == ("normal(0, 1)", "normal(0, 0.2)")
    assert row["reaches"] == "relapse recovery"
    was = refitted(before, "relapse")
    now = refitted(before, "relapse", priors=after.analyses["relapse"].model.priors)
    found = explained(tables).loc[("priors", "priors")]
    assert found["mu_in_order"] == pytest.approx(now["mu"] - was["mu"], abs=EXACT)
    assert found["mu_in_order"] > 0.05  # towards no effect
    assert "The change of the priors multiplied the pooled odds ratio by" in said(tables)
    assert_sums(tables)


def test_a_prior_set_that_the_overall_model_does_not_use_reaches_nothing(update):
    protocol = protocol_data()
    protocol["prior_sets"]["narrow"] = {
        **protocol["prior_sets"]["default"],
        "mu": "normal(0, 0.1)",
    }
    tables, _ = update(protocol)
    assert set(tables["changes"]["kind"]) == {"method_changed"}
    assert tables["changes"]["reaches"].isna().all()
    assert (explained(tables)["mu_in_order"] == 0).all()


def test_a_changed_baseline_turns_findings_and_all_that_it_converts(before, update):
    protocol, records = protocol_data(), records_data()
    protocol["outcomes"]["relapse"]["baseline"]["findings"] = "normal(-3, 0.5)"
    tables, after = update(protocol, records)
    now, was = refitted(after, "relapse"), refitted(before, "relapse")
    found = explained(tables)
    assert ("conversion", "conversion") not in found.index
    move = found.loc[("baseline", "baseline")]
    assert move["mu_in_order"] == pytest.approx(now["mu"] - was["mu"], abs=EXACT)
    assert move["mu_in_order"] != 0


def test_many_changes_add_up_and_each_alone_is_a_fit_of_its_own(before, update):
    protocol, records = protocol_data(), records_data()
    protocol["prior_sets"]["default"]["tau"] = "half_normal(0.1)"
    protocol["outcomes"]["relapse"]["baseline"]["counts"] = "normal(-1, 0.3)"
    del records["gamma"]
    records["alpha"]["effects"][0]["evidence"][0]["arms"][0]["events"] = 30
    records["invented"] = invented_trial()
    tables, after = update(protocol, records)
    found = explained(tables)
    assert list(found.index) == [
        ("release", "release"),
        ("priors", "priors"),
        ("baseline", "baseline"),
        ("study_removed", "gamma"),
        ("study_changed", "alpha"),
        ("study_added", "invented"),
        ("interplay", "interplay"),
        ("sampling", "sampling"),
        ("total", "total"),
    ]
    assert_sums(tables)
    old, new = (s.analyses["relapse"] for s in (before, after))
    terms = old.frame()
    of_alpha = new.frame()[new.frame()["study_id"] == "alpha"]
    of_invented = new.frame()[new.frame()["study_id"] == "invented"]
    others = terms[terms["study_id"] != "alpha"]
    alone = {
        "priors": {"priors": new.model.priors},
        "baseline": {"baseline": new.baseline},
        "gamma": {"terms": terms[terms["study_id"] != "gamma"]},
        "alpha": {"terms": pd.concat([others, of_alpha])},
        "invented": {"terms": pd.concat([terms, of_invented])},
    }
    was = refitted(before, "relapse")
    by_subject = found.reset_index().set_index("subject")
    for subject, other in alone.items():
        fit = refitted(before, "relapse", **other)
        for quantity in ("mu", "tau"):
            move = by_subject.loc[subject, f"{quantity}_alone"]
            assert move == pytest.approx(fit[quantity] - was[quantity], abs=EXACT), subject
    # The path ends at the fit of the new state, and an intermediate state is a fit as well.
    assert by_subject.loc["invented", "mu_after"] == pytest.approx(
        refitted(after, "relapse")["mu"], abs=EXACT
    )
    half_way = refitted(
        after, "relapse", terms=pd.concat([others[others["study_id"] != "gamma"], of_alpha])
    )
    assert by_subject.loc["alpha", "mu_after"] == pytest.approx(half_way["mu"], abs=EXACT)
    assert abs(found.loc[("interplay", "interplay"), "mu_alone"]) > 1e-3
    assert found.loc[("interplay", "interplay"), "mu_in_order"] == 0


def test_terms_that_other_software_made_are_told_apart(before, tmp_path):
    after = state(tmp_path, protocol_data(), records_data())
    terms = after.analyses["relapse"].terms
    at = next(i for i, term in enumerate(terms) if term["study_id"] == "gamma")
    path = f"analyses__relapse__terms__{at}__standard_error"
    doubled = rewritten(after, **{path: 2 * terms[at]["standard_error"]})
    found = explained(update_tables(released(before, DATE), doubled))
    assert ("conversion", "conversion") in found.index
    assert found.loc[("conversion", "conversion"), "mu_in_order"] != 0


def test_versions_and_settings_of_the_run_are_listed(update):
    run = copy.deepcopy(RUN)
    run["config"]["sampler"]["draws"] = 1000
    run["packages"]["scipy"] = "1.15.0"
    tables, _ = update(run=run)
    assert tables["changes"][["kind", "path", "before", "after"]].values.tolist() == [
        ["run_changed", "sampler.draws", "500", "1000"],
        ["software_changed", "scipy", "1.14.0", "1.15.0"],
    ]
    assert "Versions of software that changed: 1." in said(tables)


def rewritten(found: State, **replaced) -> State:
    """State with parts of its content replaced, by path."""
    data = found.model_dump(mode="json")
    for path, value in replaced.items():
        *above, last = path.split("__")
        at = data
        for key in above:
            at = at[int(key) if isinstance(at, list) else key]
        at[int(last) if isinstance(at, list) else last] = value
    return State.model_validate_json(json.dumps(data))


def test_an_outcome_whose_model_is_sampled_only_moves_unexplained(before):
    robust = {"analyses__relapse__model__kind": "robust", "analyses__relapse__model__degrees": 4}
    tables = update_tables(released(before, DATE), rewritten(before, **robust))
    assert tables["attribution"].empty
    moved = tables["moves"].set_index("fit").loc["relapse/overall"]
    assert moved["not_explained"] == "its overall model is sampled only"
    run = {"run__seed": 2}
    tables = update_tables(released(before, DATE), rewritten(before, **robust, **run))
    assert "could not be worked out: its overall model is sampled only." in said(tables)


def test_an_outcome_that_gets_its_first_estimate_is_new(update):
    records = records_data()
    sizes = copy.deepcopy(records["delta"]["effects"][0]["evidence"][0]["sizes"])
    records["delta"]["effects"][1]["evidence"][0]["sizes"] = sizes
    tables, _ = update(records=records)
    moved = tables["moves"].set_index("fit").loc["recovery/overall"]
    assert (moved["status"], moved["studies_after"]) == ("new", 1)
    assert moved["not_explained"] == "the release has no estimate of it"
    assert "There was no estimate; the verdict now:" in said(tables)


def test_a_verdict_that_changed_is_told_for_every_model(before):
    words = {f"verdicts__{i}__verdict_words": "made up" for i in range(len(before.verdicts))}
    run = {"run__seed": 2}
    tables = update_tables(released(before, DATE), rewritten(before, **words, **run))
    assert tables["moves"]["verdict_changed"].all()
    text = said(tables)
    assert "It is now: made up." in text
    assert "Relapse, by design, design: experimental: the verdict was:" in text


# Before there is a release, and when nothing changed


def test_without_a_release_tables_are_empty_and_that_is_said(before):
    tables = update_tables(None, before)
    assert [len(tables[name]) for name in ("changes", "moves", "attribution")] == [0, 0, 0]
    assert said(tables) == (
        "No release has been frozen yet, so there is nothing to compare this with."
    )
    assert tables["flow"].set_index("item").loc["studies", "now"] == 4


def test_no_change_is_said_in_one_sentence(update):
    tables, _ = update()
    assert tables["changes"].empty
    assert said(tables).splitlines()[1:] == [
        "Nothing has changed since in records, methods and packages."
    ]


def test_the_same_update_gives_the_same_bytes(before, update, tmp_path):
    records = records_data() | {"invented": invented_trial()}
    texts = []
    for turn in ("first", "second"):
        after = state(tmp_path / turn, protocol_data(), records)
        tables = update_tables(released(before, DATE), after)
        for name, model in TABLES.items():
            model.write(tmp_path / turn / f"{name}.csv", tables[name])
        files = [(tmp_path / turn / f"{name}.csv").read_bytes() for name in TABLES]
        texts.append((files, release_text(released(after, DATE))))
    assert texts[0] == texts[1]


# The page


def test_section_of_the_page_marks_every_figure_as_a_claim(added):
    environment = page_environment(ROOT / "workflow/report", set())
    page = environment.get_template("changes.html.j2").render(changes=what_changed_in(added[0]))
    assert '<h2 id="changes">What changed</h2>' in page
    words = re.sub(r"<data .*?</data>", "", page)
    words = re.sub(r"<[^>]+>", "", words)
    assert re.findall(r"\d", words) == []


def test_the_document_shows_what_the_software_says(added):
    template = ROOT / "workflow/report/changelog.md.j2"
    entry = markdown(template, changes=what_changed_in(added[0]))
    heading, shown = entry.split("\n", 1)
    assert heading == "## Unreleased"
    quoted = "\n".join(f"> {line}".rstrip() for line in shown.strip().splitlines())
    assert quoted in (ROOT / "docs/updating.md").read_text()


# Releases


@pytest.fixture
def release_file(before, tmp_path):
    path = tmp_path / f"{DATE}.json"
    path.write_text(release_text(released(before, DATE)))
    return path


def refusal(path, review="tiny") -> str:
    with pytest.raises(ReviewError) as refused:
        read_release(path, review)
    [problem] = refused.value.problems
    return str(problem)


def test_a_release_is_read_as_it_was_written(before, release_file):
    assert read_release(release_file, "tiny") == released(before, DATE)
    assert release_text(read_release(release_file, "tiny")) == release_file.read_text()


def test_headline_holds_every_overall_fit_and_its_verdicts(before):
    rows = [(h.fit, h.engine, h.quantity) for h in before.headline]
    assert rows == [
        ("relapse/overall", engine, quantity)
        for engine in ("nuts", "quadrature")
        for quantity in ("mu", "tau", "theta_new")
    ]
    sampled = before.headline[0]
    assert sampled.mcse == pytest.approx(sampled.sd / 40)
    assert before.headline[3].mcse is None
    assert {v.fit for v in before.verdicts} == {"relapse/overall", "relapse/design"}


def test_a_release_refits_to_what_it_says(before, release_file):
    kept = read_release(release_file, "tiny").state
    mu = next(h for h in kept.headline if h.engine == "quadrature" and h.quantity == "mu")
    assert refitted(kept, "relapse")["mu"] == mu.q50


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('"events": 20.0', '"events": 21.0'), "the file was edited"),
        (('"date": "2026-01-15"', '"date": "2026-01-16"'), "the file was edited"),
        (('"format": 1,', '"format": 1'), "text that is no release"),
        (('"checksum"', '"sum"'), "text that is no release"),
        (('"format": 1', '"format": 2'), "another version of this software"),
    ],
)
def test_a_release_that_was_touched_is_refused_with_one_message(release_file, change, told):
    text = release_file.read_text()
    assert change[0] in text
    release_file.write_text(text.replace(*change, 1))
    message = refusal(release_file)
    assert message.startswith(str(release_file))
    assert told in message


@pytest.mark.parametrize("text", ["[" * 100_000, "[]", "", "\xff"])
def test_what_is_no_release_at_all_is_refused(release_file, text: str):
    release_file.write_text(text, encoding="latin-1")
    assert "text that is no release" in refusal(release_file)
    release_file.unlink()
    assert "found no such file" in refusal(release_file)


def test_a_release_must_be_named_after_its_day_and_review(release_file):
    assert "allowed: second_responder" in refusal(release_file, "second_responder")
    other = release_file.rename(release_file.with_name("2026-01-16.json"))
    assert "found 2026-01-15; allowed: 2026-01-16" in refusal(other)


def test_layout_of_a_release_may_change_and_its_content_not(release_file, before):
    data = json.loads(release_file.read_text())
    release_file.write_text(json.dumps(data))
    assert read_release(release_file, "tiny").state == before


# Differences of plain data


def test_items_of_lists_are_matched_by_name():
    old = {"arms": [{"id": "a", "n": 1}, {"id": "b", "n": 2}], "tags": ["x"]}
    new = {"arms": [{"id": "c", "n": 3}, {"id": "b", "n": 2.5}, {"id": "a", "n": 1}], "tags": []}
    found = {d.field: (d.before, d.after) for d in differences(old, new)}
    assert found == {
        "arms[b].n": ("2", "2.5"),
        "tags": ("x", ""),
        "arms[c].id": (None, "c"),
        "arms[c].n": (None, "3"),
    }


def test_order_of_levels_is_a_difference_as_the_first_is_the_reference():
    old = {"moderators": {"design": {"levels": {"a": "A", "b": "B"}}}}
    new = {"moderators": {"design": {"levels": {"b": "B", "a": "A"}}}}
    [found] = differences(old, new)
    assert (found.before, found.after) == ("a, b", "b, a")
    assert not only_words(found, Protocol)


@pytest.mark.parametrize(
    ("path", "model", "words"),
    [
        ("citation/label", Study, True),
        ("citation/year", Study, False),
        ("effects/[a]/evidence/[counts]/note", Study, True),
        ("effects/[a]/evidence/[counts]/source/kind", Study, True),
        ("effects/[a]/evidence/[counts]/arms/[b]/events", Study, False),
        ("effects/[a]/evidence/[finding]/direction", Study, False),
        ("effects/[a]/set_aside", Study, True),
        ("prior_sets/default/reason", Protocol, True),
        ("prior_sets/default/mu", Protocol, False),
        ("moderators/design/levels/experimental", Protocol, True),
        ("decisions/reason", Protocol, True),
        ("decisions/verdicts/[clear]/words", Protocol, False),
        ("a_field/of_another_version", Protocol, False),
    ],
)
def test_which_fields_are_words_alone(path, model, words):
    parts = tuple(path.split("/"))
    assert only_words(Difference(parts, "old", "new"), model) is words


@pytest.mark.parametrize(
    ("path", "model", "words"),
    [
        ("effects/[a]/evidence/[counts]/note", Study, True),
        ("effects/[a]/set_aside", Study, False),
        ("moderators/design/levels/experimental", Protocol, False),
    ],
)
def test_a_new_text_may_be_more_than_words(path, model, words):
    parts = tuple(path.split("/"))
    assert only_words(Difference(parts, None, "new"), model) is words
