"""Plausible but wrong: each slip is asked about once, and what is right never."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT
from scipy.stats.contingency import odds_ratio

from livingreview.base.documents import read_document
from livingreview.protocol.plausibility import Plausibility
from livingreview.protocol.review import Protocol, read_protocol
from livingreview.records.plausibility.asking import NEEDLESS, RULES, questions
from livingreview.records.plausibility.question import Question
from livingreview.records.reading import checked_studies
from livingreview.records.record_text import record_text
from livingreview.records.study import Study

SHIPPED = ("second_responder", "bcg_vaccine")
SOURCE = {"url": "https://example.org/a", "locator": "table 1", "kind": "full text"}
Change = Callable[[dict[str, Any]], None]


class Copy:
    """A copy of a shipped review's records, in which one may be changed."""

    def __init__(self, folder: Path, review: str):
        self.folder = folder
        self.protocol: Protocol = read_protocol(ROOT / f"config/reviews/{review}.yaml")
        for path in (ROOT / f"data/raw/{review}/studies").glob("*.yaml"):
            (folder / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")

    def data(self, study: str) -> dict[str, Any]:
        return copy.deepcopy(read_document(self.folder / f"{study}.yaml").data)

    def write(self, study: str, data: dict[str, Any]) -> None:
        (self.folder / f"{study}.yaml").write_text(
            record_text(json.loads(json.dumps(data))), encoding="utf-8"
        )

    def change(self, study: str, change: Change) -> None:
        data = self.data(study)
        change(data)
        self.write(study, data)

    def read(self) -> tuple[list[Question], list[str]]:
        paths = sorted(self.folder.glob("*.yaml"))
        studies, problems = checked_studies(paths, self.protocol.vocabulary())
        p = self.protocol
        return questions(studies, p.plausibility, p.assumed(), p.codings()), list(
            map(str, problems)
        )

    def asked(self) -> list[Question]:
        found, problems = self.read()
        assert not problems
        return found


@pytest.fixture
def copied(tmp_path: Path) -> Callable[[str], Copy]:
    return lambda review: Copy(tmp_path, review)


@pytest.fixture
def bcg(copied) -> Copy:
    return copied("bcg_vaccine")


@pytest.mark.parametrize("review", SHIPPED)
def test_nothing_is_asked_of_a_shipped_review(copied, review: str):
    assert copied(review).asked() == []


def estimate(value: float, measure: str = "odds_ratio", **more: Any) -> Change:
    piece = {"kind": "estimate", "measure": measure, "value": value, **more, "source": SOURCE}
    return evidence(piece)


def evidence(*pieces: dict[str, Any], **fields: Any) -> Change:
    """Other evidence for the first effect of a record, and other fields of the effect."""

    def change(data: dict[str, Any]) -> None:
        del data["effects"][1:]
        data["effects"][0] |= {"evidence": list(pieces), **fields}

    return change


def arms_of(data: dict[str, Any]) -> list[str]:
    return [data["effects"][0][role] for role in ("treated", "control")]


def table(kind: str, field: str, values: tuple, totals: tuple = (123, 139), **more: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        arms = [
            {"arm": arm, field: value, **({"total": total} if total else {})}
            | ({"decimals": 2} if kind == "percentages" else {})
            for arm, value, total in zip(arms_of(data), values, totals, strict=True)
        ]
        evidence({"kind": kind, "arms": arms, **more, "source": SOURCE})(data)

    return change


def size_test(value: float, people: int) -> Change:
    sizes = [{"name": "all", "basis": "reported", "total": people, "source": SOURCE}]
    return evidence(
        {
            "kind": "test",
            "statistic": "chi_squared",
            "value": value,
            "direction": "decrease",
            "sizes": sizes,
            "source": SOURCE,
            "note": "As printed.",
        }
    )


def assigned(*people: int) -> Change:
    def change(data: dict[str, Any]) -> None:
        for arm, number in zip(data["arms"], people, strict=True):
            arm["assigned"] = number

    return change


def clustered(data: dict[str, Any]) -> None:
    data["design"]["clustered"] = True


def both(*changes: Change) -> Change:
    return lambda data: [change(data) for change in changes] and None


def clusters(size: float) -> Change:
    assumed = {"icc": 0.02, "average_size": size, "note": "Assumed."}
    return both(clustered, table("counts", "events", (4, 11), clusters=assumed))


def field(*at: Any, to: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        *way, last = at
        node = data
        for part in way:
            node = node[part]
        node[last] = to

    return change


# By its `field` and first distinguishing part: how a slip is made, and the rule that asks.
MADE: dict[str, tuple[Callable[[dict[str, Any]], Change], str]] = {
    "test": (lambda s: size_test(s["value"], s["people"]), "chi_squared_above_people"),
    "percentages": (
        lambda s: table("percentages", "percent", tuple(s["values"]), (s["people"],) * 2),
        "fraction_as_percentage",
    ),
    "sizes": (
        lambda s: both(
            assigned(s["assigned"], 139), table("counts", "events", (4, 11), (s["observed"], 139))
        ),
        "more_observed_than_assigned",
    ),
    "moderator": (
        lambda s: field("moderators", "latitude", to=s["latitude"]),
        "moderator_out_of_range",
    ),
    "citation": (lambda s: field("citation", "year", to=s["year"]), "year_out_of_range"),
    "follow_up_months": (
        lambda s: field("effects", 0, "follow_up_months", to=s["value"]),
        "follow_up_out_of_range",
    ),
    "label": (lambda s: field("citation", "label", to="Comstock 1974"), "same_label"),
}
OF_ESTIMATES = [
    "logarithm_as_ratio",
    "lopsided_interval",
    "standard_error_of_no_study",
    "standard_error_of_no_study",
    "percentage_as_ratio",
]
SLIPS = yaml.safe_load((ROOT / "tests/data/slips.yaml").read_text(encoding="utf-8"))


def make(slip: dict[str, Any], review: Copy, study: str) -> None:
    """Make a slip in a record of the copy."""
    match slip["field"]:
        case "estimate":
            given = {k: slip[k] for k in ("interval", "standard_error") if k in slip}
            review.change(study, estimate(slip["value"], slip["measure"], **given))
        case "clusters":
            review.change(study, clusters(slip.get("average_size", 20)))
            if "clustered" in slip:
                review.change(study, field("design", "clustered", to=slip["clustered"]))
        case "study":
            review.write("zealand_2001", review.data(study) | {"study_id": "zealand_2001"})
        case "effect":
            data = review.data(study)
            data["effects"].append(data["effects"][0] | {"id": "second", "measure": "Deaths"})
            review.write(study, data)
        case other:
            review.change(study, MADE[other][0](slip))


def rule_of(slip: dict[str, Any]) -> str:
    others = {"study": "same_study", "effect": "copied_effect", "clusters": "cluster_above_group"}
    if slip["field"] == "estimate":
        return OF_ESTIMATES[[s["expect"] for s in SLIPS].index(slip["expect"])]
    return others.get(slip["field"]) or MADE[slip["field"]][1]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip['field']}: {slip['expect']}")
def test_each_slip_is_asked_about_once_and_can_be_confirmed(copied, slip: dict[str, Any]):
    of_shares = slip["field"] == "percentages"
    review = copied("second_responder" if of_shares else "bcg_vaccine")
    make(slip, review, "jolin_1998" if of_shares else "aronson_1948")
    asked, problems = review.read()
    if slip["field"] == "clusters" and "clustered" in slip:
        [problem] = problems
        assert "clusters in a study without any" in problem
        return
    [question] = asked
    assert (question.rule, question.confirmed) == (rule_of(slip), "")
    told = str(question)
    assert re.match(rf".*{question.study_id}\.yaml:[1-9]\d*: \S+: found .*; odd: .*\. \S", told)
    confirm(review, question)
    assert [one.confirmed for one in review.asked()] == ["It is so."]


def confirm(review: Copy, question: Question) -> None:
    """Write the confirmation that the question itself asks for."""
    data = review.data(question.study_id)
    node: Any = data
    for name, i in re.findall(r"(\w+)\[(\d+)\]", question.place):
        node = node[name][int(i)]
    written = re.search(r"`confirmed: (\{.*\})`", str(question))
    assert written
    confirmed = yaml.safe_load(written[1].replace("<reason>", "It is so."))
    node.setdefault("confirmed", {}).update(confirmed)
    review.write(question.study_id, data)


def test_a_confirmation_that_answers_nothing_is_told(bcg: Copy):
    bcg.change("aronson_1948", estimate(1.05, interval=[1.0, 4.0]))
    [question] = bcg.asked()
    confirm(bcg, question)
    bcg.change("aronson_1948", lambda d: d["effects"][0]["evidence"][0].update(value=2))
    [needless] = bcg.asked()
    assert (needless.rule, needless.found) == (NEEDLESS, "`lopsided_interval`")
    assert "confirm it" not in str(needless)


def test_a_confirmation_answers_no_other_question_of_its_place(bcg: Copy):
    odd = estimate(1.05, interval=[1.0, 4.0], standard_error=4)
    bcg.change("aronson_1948", odd)
    rules = {question.rule: question for question in bcg.asked()}
    assert set(rules) == {"lopsided_interval", "standard_error_of_no_study"}
    confirm(bcg, rules["lopsided_interval"])
    assert [q.rule for q in bcg.asked() if not q.confirmed] == ["standard_error_of_no_study"]


# A near miss, which is right, and what is just beyond it.
NEAR: list[tuple[str, Change, Change]] = [
    (
        "lopsided_interval",
        estimate(1.5, interval=[1.0, 4.0]),
        estimate(1.2, interval=[1.0, 4.0]),
    ),
    (
        "lopsided_interval",
        estimate(0.1, "log_odds_ratio", interval=[0.0, 0.3]),
        estimate(0.28, "log_odds_ratio", interval=[0.0, 0.3]),
    ),
    (
        "logarithm_as_ratio",
        estimate(0.69, interval=[0.4, 1.2]),
        estimate(0.69, interval=[0.31, 1.07]),
    ),
    ("percentage_as_ratio", estimate(30, interval=[9, 100]), estimate(33, interval=[11, 99])),
    (
        "standard_error_of_no_study",
        estimate(1.2, standard_error=2.3),
        estimate(1.2, standard_error=2.7),
    ),
    (  # at best 2 √(1/123 + 1/139) = 0.25
        "standard_error_of_no_study",
        both(assigned(123, 139), estimate(1.2, standard_error=0.15)),
        both(assigned(123, 139), estimate(1.2, standard_error=0.11)),
    ),
    (
        "standard_error_of_no_study",
        both(assigned(123, 139), estimate(0.2, "smd", standard_error=0.08)),
        both(assigned(123, 139), estimate(0.2, "smd", standard_error=0.04)),
    ),
    ("chi_squared_above_people", size_test(40, 40), size_test(41, 40)),
    (
        "more_observed_than_assigned",
        both(assigned(123, 139), table("counts", "events", (4, 11))),
        both(assigned(122, 139), table("counts", "events", (4, 11))),
    ),
    ("cluster_above_group", clusters(139), clusters(140)),
    (
        "exchanged_arms",
        both(assigned(123, 139), table("counts", "events", (4, 11), (122, 139))),
        both(assigned(139, 123), table("counts", "events", (4, 11), (123, 139))),
    ),
    (
        "year_out_of_range",
        field("citation", "year", to=2025),
        field("citation", "year", to=2099),
    ),
    (
        "follow_up_out_of_range",
        field("effects", 0, "follow_up_months", to=240),
        field("effects", 0, "follow_up_months", to=241),
    ),
    (
        "moderator_out_of_range",
        field("moderators", "latitude", to=89),
        field("moderators", "latitude", to=1034),
    ),
    (
        "same_label",
        field("citation", "label", to="Comstock 1974a"),
        field("citation", "label", to="comstock, 1974"),
    ),
    (
        "same_study",
        field("citation", "identifier", to="doi:10.1/2"),
        field("citation", "text", to="Comstock, 1974. Trial 13"),
    ),
    (
        "look_alike_letters",
        field("citation", "label", to="Смирнов 1948, β-BCG, naïve Žižek"),
        field("citation", "label", to="Аronson 1948"),
    ),
    (
        "look_alike_letters",
        field("eligibility", to="नमस्\u200dते"),
        field("eligibility", to="All\u200b of it"),
    ),
    ("placeholder", field("eligibility", to="None of the others."), field("eligibility", to="n/a")),
    ("placeholder", field("eligibility", to="Todo lists helped."[5:]), field("people", to="-")),
    ("placeholder", field("people", to="XY"), field("design", "detail", to="TODO: look it up")),
    ("placeholder", field("people", to="x"), field("people", to="xxx")),
]


@pytest.mark.parametrize(("rule", "right", "wrong"), NEAR, ids=[rule for rule, *_ in NEAR])
def test_a_near_miss_is_right_and_what_is_beyond_is_asked(
    bcg: Copy, rule: str, right: Change, wrong: Change
):
    if rule == "same_study":  # the same citation as another
        text = bcg.data("comstock_1974")["citation"]["text"]
        wrong = field("citation", "text", to=text.replace(".", " .").upper())
    before = bcg.data("aronson_1948")
    bcg.change("aronson_1948", right)
    assert bcg.asked() == []
    bcg.write("aronson_1948", before)
    bcg.change("aronson_1948", wrong)
    assert [question.rule for question in bcg.asked()] == [rule]


def test_an_arm_that_is_the_treated_one_only_here_is_asked_about(bcg: Copy):
    def exchange(data: dict[str, Any]) -> None:
        effect = data["effects"][0]
        effect |= {"treated": effect["control"], "control": effect["treated"]}

    bcg.change("aronson_1948", exchange)
    [question] = bcg.asked()
    assert (question.rule, question.field) == ("exchanged_arms", "effects[0].treated")


def test_a_text_that_yaml_cuts_is_asked_about(bcg: Copy):
    path = bcg.folder / "aronson_1948.yaml"
    text = path.read_text()
    for cut, expected in (
        ("label: Aronson 1948 # first report", ["lost_end"]),
        ('label: "Aronson 1948" # as printed', []),
        ("label: Aronson 1948\n  # As printed.", []),
        ("label: Aronson #1948", ["lost_end"]),
        ("label: Aronson#1948", []),
    ):
        path.write_text(text.replace("label: Aronson 1948", cut, 1))
        asked = bcg.asked()
        assert [question.rule for question in asked] == expected, cut
    path.write_text(text.replace("status: extracted", "status: extracted # read twice", 1))
    assert bcg.asked() == []


def test_one_report_of_two_trials_is_confirmed_as_two_studies(bcg: Copy):
    text = bcg.data("comstock_1974")["citation"]["text"]
    for name in ("aronson_1948", "rosenthal_1960"):
        bcg.change(name, field("citation", "text", to=text))
    pairs = {(q.study_id, q.twin): q for q in bcg.asked()}
    assert set(pairs) == {
        ("comstock_1974", "aronson_1948"),
        ("rosenthal_1960", "aronson_1948"),
        ("rosenthal_1960", "comstock_1974"),
    }
    confirm(bcg, pairs["rosenthal_1960", "aronson_1948"])
    assert len([q for q in bcg.asked() if not q.confirmed]) == 2


def test_statements_without_sizes_are_alike_and_no_twins(copied):
    review = copied("second_responder")
    statement = {
        "kind": "finding",
        "direction": "decrease",
        "significance": "not_significant",
        "source": SOURCE,
    }
    for name in ("jolin_1998", "casey_2007"):
        review.change(name, evidence(statement))
    assert review.asked() == []


def test_the_protocol_moves_a_limit_and_says_why(bcg: Copy):
    moved = {"moderators": {"latitude": [0, 60]}, "reason": "No trial was nearer to a pole."}
    limits = Plausibility(**moved)
    bcg.protocol = bcg.protocol.model_copy(update={"plausibility": limits})
    bcg.change("aronson_1948", field("moderators", "latitude", to=61))
    assert [question.rule for question in bcg.asked()] == ["moderator_out_of_range"]
    with pytest.raises(ValueError, match="why these limits were moved"):
        Plausibility(lopsided_at_most=0.5)


def studies_of(review: Copy) -> list[Study]:
    paths = sorted(review.folder.glob("*.yaml"))
    return [study for _, study in checked_studies(paths, review.protocol.vocabulary())[0]]


def test_the_published_trials_are_right_in_every_form(bcg: Copy):
    """Exact odds ratios with exact intervals, percentages, and log odds ratios, of all trials."""
    for study in studies_of(bcg):
        [effect] = study.effects
        (a, n), (c, m) = ((arm.events, arm.total) for arm in effect.evidence[0].arms)
        exact = odds_ratio([[a, n - a], [c, m - c]])
        ends = exact.confidence_interval(0.95)
        interval = [round(float(end), 3) for end in ends]
        people = both(
            assigned(*(n, m) if study.arms[0].id == effect.treated else (m, n)),
            estimate(round(float(exact.statistic), 3), interval=interval),
        )
        bcg.change(study.study_id, people)
    assert bcg.asked() == []
    for study in studies_of(Copy(bcg.folder, "bcg_vaccine")):
        (a, n), (c, m) = ((arm.events, arm.total) for arm in study.effects[0].evidence[0].arms)
        percents = (round(100 * a / n, 2), round(100 * c / m, 2))
        bcg.change(study.study_id, table("percentages", "percent", percents, (n, m)))
    assert bcg.asked() == []


def test_the_docs_list_every_rule_with_its_reason_and_limits():
    rows = {}
    for line in (ROOT / "docs/records.md").read_text(encoding="utf-8").splitlines():
        if match := re.fullmatch(r"\| `(\w+)` \| (.+) \| (.+) \| (.*) \|", line):
            rows[match[1]] = match.groups()[1:]
    fields = Plausibility.model_fields
    for rule in RULES:
        limits = ", ".join(f"`{name}`: {fields[name].default}" for name in rule.limits)
        assert rows[rule.name] == (rule.looks_at, rule.reason, limits or "none"), rule.name
    assert {name for rule in RULES for name in rule.limits} == set(fields) - {"reason"}
    assert set(rows) == {rule.name for rule in RULES}
