"""A coefficient means what its label says."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.refusal import Refusal
from livingreview.effects.specification import included_terms
from livingreview.protocol.moderators import Coding
from livingreview.synthesis.moderator_verdicts import sides
from livingreview.tables.effects import StudyModerators

PLACE = Coding(kind="categorical", levels=["town", "village", "coast"])
LATITUDE = Coding(kind="numeric", centre=40.0, per=10.0)
DESIGN = Coding(kind="categorical", levels=["observed", "assigned"])


def studies(**moderators: list) -> pd.DataFrame:
    count = len(next(iter(moderators.values()), [1, 2]))
    columns = {f"moderator_{name}": values for name, values in moderators.items()}
    return pd.DataFrame({"study_id": [f"s{i}" for i in range(count)], **columns}, dtype=object)


def test_coefficient_is_a_level_against_the_first():
    matrix = design_matrix(studies(place=["village", "town", "coast", "town"]), {"place": PLACE})
    assert matrix.coefficients == ("place=village", "place=coast")
    assert matrix.columns.tolist() == [[1, 0], [0, 0], [0, 1], [0, 0]]
    assert matrix.studies == ("s0", "s1", "s2", "s3")


def test_each_setting_has_the_columns_of_its_studies():
    matrix = design_matrix(studies(place=["village", "town", "coast", "town"]), {"place": PLACE})
    assert matrix.settings == ("place=town", "place=village", "place=coast")
    assert matrix.setting_columns.tolist() == [[0, 0], [1, 0], [0, 1]]
    assert matrix.setting_studies == (2, 1, 1)


def test_reference_is_the_first_level_that_a_study_has():
    matrix = design_matrix(studies(place=["coast", "village"]), {"place": PLACE})
    assert matrix.coefficients == ("place=coast",)
    assert matrix.settings == ("place=village", "place=coast")
    assert matrix.columns.tolist() == [[1], [0]]


@pytest.mark.parametrize("latitude", [[44, 13, 40], ["44", "13", "40.0"]])
def test_numeric_moderator_is_centred_and_per_unit(latitude: list):
    matrix = design_matrix(studies(latitude=latitude), {"latitude": LATITUDE})
    assert matrix.coefficients == ("latitude",)
    assert matrix.columns[:, 0].tolist() == pytest.approx([0.4, -2.7, 0.0])
    assert matrix.settings == ("latitude=40",)
    assert matrix.setting_columns.tolist() == [[0]]
    assert matrix.setting_studies == (3,)


@pytest.mark.parametrize("unknown", [None, float("nan")])
@pytest.mark.parametrize(
    ("coding", "known"), [(PLACE, ["town", "village"]), (LATITUDE, [44.0, 13.0])]
)
def test_unknown_value_leaves_a_study_out(coding: Coding, known: list, unknown: object):
    matrix = design_matrix(studies(m=[known[0], unknown, known[1]]), {"m": coding})
    assert matrix.included.tolist() == [True, False, True]
    assert matrix.columns[1].tolist() == [0]
    assert sum(matrix.setting_studies) == 2


def test_study_needs_every_moderator_of_the_model():
    table = studies(
        place=["town", "village", None, "town"], design=["observed", "assigned", "observed", None]
    )
    matrix = design_matrix(table, {"place": PLACE, "design": DESIGN})
    assert matrix.included.tolist() == [True, True, False, False]
    assert matrix.coefficients == ("place=village", "design=assigned")
    assert matrix.columns.tolist() == [[0, 0], [1, 1], [0, 0], [0, 0]]


def test_level_that_only_left_out_studies_have_gets_no_column():
    table = studies(place=["town", "village", "coast"], design=["observed", "assigned", None])
    matrix = design_matrix(table, {"place": PLACE, "design": DESIGN})
    assert matrix.coefficients == ("place=village", "design=assigned")


@pytest.mark.parametrize(
    ("coding", "values", "known"),
    [
        (PLACE, ["town", "town", None], 2),
        (PLACE, [None, None], 0),
        (LATITUDE, [44, 44, None], 2),
        (LATITUDE, [None, None], 0),
    ],
)
def test_studies_that_do_not_differ_are_refused(coding: Coding, values: list, known: int):
    with pytest.raises(Refusal, match=f"^all {known} studies with a known value are alike in m$"):
        design_matrix(studies(m=values), {"m": coding})


def test_without_moderators_there_is_one_setting_and_no_column():
    matrix = design_matrix(studies(), {})
    assert (matrix.settings, matrix.setting_studies) == (("all_studies",), (2,))
    assert matrix.columns.shape == (2, 0)
    assert matrix.setting_columns.shape == (1, 0)


def test_effects_of_a_study_that_differ_have_rows_of_their_own():
    table = studies(place=["town", "village", "town", None])
    table["study_id"] = ["s0", "s1", "s1", "s1"]
    table["effect_id"] = [None, "s1/a", "s1/b", "s1/c"]
    matrix = design_matrix(table, {"place": PLACE})
    assert matrix.columns.tolist() == [[0], [1], [0], [0]]
    assert matrix.included.tolist() == [True, True, True, False]
    # Each setting counts studies, and one study may be in two.
    assert dict(zip(matrix.settings, matrix.setting_studies, strict=True)) == {
        "place=town": 2,
        "place=village": 1,
    }
    effects = matrix.of_effects(["s1", "s0", "s0", "s1"], ["s1/b", "s0/x", "s0/y", "s1/a"])
    assert effects.columns.tolist() == [[0], [0], [0], [1]]
    assert matrix.of_studies(["s0"]).columns.tolist() == [[0]]
    with pytest.raises(Refusal, match="moderators differ within s1; sampled only"):
        matrix.of_studies(["s0", "s1"])


def test_studies_above_a_mean_are_counted_once_each():
    table = studies(latitude=[10, 20, 50, 60])
    table["study_id"] = ["s0", "s1", "s2", "s2"]
    table["effect_id"] = [None, None, "s2/a", "s2/b"]
    matrix = design_matrix(table, {"latitude": LATITUDE})
    assert matrix.setting_studies == (3,)
    assert sides(matrix, 0) == (1, 2)


VALUES = {"status": "analysed", "moderator": "place"}


def selected(values: list[dict]) -> list[dict]:
    carried = studies(place=["town", "village"])
    terms = pd.DataFrame(
        {"study_id": ["s0", "s0", "s0", "s1"], "effect_id": [None, "s0/a", "s0/b", "s1/a"]}
    )
    own = pd.DataFrame(values, columns=["effect_id", "value", "status", "moderator"])
    table = StudyModerators.validate(StudyModerators.select(carried, terms, own, {"s1"}))
    assert table["at_high_risk"].tolist() == (table["study_id"] == "s1").tolist()
    return table.drop(columns="at_high_risk").to_dict("records")


def test_moderators_are_of_studies_unless_their_effects_differ():
    plain = [
        {"study_id": "s0", "moderator_place": "town"},
        {"study_id": "s1", "moderator_place": "village"},
    ]
    assert selected([]) == plain
    alternative = {"effect_id": "s0/a", "value": "coast", "moderator": "place"}
    assert selected([alternative | {"status": "alternative"}]) == plain
    # The only effect of a study stands for it, and so do all that are alike.
    assert selected([VALUES | {"effect_id": "s1/a", "value": "coast"}]) == [
        plain[0],
        {"study_id": "s1", "moderator_place": "coast"},
    ]
    first, second, other = selected([VALUES | {"effect_id": "s0/b", "value": "coast"}])
    assert (first["effect_id"], first["moderator_place"]) == ("s0/a", "town")
    assert (second["effect_id"], second["moderator_place"]) == ("s0/b", "coast")
    assert pd.isna(other["effect_id"]) and other["moderator_place"] == "village"


def test_terms_of_some_effects_bring_the_control_arms_that_they_need():
    table = studies(place=["town", "village", None])
    table["study_id"] = ["s0", "s1", "s1"]
    table["effect_id"] = [None, "s1/a", "s1/b"]
    matrix = design_matrix(table, {"place": PLACE})
    terms = pd.DataFrame(
        [
            ("s0", "s0/a", None),
            ("s1", None, "shared"),
            ("s1", "s1/a", "shared"),
            ("s1", None, "own"),
            ("s1", "s1/b", "own"),
        ],
        columns=["study_id", "effect_id", "baseline_id"],
    )
    assert included_terms(terms, matrix).index.tolist() == [0, 1, 2]


def test_effects_that_are_alike_in_a_moderator_are_one_row_of_their_study():
    studies = pd.DataFrame({"study_id": ["a", "b"], "moderator_x": [1.0, 3.0]})
    coding = Coding(kind="numeric", centre=0.0, per=1.0)
    design = design_matrix(studies, {"x": coding})
    of_effects = design.of_effects(["a", "a", "b"], ["a/0", "a/1", "b/0"])
    of_studies = of_effects.of_studies(["b", "a"])
    assert of_studies.columns.ravel().tolist() == [3.0, 1.0]
    mixed = replace(of_effects, columns=np.array([[1.0], [2.0], [3.0]]))
    with pytest.raises(Refusal, match="moderators differ within a"):
        mixed.of_studies(["a", "b"])
