"""The protocol refuses what it does not know, and a fit depends on none of its words."""

import re
from pathlib import Path

import pytest
from conftest import ROOT, line_of, replaced

from livingreview.base.errors import ReviewError
from livingreview.protocol.moderators import Moderator
from livingreview.protocol.priors import Prior
from livingreview.protocol.review import RESERVED, Protocol, read_protocol

TEXT = (ROOT / "tests/tiny_review/protocol.yaml").read_text()


def read(tmp_path: Path, *changes: tuple[str, str]) -> Protocol:
    path = tmp_path / "tiny.yaml"
    path.write_text(replaced(TEXT, *changes))
    return read_protocol(path)


# what is replaced, by what, where the line is found, field, found, allowed
MISTAKES = {
    "unknown key": (
        ("    beta: normal(0, 0.5)", "    beta: normal(0, 0.5)\n    taux: half_normal(1)"),
        "taux:",
        "prior_sets.default.taux",
        "unknown field 'taux'",
        "did you mean `tau`? one of beta, mu, reason, tau, tau_squared",
    ),
    "unknown prior set": (
        ("    question: Does it work?\n    priors: default", "    question: Q\n    priors: vague"),
        "priors: vague",
        "models.overall.priors",
        "vague",
        "one of default, wide",
    ),
    "unknown prior set for sizes": (
        ("prior_sets: [default, wide]", "prior_sets: [default, vague]"),
        "prior_sets: [default, vague]",
        "decisions.size.prior_sets[1]",
        "vague",
        "one of default, wide",
    ),
    "unknown moderator in a model": (
        ("moderators: [design]", "moderators: [desing]"),
        "moderators: [desing]",
        "models.design.moderators[0]",
        "desing",
        "one of design",
    ),
    "no overall model": (
        ("  overall:\n", "  all:\n"),
        "models:",
        "models",
        "no `overall`",
        "one of overall",
    ),
    "rising verdicts": (
        ("leaning, probability: 0.75", "leaning, probability: 0.98"),
        "  verdicts:",
        "decisions.verdicts",
        "[0.975, 0.98]",
        "falling probabilities",
    ),
    "suggested harder than supported": (
        ("suggested: {probability: 0.75,", "suggested: {probability: 0.99,"),
        "    suggested: {",
        "decisions.moderators.suggested.probability",
        "0.99",
        "at most what `supported` asks",
    ),
    "suggested easier than learnable": (
        ("learnable_studies: 2", "learnable_studies: 3"),
        "    suggested: {",
        "decisions.moderators.suggested.fewest_studies",
        "2",
        "at least what is learnable",
    ),
    "a probability with two verdicts": (
        ("suggested: {probability: 0.75,", "suggested: {probability: 0.8,"),
        "    suggested: {",
        "decisions.moderators.suggested.probability",
        "0.8",
        "a probability of `verdicts`: 0.975, 0.75",
    ),
    "a verdict without its direction": (
        ('words: "leans to {direction}"', "words: leans somewhere"),
        "    - {id: leaning",
        "decisions.verdicts[1].words",
        "'leans somewhere'",
        "words with `{direction}`: more, or less",
    ),
    "few studies without their direction": (
        ("few_studies: too few studies, leaning to {direction}", "few_studies: too few studies"),
        "  few_studies:",
        "decisions.few_studies",
        "'too few studies'",
        "words with `{direction}`: more, or less",
    ),
    "agreement by no verdict": (
        ("agrees: leaning", "agrees: leening"),
        "    agrees: leening",
        "decisions.published.agrees",
        "leening",
        "did you mean `leaning`?",
    ),
    "significance that asks less": (
        (
            "agrees: leaning\n    agrees_with_significant: clear",
            "agrees: clear\n    agrees_with_significant: leaning",
        ),
        "    agrees_with_significant: leaning",
        "decisions.published.agrees_with_significant",
        "leaning",
        "`clear`, or a more demanding verdict",
    ),
    "coefficients without a variance": (
        ("beta: normal(0, 0.5)", "beta: student_t(2, 0, 0.5)"),
        "    beta:",
        "prior_sets.default.beta",
        "student_t(2, 0, 0.5)",
        "finite variance",
    ),
    "sizes that do not rise": (
        ("people_per_arm: [100, 1000]", "people_per_arm: [1000, 100]"),
        "people_per_arm:",
        "sensitivity.next_trial.people_per_arm",
        "[1000, 100]",
        "rising values",
    ),
    "settings without a reason": (
        ("cited: null", "cited: null\n      settings:\n        rare: normal(-3, 1)"),
        "    baseline:\n      findings: normal(0, 1)",
        "outcomes.recovery.baseline.settings_reason",
        "nothing",
        "a reason, as there are `settings`",
    ),
    "probability above 1": (
        ("practically_none_probability: 0.8", "practically_none_probability: 80"),
        "practically_none_probability:",
        "decisions.practically_none_probability",
        "80",
        "less than 1",
    ),
    "two heterogeneity priors": (
        ("    tau: half", "    tau_squared: log_normal(-2.56, 1.74)\n    tau: half"),
        "  default:",
        "prior_sets.default",
        "both",
        "one of `tau` and `tau_squared`",
    ),
    "no heterogeneity prior": (
        ("    tau: half_normal(0.5)\n", ""),
        "  default:",
        "prior_sets.default",
        "neither",
        "one of `tau` and `tau_squared`",
    ),
    "negative heterogeneity": (
        ("tau: half_normal(0.5)", "tau: normal(0, 0.5)"),
        "    tau:",
        "prior_sets.default.tau",
        "normal(0, 0.5)",
        "half_normal(…) or inverse_gamma(…) or log_normal(…)",
    ),
    "effect of one sign": (
        ("    mu: normal(0, 1)", "    mu: half_normal(1)"),
        "    mu:",
        "prior_sets.default.mu",
        "half_normal(1)",
        "normal(…) or student_t(…)",
    ),
    "prior that is code": (
        ("half_normal(0.5)", "__import__('os').system('x')"),
        "    tau:",
        "prior_sets.default.tau",
        "\"__import__('os').system('x')\"",
        "normal(location, scale), student_t(degrees, location, scale), half_normal(scale)",
    ),
    "prior that is a number": (
        ("tau: half_normal(0.5)", "tau: 0.5"),
        "    tau:",
        "prior_sets.default.tau",
        "0.5",
        "half_normal(scale)",
    ),
    "baseline of another family": (
        ("findings: normal(-1, 0.5)", "findings: student_t(4, -1, 0.5)"),
        "findings: student_t",
        "outcomes.relapse.baseline.findings",
        "student_t(4, -1, 0.5)",
        "normal(…)",
    ),
    "single level": (
        ("      quasi_experimental: Quasi-experimental\n", ""),
        "    levels:",
        "moderators.design.levels",
        "fewer than 2",
        "2 or more levels",
    ),
    "numeric without scale": (
        ("    kind: categorical\n", "    kind: numeric\n    centre: 3\n"),
        "  design:\n    label: Study design",
        "moderators.design",
        "no centre or per",
        "both `centre`, `per`",
    ),
    "neither lower nor higher": (
        ("better: lower", "better: less"),
        "better: less",
        "outcomes.relapse.better",
        "'less'",
        "one of lower, higher",
    ),
    "threshold in quotes": (
        ("{value: 0.3,", '{value: "0.3",'),
        "e_bfmi_at_least:",
        "checks.e_bfmi_at_least.value",
        "'0.3'",
        "a number such as 0.5",
    ),
    "unknown consequence": (
        ("{value: 0.3, consequence: stop,", "{value: 0.3, consequence: halt,"),
        "e_bfmi_at_least:",
        "checks.e_bfmi_at_least.consequence",
        "'halt'",
        "one of stop, warn",
    ),
    "reason left out": (
        ("{value: 0.3, consequence: stop, reason: As usual.}", "{value: 0.3, consequence: stop}"),
        "e_bfmi_at_least:",
        "checks.e_bfmi_at_least.reason",
        "nothing",
        "this field is required",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told(tmp_path: Path, mistake: str):
    change, at, field, found, allowed = MISTAKES[mistake]
    with pytest.raises(ReviewError) as refused:
        read(tmp_path, change)
    [problem] = refused.value.problems
    assert (problem.field, problem.found) == (field, found)
    assert allowed in problem.allowed
    assert problem.line == line_of(replaced(TEXT, change), at)


def test_specification_holds_coding_and_priors(tmp_path: Path):
    specification = read(tmp_path).specifications()["design"]
    assert specification.priors.mu == Prior("normal", (0.0, 1.0))
    assert specification.priors.spread == Prior("half_normal", (0.5,))
    assert specification.moderators["design"].levels == ["quasi_experimental", "experimental"]


def test_heterogeneity_on_the_variance_is_kept_as_such(tmp_path: Path):
    change = ("tau: half_normal(0.5)", "tau_squared: log_normal(-2.56, 1.74)")
    priors = read(tmp_path, change).specifications()["overall"].priors
    assert priors.tau is None
    assert priors.spread == priors.tau_squared == Prior("log_normal", (-2.56, 1.74))


@pytest.mark.parametrize(
    ("change", "refitted"),
    [
        (("label: All studies", "label: Every study"), []),
        (("question: Do experiments differ?", "question: Do trials differ?"), []),
        (("label: Study design", "label: Kind of study"), []),
        (("experimental: Experimental", "experimental: A trial"), []),
        (("half_normal(0.5)\n    reason: Invented.", "half_normal(0.5)\n    reason: New."), []),
        (('words: "leans to {direction}"', 'words: "rather {direction}"'), []),
        (("tau: half_normal(0.5)", "tau: half_normal(0.6)"), ["overall", "design"]),
        (("moderators: [design]", "moderators: []"), ["design"]),
    ],
)
def test_words_refit_nothing_and_priors_do(
    tmp_path: Path, change: tuple[str, str], refitted: list[str]
):
    if change[0].startswith("experimental"):
        change = ("      " + change[0], "      " + change[1])
    before = read(tmp_path).specifications()
    after = read(tmp_path, change).specifications()
    assert [name for name in before if before[name] != after[name]] == refitted


def test_order_of_the_levels_refits(tmp_path: Path):
    levels = "      quasi_experimental: Quasi-experimental\n", "      experimental: Experimental\n"
    before = read(tmp_path).specifications()
    after = read(tmp_path, ("".join(levels), "".join(reversed(levels)))).specifications()
    assert [name for name in before if before[name] != after[name]] == ["design"]


def test_specification_survives_json(tmp_path: Path):
    change = ("tau: half_normal(0.5)", "tau: half_normal(0.123456789)")
    [specification, _] = read(tmp_path, change).specifications().values()
    again = type(specification).model_validate(specification.model_dump(mode="json"))
    assert again == specification
    assert again.priors.spread.arguments == (0.123456789,)


def test_assumed_probability_is_the_centre_of_the_prior_of_findings(tmp_path: Path):
    protocol = read(tmp_path, ("findings: normal(-1, 0.5)", "findings: normal(-0.8472979, 0.5)"))
    assert protocol.outcomes["relapse"].baseline.probability == pytest.approx(0.3)


def test_design_is_no_moderator_that_a_record_states(tmp_path: Path):
    latitude = "moderators:\n  latitude: {label: L, kind: numeric, centre: 33, per: 10}\n  design:"
    levels = read(tmp_path, ("moderators:\n  design:", latitude)).moderator_levels()
    assert levels == {"latitude": None}


def test_no_outcome_has_the_name_of_a_file_beside_those_of_outcomes():
    rules = "".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    paths = set(re.findall(r"\{RESULTS\}/([^\"{]*)/([\w{}]+)(\.[\w.]+)\"", rules))
    # Tables of integration, of each outcome and of all.
    [integrated] = re.findall(r"^INTEGRATED = \[(.*)\]", rules, flags=re.M)
    for table in re.findall(r"[\w.]+", integrated):
        name, _, end = f"{table}.csv".partition(".")
        paths |= {("3_models", name, f".{end}"), ("3_models", "{{outcome}}", f".{table}.csv")}
    of_outcomes = {(folder, end) for folder, name, end in paths if name == "{{outcome}}"}
    beside = {name for folder, name, end in paths if (folder, end) in of_outcomes}
    assert beside - {"{{outcome}}"} == set(RESERVED["outcomes"])


def test_results_tell_apart_what_conclusions_are_compared_with(tmp_path: Path):
    moderators, last = "moderators:\n", "      experimental: Experimental\n"
    age = "  age: {label: A, kind: numeric, centre: 40, per: 10}\n"
    changes = (
        (f"{moderators}  design:", f"{moderators}{age}  design:"),
        (last, f"{last}    unknown: own_level\n"),
        ("moderators: [design]", "moderators: [age, design]"),
    )
    assert read(tmp_path, *changes).result_names() == [
        "{model: overall}",
        "{model: design, setting: age=40}",
        "{model: design, coefficient: age}",
        "{model: design, setting: design=quasi_experimental}",
        "{model: design, setting: design=experimental}",
        "{model: design, setting: design=not_known}",
        "{model: design, coefficient: design=experimental}",
        "{model: design, coefficient: design=not_known}",
    ]


def test_shipped_protocol_is_named_after_its_file(protocol: Protocol):
    assert protocol.review == "second_responder"
    assert list(protocol.outcomes) == ["police_recorded", "victim_reported", "service_use"]


@pytest.mark.parametrize(
    ("label", "per", "unit", "unit_one", "step", "amounts"),
    [
        (
            "Latitude",
            10,
            "degrees",
            "degree",
            "latitude, per 10 degrees",
            ("1 degree", "33 degrees"),
        ),
        (
            *("Sessions each week", 1, "sessions", "session"),
            *("sessions each week, per session", ("1 session", "33 sessions")),
        ),
        ("BMI", 5, None, None, "BMI, per 5", ("1", "33")),
        ("Dose", 2, "pills", None, "dose, per 2 pills", ("1 (pills)", "33 pills")),
    ],
)
def test_numbers_of_a_moderator_have_their_unit(label, per, unit, unit_one, step, amounts):
    moderator = Moderator(
        label=label, kind="numeric", centre=2, per=per, unit=unit, unit_one=unit_one
    )
    assert moderator.step == step
    assert (moderator.amount(1), moderator.amount(33)) == amounts


def test_words_for_less_follow_the_measure_unless_the_protocol_has_them(protocol: Protocol):
    outcome = protocol.outcomes["police_recorded"]
    assert outcome.sides == {"less": "less", "more": "more"}
    fewer = outcome.model_copy(update={"less": "fewer"})
    assert fewer.sides == fewer.sides_alone == {"less": "fewer", "more": "more"}
    mean = outcome.model_copy(update={"measure": "mean_difference"})
    assert mean.sides == {"less": "lower", "more": "higher"}
    assert mean.sides_alone == {"less": "a lower value", "more": "a higher value"}
