"""Each step from the programme to its aim says what measured it, or that nothing did."""

import pandas as pd
from conftest import ROOT

from livingreview.protocol.review import read_protocol
from livingreview.records.sections import ChainLink
from livingreview.report.claims import Claims
from livingreview.report.page import page_environment
from livingreview.report.sentences.logic_chain import logic_chain
from livingreview.tables.records import Effects
from livingreview.tables.synthesis import Summary

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
VICTIMS, POLICE, SERVICES = "victim_reported", "police_recorded", "service_use"


def steps(chain: list[ChainLink]):
    effects = [
        {"outcome": VICTIMS, "status": "analysed"},
        {"outcome": SERVICES, "status": "analysed"},
        {"outcome": POLICE, "status": "not_usable"},
    ]
    summary = {"fit": f"{VICTIMS}/overall", "setting": "all_studies", "verdict_words": "less"}
    tables = {Effects.file: pd.DataFrame(effects), Summary.file: pd.DataFrame([summary])}
    return logic_chain(Claims(tables), PROTOCOL, chain)


def test_each_step_has_the_verdicts_on_what_measures_it():
    first, second, third = steps(
        [
            ChainLink(link="A visit."),
            ChainLink(link="Help.", measured_by=[SERVICES]),
            ChainLink(link="Safety.", measured_by=[VICTIMS, POLICE]),
        ]
    )
    assert (first.link, first.is_measured) == ("A visit.", False)
    assert list(map(str, first.results)) == ["No outcome on record measures this step."]
    assert list(map(str, second.results)) == ["Contact with services: no verdict."]
    # An outcome without any result that could be weighed measures nothing.
    assert list(map(str, third.results)) == ["Victims' reports: less."]
    assert third.results[0].parts[1].column == "verdict_words"


def test_a_step_is_not_called_measured_by_results_too_poor_to_weigh():
    [step] = steps([ChainLink(link="Calls.", measured_by=[POLICE])])
    assert not step.is_measured


def test_the_chain_is_a_list_in_order_and_nothing_without_one():
    template = page_environment(ROOT / "workflow/report", set()).get_template("logic.html.j2")
    page = template.render(logic_chain=steps([ChainLink(link="A"), ChainLink(link="B")]))
    assert page.startswith('<ol class="chain">')
    assert page.index(">A") < page.index(">B")
    assert template.render(logic_chain=[]).strip() == ""
