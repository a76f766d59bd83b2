"""Every mistake in a record is told with its file, line, field, value, and what is allowed."""

from pathlib import Path

import pytest
from conftest import DISPUTED, ESTIMATE, FINDING, OF_EFFECT, PERCENTAGES, TEST, Folder, line_of

from livingreview.records.reading import checked_studies, record_files

EFFECT = "effects[0]"
COUNTS = "effects[0].evidence[0]"
SECOND = "effects[0].evidence[1]"
AGAIN = """\
  - id: second
    outcome: death
    measure: Deaths
    follow_up_months: 12
    treated: visit
    control: usual
    evidence:
"""

SIZES_AGAIN = """\
          - name: observed # again
            basis: reported
            total: 272
            source:
              url: https://example.org/alpha
              locator: page 3
              kind: abstract
"""
CLUSTERS = """\
        clusters:
          icc: 0.02
          average_size: 30
"""

# what is replaced, by what, where the line is found, field, found, allowed
MISTAKES = {
    "unknown key, near miss": (
        ("    assigned: 123", "    asigned: 123"),
        "asigned: 123",
        "arms[0].asigned",
        "unknown field 'asigned'",
        "did you mean `assigned`? one of assigned, id, label",
    ),
    "unknown key inside evidence": (
        ("      - kind: counts\n", "      - kind: counts\n        notes: Guessed.\n"),
        "notes:",
        f"{COUNTS}.notes",
        "unknown field 'notes'",
        "did you mean `note`? one of arms, clusters, confirmed, kind, note, source",
    ),
    "wrong type": (
        ("year: 2001", "year: soon"),
        "year:",
        "citation.year",
        "'soon'",
        "a whole number",
    ),
    "number in quotes": (
        ("year: 2001", 'year: "2001"'),
        "year:",
        "citation.year",
        "'2001'",
        "without quotes",
    ),
    "half a person": (
        ("events: 4", "events: 4.5"),
        "events: 4",
        f"{COUNTS}.arms[0].events",
        "4.5",
        "a whole number such as 12",
    ),
    "octal": (
        ("events: 4", "events: 010"),
        "events: 010",
        f"{COUNTS}.arms[0].events",
        "'010'",
        "a whole number such as 12",
    ),
    "base sixty": (
        ("total: 139", "total: 1:30"),
        "total: 1:30",
        f"{COUNTS}.arms[1].total",
        "'1:30'",
        "a whole number such as 12",
    ),
    "list for text": (
        ("label: Visited", "label: [Visited]"),
        "label: [Visited]",
        "arms[0].label",
        "a list",
        "a text",
    ),
    "unknown outcome": (
        ("outcome: disease", "outcome: diseases"),
        "outcome:",
        f"{EFFECT}.outcome",
        "'diseases'",
        "one of disease, death",
    ),
    "unknown level": (
        ("setting: town", "setting: city"),
        "setting:",
        "moderators.setting",
        "'city'",
        "one of town, village, or null when not known",
    ),
    "text for a numeric moderator": (
        ("latitude: 44", "latitude: north"),
        "latitude:",
        "moderators.latitude",
        "'north'",
        "a number such as 0.5, or null when not known",
    ),
    "unknown moderator": (
        ("latitude: 44", "latitude: 44\n  size: 3"),
        "size: 3",
        "moderators.size",
        "'size'",
        "one of setting, latitude",
    ),
    "moderator left out": (
        ("  latitude: 44\n", ""),
        "moderators:",
        "moderators.latitude",
        "nothing",
        "a value, or null when not known",
    ),
    "unknown domain": (
        ("  allocation:", "  blinding:"),
        "blinding:",
        "risk_of_bias.blinding",
        "'blinding'",
        "one of allocation",
    ),
    "more events than people": (
        ("events: 11", "events: 140"),
        "events: 140",
        f"{COUNTS}.arms[1].events",
        "140",
        "at most the total, 139",
    ),
    "negative events": (
        ("events: 4", "events: -4"),
        "events: -4",
        f"{COUNTS}.arms[0].events",
        "-4",
        "greater than or equal to 0",
    ),
    "empty arm": (
        ("total: 139", "total: 0"),
        "total: 0",
        f"{COUNTS}.arms[1].total",
        "0",
        "greater than or equal to 1",
    ),
    "negative assigned": (
        ("assigned: 123", "assigned: -1"),
        "assigned:",
        "arms[0].assigned",
        "-1",
        "greater than or equal to 1",
    ),
    "arm counted twice": (
        ("arm: usual", "arm: visit"),
        "        arms:",
        f"{COUNTS}.arms",
        "visit, visit",
        "one entry for visit and one for usual",
    ),
    "treated is control": (
        ("control: usual", "control: visit"),
        "control:",
        f"{EFFECT}.control",
        "visit",
        "an arm other than `treated`",
    ),
    "arm that is not listed": (
        ("  - id: usual", "  - id: other"),
        "control: usual",
        f"{EFFECT}.control",
        "usual",
        "visit, other",
    ),
    "arm listed twice": (
        ("label: Visited", "label: Visited\n  - id: visit\n    label: Again"),
        "  - id: visit\n    label: Again",
        "arms[1].id",
        "visit",
        "an id not used before",
    ),
    "missing source": (
        (
            "        source:\n          url: https://example.org/alpha\n"
            "          locator: table 1\n          kind: full text\n",
            "",
        ),
        "      - kind: counts",
        f"{COUNTS}.source",
        "nothing",
        "this field is required",
    ),
    "missing required field": (
        ("    measure: Cases within a year\n", ""),
        "  - id: first",
        f"{EFFECT}.measure",
        "nothing",
        "this field is required",
    ),
    "link that is none": (
        (
            "          url: https://example.org/alpha\n          locator: table 1",
            "          url: page 4\n          locator: table 1",
        ),
        "url: page 4",
        f"{COUNTS}.source.url",
        "'page 4'",
        "an address that starts with http://, https:// or doi:",
    ),
    "bad kind of evidence": (
        ("- kind: counts", "- kind: count"),
        "- kind: count",
        COUNTS,
        "kind 'count'",
        "did you mean `counts`? one of counts, rates, percentages, ",
    ),
    "no kind of evidence": (
        ("      - kind: counts\n        arms:", "      - arms:"),
        "      - arms:",
        COUNTS,
        "no `kind`",
        "a mapping with a `kind`",
    ),
    "status against content": (
        ("status: extracted", "status: to_screen\nreason: Not sure."),
        "status: to_screen",
        "status",
        "to_screen",
        "`extracted`",
    ),
    "id not the file name": (
        ("study_id: alpha_2001", "study_id: alfa_2001"),
        "study_id:",
        "study_id",
        "'alfa_2001'",
        "`alpha_2001`, the name of the file",
    ),
    "id of another type": (
        ("study_id: alpha_2001", "study_id: [alpha]"),
        "study_id:",
        "study_id",
        "a list",
        "a text",
    ),
    "hopeless follow-up": (
        ("follow_up_months: 12", "follow_up_months: -1"),
        "follow_up_months:",
        f"{EFFECT}.follow_up_months",
        "-1",
        "greater than or equal to 0",
    ),
}

# In a moderator that sources contradict, and in one of an effect.
MISTAKES_IN_MODERATORS = {
    "alternative that is no level": (
        ("- value: village", "- value: vilage"),
        "- value: vilage",
        "moderators.setting.alternatives[0].value",
        "'vilage'",
        "did you mean `village`? one of town, village, or null when not known",
    ),
    "value to analyse that is no level": (
        ("value: town", "value: city"),
        "value: city",
        "moderators.setting.value",
        "'city'",
        "one of town, village",
    ),
    "alternative that is the value": (
        ("- value: village", "- value: town"),
        "- value: town",
        "moderators.setting.alternatives[0].value",
        "town",
        "a value not given before",
    ),
    "alternative without a source": (
        (
            "        source:\n          url: https://example.org/beta\n"
            "          locator: page 7\n          kind: secondary summary\n",
            "",
        ),
        "      - value: village",
        "moderators.setting.alternatives[0].source",
        "nothing",
        "this field is required",
    ),
    "unknown key in a disputed moderator": (
        ("    note: As the", "    notes: As the"),
        "notes: As the",
        "moderators.setting.notes",
        "unknown field 'notes'",
        "did you mean `note`? one of alternatives, note, source, value",
    ),
    "effect's moderator that the protocol lacks": (
        ("      latitude: 51", "      height: 51"),
        "height: 51",
        "effects[0].moderators.height",
        "'height'",
        "one of setting, latitude",
    ),
    "effect's moderator of another type": (
        ("      latitude: 51", "      latitude: north"),
        "latitude: north",
        "effects[0].moderators.latitude",
        "'north'",
        "a number such as 0.5, or null when not known",
    ),
}

MISTAKES_IN_MORE = {
    "interval in the wrong order": (
        ESTIMATE,
        ("[0.12, 1.26]", "[1.26, 0.12]"),
        "interval:",
        f"{SECOND}.interval",
        "[1.26, 0.12]",
        "[low, high] with low below high",
    ),
    "interval beside its value": (
        ESTIMATE,
        ("[0.12, 1.26]", "[0.4, 1.26]"),
        "interval:",
        f"{SECOND}.interval",
        "[0.4, 1.26]",
        "an interval around the value 0.39",
    ),
    "negative ratio": (
        ESTIMATE,
        ("value: 0.39", "value: -0.39"),
        "value: -0.39",
        f"{SECOND}.value",
        "-0.39",
        "a ratio above 0",
    ),
    "infinite ratio": (
        ESTIMATE,
        ("value: 0.39", "value: .inf"),
        "value: .inf",
        f"{SECOND}.value",
        "'.inf'",
        "a number such as 0.5",
    ),
    "p of zero": (
        ESTIMATE,
        ("p_value: 0.12", "p_value: 0"),
        "p_value:",
        f"{SECOND}.p_value",
        "0",
        "greater than 0",
    ),
    "significant without direction": (
        FINDING,
        (
            "direction: decrease\n        significance: not_significant",
            "direction: none\n        significance: significant",
        ),
        "direction: none",
        f"{SECOND}.direction",
        "none",
        "increase, decrease or unclear",
    ),
    "unknown direction": (
        FINDING,
        ("direction: decrease", "direction: down"),
        "direction: down",
        f"{SECOND}.direction",
        "'down'",
        "one of increase, decrease, none, unclear",
    ),
    "zero group": (
        FINDING,
        ("treated: 130", "treated: 0"),
        "treated: 0",
        f"{SECOND}.sizes[0].treated",
        "0",
        "greater than or equal to 1",
    ),
    "total that is not the sum": (
        FINDING,
        ("control: 142", "control: 142\n            total: 270"),
        "total: 270",
        f"{SECOND}.sizes[0].total",
        "270",
        "272, the sum of the two groups",
    ),
    "one group without the total": (
        FINDING,
        ("            control: 142\n", ""),
        "- name: observed",
        f"{SECOND}.sizes[0]",
        "neither",
        "`treated` and `control`, or `total`",
    ),
    "sizes named twice": (
        FINDING,
        (
            "            control: 142\n",
            "            control: 142\n            source:\n              url: doi:1\n"
            "              locator: page 3\n              kind: abstract\n"
            "          - name: observed # again\n            basis: reported\n"
            "            total: 272\n",
        ),
        "- name: observed # again",
        f"{SECOND}.sizes[1].name",
        "observed",
        "a name not used before",
    ),
    "p value above 1": (
        TEST,
        ("value: 0.03", "value: 1.03"),
        "value: 1.03",
        f"{SECOND}.value",
        "1.03",
        "a p value between 0 and 1",
    ),
    "more decimals than were printed": (
        PERCENTAGES,
        ("percent: 3.25", "percent: 3.257"),
        "decimals: 2 # here",
        f"{SECOND}.arms[0].decimals",
        "2",
        "at least 3, the decimals of 3.257",
    ),
    "group larger than the total": (
        FINDING,
        ("control: 142", "total: 130"),
        "treated: 130",
        f"{SECOND}.sizes[0].treated",
        "130",
        "below the total, 130",
    ),
}


def test_the_unspoilt_record_is_accepted(folder: Folder):
    folder.write(more=[ESTIMATE, FINDING, AGAIN, FINDING])
    [(_, study)] = folder.read()
    assert study.effects[0].evidence[0].arms[1].events == 11
    assert [piece.kind for piece in study.effects[0].evidence] == ["counts", "estimate", "finding"]


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_told(folder: Folder, mistake: str):
    change, at, field, found, allowed = MISTAKES[mistake]
    _assert_told(folder, folder.write(change), at, field, found, allowed)


@pytest.mark.parametrize("mistake", MISTAKES_IN_MORE)
def test_mistake_in_other_evidence_is_told(folder: Folder, mistake: str):
    more, change, at, field, found, allowed = MISTAKES_IN_MORE[mistake]
    _assert_told(folder, folder.write(change, more=[more]), at, field, found, allowed)


@pytest.mark.parametrize("mistake", MISTAKES_IN_MODERATORS)
def test_mistake_in_a_moderator_is_told(folder: Folder, mistake: str):
    change, at, field, found, allowed = MISTAKES_IN_MODERATORS[mistake]
    changes = [("setting: town\n", DISPUTED), ("follow_up_months: 12\n", OF_EFFECT)]
    _assert_told(folder, folder.write(*changes, change), at, field, found, allowed)


def _assert_told(folder: Folder, text: str, at: str, field: str, found: str, allowed: str) -> None:
    [problem] = folder.problems()
    assert problem.file == str(folder.path / "alpha_2001.yaml")
    assert (problem.field, problem.found) == (field, found)
    assert allowed in problem.allowed
    assert problem.line == line_of(text, at)


def test_one_slip_in_the_status_gives_one_message(folder: Folder):
    text = folder.write(("status: extracted", "status: extractd"))
    [problem] = folder.problems()
    assert (problem.line, problem.field) == (line_of(text, "status:"), "status")
    assert problem.found == "'extractd'"
    assert problem.allowed.startswith("did you mean `extracted`? one of extracted, awaiting_data")


@pytest.mark.parametrize(
    ("change", "field", "allowed"),
    [
        (("control: usual", "control: nobody"), "effects[0].control", "one of visit, usual"),
        (("id: visit", "id: Visit"), "arms[0].id", "did you mean `visit`? a name"),
        (("outcome: disease", "outcome: Disease"), "effects[0].outcome", "one of disease, death"),
        (("setting: town", "setting: [town]"), "moderators.setting", "one of town, village"),
        (("latitude: 44", "latitude: yes"), "moderators.latitude", "a number such as 0.5, or null"),
        (("events: 4", "events: 4000000000"), f"{COUNTS}.arms[0].events", "less than or equal to"),
    ],
)
def test_one_slip_gives_one_message(
    folder: Folder, change: tuple[str, str], field: str, allowed: str
):
    folder.write(change)
    [problem] = folder.problems()
    assert problem.field == field
    assert allowed in problem.allowed


def test_members_of_a_union_are_told_together(folder: Folder, tmp_path: Path):
    folder.write(("setting: town", "setting: [town]"))
    _, [problem] = checked_studies(folder.path.glob("*.yaml"), None)
    assert problem.field == "moderators.setting"
    assert problem.allowed == "a number such as 0.5 or a text"


def test_excluded_record_needs_a_reason_and_no_effects(folder: Folder):
    folder.write(("status: extracted", "status: excluded"))
    assert [(p.field, p.found, p.allowed) for p in folder.problems()] == [
        ("reason", "nothing", "why it is `excluded`"),
        ("status", "excluded", "`extracted`, as effects are given"),
    ]


def test_a_wrong_status_is_told_beside_a_broken_effect(folder: Folder):
    folder.write(("status: extracted", "status: excluded"), ("events: 4\n", "events: four\n"))
    folder.write(("control: usual", "control: visit"), name="beta_2002")
    assert [(p.field, p.found) for p in folder.problems()] == [
        ("reason", "nothing"),
        ("status", "excluded"),
        (f"{COUNTS}.arms[0].events", "'four'"),
        (f"{EFFECT}.control", "visit"),
    ]


def test_contradictions_at_every_level_and_a_broken_field_come_at_once(folder: Folder):
    again = FINDING.replace(
        "        source:\n          url",
        SIZES_AGAIN + "        source:\n          url",
    )
    text = folder.write(
        ("events: 4\n", "events: 400\n"),  # within an arm
        ("events: 11", "events: eleven"),  # a field of the same piece, broken
        ("label: Visited", "label: Visited\n  - id: visit\n    label: Again"),  # of the study
        ("control: usual", "control: nobody"),  # of the effect
        more=[again],  # of another piece
    )
    told = [(p.line, p.field, p.found) for p in folder.problems()]
    first, second = COUNTS, SECOND
    assert told == [
        (line_of(text, "  - id: visit\n    label: Again"), "arms[1].id", "visit"),
        (line_of(text, "control: nobody"), f"{EFFECT}.control", "nobody"),
        (line_of(text, "events: 400"), f"{first}.arms[0].events", "400"),
        (line_of(text, "events: eleven"), f"{first}.arms[1].events", "'eleven'"),
        (line_of(text, "- name: observed # again"), f"{second}.sizes[1].name", "observed"),
    ]


def test_assumed_intracluster_correlation_needs_a_note(folder: Folder):
    clustered = ("Random assignment.", "Random assignment.\n  clustered: true")
    folder.write(clustered, more=[FINDING + CLUSTERS])
    [problem] = folder.problems()
    assert (problem.field, problem.found) == (f"{SECOND}.clusters.note", "nothing")
    assert problem.allowed == "a note on why `icc` is assumed, or its source"
    noted = FINDING + CLUSTERS + "          note: As in similar towns.\n"
    folder.write(clustered, more=[noted])
    [(_, study)] = folder.read()
    assert study.effects[0].evidence[1].clusters.icc == 0.02


def test_a_third_arm_may_stand_in_the_same_table_of_counts(folder: Folder):
    third = "          - arm: letter\n            events: 7\n            total: 120\n"
    arms = ("          - arm: usual\n", third + "          - arm: usual\n")
    folder.write(arms)
    [problem] = folder.problems()
    assert (problem.field, problem.found) == (f"{COUNTS}.arms[1].arm", "letter")
    assert problem.allowed == "one of visit, usual"
    folder.write(arms, ("  - id: usual\n", "  - id: letter\n    label: Letter\n  - id: usual\n"))
    assert len(folder.read()) == 1


def test_repeated_effect_id_is_told(folder: Folder):
    text = folder.write(("- id: second", "- id: first #"), more=[AGAIN, FINDING])
    _assert_told(folder, text, "- id: first #", "effects[1].id", "first", "an id not used before")


def test_duplicate_study_id_names_the_other_file(folder: Folder):
    folder.write()
    folder.write(("study_id: beta_2002", "study_id: alpha_2001"), name="beta_2002")
    [problem] = folder.problems()
    assert problem.file == str(folder.path / "beta_2002.yaml")
    assert (problem.line, problem.field, problem.found) == (1, "study_id", "'alpha_2001'")
    other = folder.path / "alpha_2001.yaml"
    assert problem.allowed == f"`beta_2002`, the name of the file ({other} has this id)"


def test_files_without_an_id_are_not_called_duplicates(folder: Folder):
    for name in ("alpha_2001", "beta_2002"):
        folder.write((f"study_id: {name}\n", ""), name=name)
    assert [(p.field, p.found) for p in folder.problems()] == [("study_id", "nothing")] * 2


def test_all_mistakes_of_all_files_come_at_once(folder: Folder):
    alpha = folder.write(("year: 2001", "year: soon"), ("outcome: disease", "outcome: diseases"))
    beta = folder.write(("events: 11", "events: 140"), name="beta_2002")
    (folder.path / "gamma_2003.yaml").write_text("\tstudy_id: gamma_2003\n")
    told = [(p.file.rsplit("/")[-1], p.line, p.field) for p in folder.problems()]
    assert told == [
        ("alpha_2001.yaml", line_of(alpha, "year: soon"), "citation.year"),
        ("alpha_2001.yaml", line_of(alpha, "outcome: diseases"), "effects[0].outcome"),
        ("beta_2002.yaml", line_of(beta, "events: 140"), "effects[0].evidence[0].arms[1].events"),
        ("gamma_2003.yaml", 1, ""),
    ]


def test_records_come_in_the_order_of_their_ids(folder: Folder):
    for name in ("beta_2002", "alpha_2001"):
        folder.write(name=name)
    assert [study.study_id for _, study in folder.read()] == ["alpha_2001", "beta_2002"]


@pytest.mark.parametrize(
    "name", ["beta.yml", "beta.YAML", "beta.yaml.txt", "more/beta.yaml", "{x}.yaml", "Beta.yaml"]
)
def test_a_record_that_would_be_passed_over_is_told(tmp_path: Path, name: str):
    studies = tmp_path / "studies"
    (studies / name).parent.mkdir(parents=True)
    (studies / "alpha.yaml").touch()
    (studies / name).touch()
    records, [problem] = record_files(studies)
    assert studies / "alpha.yaml" in records
    assert problem.file == str(studies / name)
    assert problem.allowed.startswith(f"{studies}/<study_id>.yaml")


def test_what_an_editor_or_a_system_left_may_lie_beside(tmp_path: Path):
    for name in (
        "alpha.yaml",
        ".beta.yaml.swp",
        "beta.yaml~",
        ".DS_Store",
        "Thumbs.db",
        "~$b.docx",
    ):
        (tmp_path / name).touch()
    assert record_files(tmp_path) == ([tmp_path / "alpha.yaml"], [])


@pytest.mark.parametrize("name", ["beta.txt", "beta.json", "beta", "more/scan.pdf"])
def test_a_file_that_is_not_read_is_told(tmp_path: Path, name: str):
    (tmp_path / "alpha.yaml").touch()
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    records, [problem] = record_files(tmp_path)
    assert records == [tmp_path / "alpha.yaml"]
    assert (problem.file, problem.found) == (str(tmp_path / name), "a file that is not read")
    assert problem.allowed.startswith("records alone")


@pytest.mark.parametrize("make", ["nothing", "mkdir", "touch"])
def test_a_review_without_records_is_told(tmp_path: Path, make: str):
    studies = tmp_path / "studies"
    if make != "nothing":
        getattr(studies, make)()
    records, [problem] = record_files(studies)
    assert (records, problem.found) == ([], "no record")
