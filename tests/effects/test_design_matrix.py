"""A coefficient means what its label says."""

import pandas as pd
import pytest

from livingreview.effects.design_matrix import design_matrix
from livingreview.effects.refusal import Refusal
from livingreview.protocol.moderators import Coding

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
