"""Harm: every result against what is hoped, with its people, and what could not have been seen."""

import math
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.sections import Harms as UnknownHarms
from livingreview.report.claims import OPENS, Claims
from livingreview.report.page import page_environment
from livingreview.report.sentences.harms import MOST_LISTED, Harms, harms
from livingreview.tables.effects import Precision
from livingreview.tables.records import Effects, Ledger, Studies

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
VICTIMS, POLICE, SERVICES = "victim_reported", "police_recorded", "service_use"
UNKNOWN = UnknownHarms(not_on_record=["injury", "revenge"])


def effect(study: str, outcome: str, direction: str, significance: str, **more: Any) -> dict:
    return {
        "effect_id": f"{study}/{outcome}",
        "study_id": study,
        "outcome": outcome,
        "effect_label": None,
        "measure": f"What {study} measured",
        "follow_up_months": 6.0,
        "direction": direction,
        "significance": significance,
        "status": "analysed",
        "kind": "finding",
        "reason": None,
        **more,
    }


def study(study_id: str, people: str | None = None, population: str | None = None) -> dict:
    return {
        "study_id": study_id,
        "label": study_id.capitalize(),
        "about": people,
        "moderator_population": population,
    }


def read(
    *effects: dict,
    studies: tuple[dict, ...] = (),
    stated: dict[tuple[str, str], str] | None = None,
    note: str | None = None,
    smallest: dict[str, float] | None = None,
    unknown: UnknownHarms | None = None,
    protocol: Protocol = PROTOCOL,
) -> Harms:
    known = {row["study_id"] for row in studies}
    others = [study(name) for name in {e["study_id"] for e in effects} - known]
    stated = stated or {}
    ledger = [
        {"effect_id": e, "field": f"effects[0].evidence[1].{f}", "value": value}
        for (e, f), value in stated.items()
    ]
    tables = {
        Effects.file: Effects.frame(list(effects)),
        Studies.file: pd.DataFrame([*studies, *others]),
        Ledger.file: pd.DataFrame(ledger, columns=["effect_id", "field", "value", "note"]).assign(
            note=note
        ),
    }
    if smallest is not None:
        rows = [{"effect_id": e, "smallest_significant": math.log(r)} for e, r in smallest.items()]
        tables[Precision.file.format(outcome=VICTIMS)] = pd.DataFrame(rows)
    return harms(Claims(tables), protocol, unknown)


def words(texts: dict) -> list[str]:
    return [str(text) for text in texts.values()]


def test_a_result_that_is_set_aside_is_named_with_its_people_and_the_reason():
    elder = effect(
        "elder", VICTIMS, "increase", "significant", status="set_aside", reason="Not the visit."
    )
    good = effect("jolin", VICTIMS, "decrease", "significant")
    told = read(elder, good, studies=(study("elder", "older people", "family_abuse"),))
    [of_victims] = told.adverse.values()
    assert words(of_victims.overview) == [
        "Victims' reports: more with second response in 1 of 2 results on record, less in 1."
    ]
    [result] = of_victims.results
    # What the record says goes before the level of the moderator.
    assert (result.study_id, result.people) == ("elder", "older people")
    assert str(result.what) == ("What elder measured, at 6 months. More, significant.")
    assert result.use == "Not weighed. Not the visit."
    assert told.two_edged == {}
    assert words(told.limits) == []


@pytest.mark.parametrize(
    ("population", "people"),
    [("intimate_partner", "Intimate partners only"), (None, "people not stated")],
)
def test_without_words_of_the_record_the_moderator_says_whom_it_is_about(population, people):
    told = read(
        effect("a", VICTIMS, "increase", "not_stated"), studies=(study("a", None, population),)
    )
    assert told.adverse[VICTIMS].results[0].people == people


def test_what_may_be_good_or_bad_stands_apart_with_its_caution():
    told = read(
        effect("a", POLICE, "increase", "significant", kind="counts", follow_up_months=None),
        effect("b", POLICE, "increase", "not_stated"),
        effect("c", POLICE, "decrease", "significant"),
    )
    assert told.adverse == {}
    police = told.two_edged[POLICE]
    assert police.caution == PROTOCOL.outcomes[POLICE].caution
    assert [str(result.what) for result in police.results] == [
        "What a measured. More, significant by its numbers.",
        "What b measured, at 6 months. More, significance not stated.",
    ]
    # "Not significant" and "significance not stated" are neither of them significant.
    assert [result.study_id for result in police.significant] == ["a"]


def test_not_significant_is_not_taken_for_significant():
    told = read(effect("a", VICTIMS, "increase", "not_significant"))
    assert told.adverse[VICTIMS].significant == []


def test_less_is_the_harm_where_more_is_hoped_for():
    told = read(
        effect("a", SERVICES, "decrease", "significant"),
        effect("b", SERVICES, "increase", "significant"),
    )
    [result] = told.adverse[SERVICES].results
    assert str(result.what).endswith("Less, significant.")


def test_another_account_of_harm_is_told_though_it_is_not_the_one_weighed():
    told = read(
        effect("a", VICTIMS, "decrease", "significant"),
        stated={
            ("a/victim_reported", "direction"): "increase",
            ("a/victim_reported", "significance"): "not_significant",
        },
        note="Gone by the end.",
    )
    victims = told.adverse[VICTIMS]
    assert words(victims.overview)[0].endswith("more only by accounts other than those weighed.")
    assert str(victims.results[0].what).endswith(
        "More by one account, which is not the one weighed, not significant. Gone by the end."
    )


def test_one_of_several_effects_of_a_study_is_named_in_words():
    several = effect("a", VICTIMS, "increase", "significant", effect_label="Visit and letter")
    [result] = read(several).adverse[VICTIMS].results
    assert str(result.study).endswith(", Visit and letter")
    assert OPENS not in str(result.study)


def test_no_result_of_harm_is_no_proof_that_there_is_none():
    told = read(effect("a", VICTIMS, "decrease", "significant"), unknown=UNKNOWN)
    assert words(told.limits) == [
        "No result on record found more repeat abuse reported by victims or less contact with"
        " courts, criminal justice or social services. That is not to say that there is no harm.",
        "Nothing on record tells of injury or revenge, which does not rule them out.",
    ]


def test_nothing_is_concluded_from_an_empty_review():
    assert read() == Harms()


def test_results_without_a_direction_tell_what_they_could_not_have_seen():
    told = read(
        effect("a", VICTIMS, "none", "not_significant"),
        effect("b", VICTIMS, "unclear", "not_significant"),
        effect("c", VICTIMS, "increase", "not_significant"),
        effect("d", VICTIMS, "none", "not_significant", status="not_usable", reason="No size."),
        smallest={f"a/{VICTIMS}": 1.5, f"b/{VICTIMS}": 2.5, f"c/{VICTIMS}": 9.0},
    )
    assert words(told.limits) == [
        "Victims' reports: 2 of 3 results weighed say only that no difference was significant."
        " A harm smaller than an odds ratio of about 1.5 to 2.5 would mostly go unseen (one of 1"
        " is no difference)."
    ]


def test_of_very_many_results_some_are_listed_and_all_are_counted():
    many = [effect(f"s{i}", VICTIMS, "increase", "significant") for i in range(MOST_LISTED + 1)]
    victims = read(*many).adverse[VICTIMS]
    assert len(victims.results) == MOST_LISTED
    counted, rest = words(victims.overview)
    assert "31 of 31" in counted
    assert "effects.csv" in rest


def test_the_section_links_each_result_to_its_record():
    told = read(
        effect("a", VICTIMS, "increase", "significant"),
        effect("b", POLICE, "increase", "significant"),
        studies=(study("a", "Older people"), study("b")),
    )
    template = page_environment(ROOT / "workflow/report", set()).get_template("harms.html.j2")
    page = template.render(harms=told, records_page="records.html")
    assert '<a href="records.html#record-a">A</a> (older people)' in page
    assert page.count('href="records.html#record-b"') == 2
