"""The EMMIE card counts what the tables hold, and words no scale that was not read."""

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.base.types import Source
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Dimension, Emmie, Fact, Rating
from livingreview.report.claims import Claims
from livingreview.report.emmie import answer_to, emmie_table
from livingreview.report.emmie_card import emmie_card
from livingreview.report.page import page_environment
from livingreview.tables.report import EmmieItems

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
SOURCE = Source(url="https://example.org", locator="section", kind="abstract")


@pytest.fixture
def tables():
    """Four studies, of which one is not extracted; of three outcomes one cannot be fitted."""
    risks = [f"risk_{name}" for name in PROTOCOL.risk_of_bias_domains]
    moderators = [f"moderator_{name}" for name in PROTOCOL.moderators]
    studies = pd.DataFrame({"study_id": list("abcd"), "status": ["extracted"] * 3 + ["to_screen"]})
    studies = studies.assign(**dict.fromkeys(risks, "not_readable"), **dict.fromkeys(moderators))
    studies.loc[[0, 3], "risk_allocation"] = ["high", "low"]
    designs = ["experimental", "quasi_experimental", "experimental"]
    studies.loc[[0, 1, 3], "moderator_design"] = designs
    status = ["analysed", "analysed", "not_usable"]
    effects = pd.DataFrame({"status": status, "kind": ["finding", "counts", None]})
    effects = effects.assign(
        effect_id=list("abc"), outcome=["police_recorded", "victim_reported", "service_use"]
    )
    summary = pd.DataFrame(
        {
            "fit": ["police_recorded/overall", "victim_reported/overall"],
            "model": "overall",
            "setting": "all_studies",
            "studies": [3, 2],
            "p_more": [0.99, 0.4],
            "p_less": [0.01, 0.6],
            "p_practically_none": [0.0, 0.1],
            "verdict": ["clear", "no_verdict"],
            "verdict_words": ["more", "cannot tell from this evidence"],
        }
    )
    told = pd.DataFrame({"status": ["varied", "varied"], "clusters": [None, "2 studies"]})
    small = pd.DataFrame({"status": ["refused", "fitted"]})
    fits = ["police_recorded/overall", "victim_reported/overall", "police_recorded/design"]
    checks = pd.DataFrame({"fit": fits, "verdict": ["pass", "warn", "warn"]})
    models = pd.DataFrame(
        {"model": ["overall", "design", "country"], "status": ["fitted", "fitted", "refused"]}
    )
    differences = pd.DataFrame(
        {
            "model": ["design", "population", "all_moderators"],
            "aliased_with": [None, "design", None],
            "verdict": ["supported", "not_learnable", "supported"],
        }
    )
    return {
        "1_records/studies.csv": studies,
        "1_records/effects.csv": effects,
        "5_synthesis/summary.csv": summary,
        "5_synthesis/contrasts.csv": pd.DataFrame({"settled": [True]}),
        "5_synthesis/moderators.csv": differences,
        "6_sensitivity/told.csv": told,
        "6_sensitivity/small_studies.csv": small,
        "4_checks/checks.csv": checks,
        **{f"3_models/{name}.models.csv": models for name in PROTOCOL.outcomes},
    }


def test_items_count_what_the_tables_hold(tables):
    rows = EmmieItems.validate(emmie_table(tables, Emmie(), PROTOCOL))
    counted = {row.item: (row.met, row.of, row.answer) for row in rows.itertuples()}
    assert counted == {
        "enough_studies": (0, 3, "no"),
        "usable": (2, 3, "in_part"),
        "numbers": (1, 2, "in_part"),
        "experimental": (1, 3, "in_part"),
        "risk_of_bias": (1, 12, "in_part"),
        "alike": (1, 3, "in_part"),
        "unprinted": (1, 3, "in_part"),
        "checks": (1, 2, "in_part"),
        "readings": (1, 1, "yes"),
        "known": (2, 18, "in_part"),
        "estimated": (3, 6, "in_part"),
        "told_apart": (1, 2, "in_part"),
        "learnable": (1, 2, "in_part"),
        "supported": (1, 2, "in_part"),
        "as_planned": (0, 3, "no"),
    }


def test_answer_is_yes_only_of_all():
    assert [answer_to(3, 3), answer_to(2, 3), answer_to(0, 3), answer_to(0, 0)] == [
        "yes",
        "in_part",
        "no",
        "nothing_to_judge",
    ]


def test_card_gives_each_verdict_with_the_probability_that_decided(tables):
    fact = Fact(id="costs", question="Are costs known?", met=True, words="Yes.", source=SOURCE)
    read = Emmie(economics=Dimension(facts=[fact]))
    tables[EmmieItems.file] = emmie_table(tables, read, PROTOCOL)
    effect, *_, economics = emmie_card(Claims(tables), read, PROTOCOL)
    assert list(map(str, effect.verdicts.values())) == [
        "Repeat abuse recorded by the police: more (probability of more: 99%).",
        "Repeat abuse reported by victims: cannot tell from this evidence"
        " (probability of less: 60%).",
        "Contact with courts, criminal justice or social services: nothing can be said, as no"
        " effect could be analysed.",
    ]
    assert str(effect.quality) == "Items met: 0 of 8, and 7 in part."
    assert str(economics.quality) == "Items met: 1 of 1."
    assert economics.items[0].fact is fact and economics.items[0].counts is None


@pytest.mark.parametrize("checked", [True, False])
def test_published_level_is_marked_when_its_scale_was_not_read(tables, checked: bool):
    rating = Rating(citation="A page", source=SOURCE, scale_checked=checked, scale_note="Gone.")
    read = Emmie(rating=rating, mechanism=Dimension(rated="low"))
    tables[EmmieItems.file] = emmie_table(tables, read, PROTOCOL)
    card = emmie_card(Claims(tables), read, PROTOCOL)
    template = page_environment(ROOT / "workflow/report", set()).get_template("emmie.html.j2")
    page = template.render(emmie=card, narrative={"emmie": read})
    assert "Published rating: “low”" in page
    assert ("wording unverified" in page) is not checked
    assert ("Gone." in page) is not checked
