"""Moderators that the studies cannot tell apart are found, others are not."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from livingreview.protocol.moderators import Coding
from livingreview.synthesis.aliasing import aliasing, condition_indices, partition_distance

TWO = Coding(kind="categorical", levels=["no", "yes"])
NUMBER = Coding(kind="numeric", centre=0.0, per=1.0)


def studies(**moderators: list) -> pd.DataFrame:
    count = len(next(iter(moderators.values())))
    columns = {f"moderator_{name}": values for name, values in moderators.items()}
    return pd.DataFrame({"study_id": [f"s{i}" for i in range(count)], **columns}, dtype=object)


def yes_at(*positions: int, of: int) -> list[str]:
    return ["yes" if i in positions else "no" for i in range(of)]


def test_index_of_two_columns_follows_from_their_angle():
    # Two unit columns with cosine c have singular values sqrt(1 + c) and sqrt(1 - c).
    column = np.array([1.0, 1.0, 1.0, 0.0])
    cosine = np.sqrt(3 / 4)
    expected = np.sqrt((1 + cosine) / (1 - cosine))
    assert condition_indices(column[:, None]) == pytest.approx([expected])


def test_columns_at_right_angles_have_index_one():
    columns = np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    assert condition_indices(columns) == pytest.approx([1, 1])


def test_only_the_columns_of_a_dependency_have_its_index():
    rng = np.random.default_rng(1)
    a, b, c = rng.standard_normal((3, 50))
    columns = np.column_stack([a, b, a + b, c])
    indices = condition_indices(columns)
    assert np.isinf(indices[:3]).all()
    assert indices[3] < 2


def test_two_dependencies_at_once_are_both_found():
    rng = np.random.default_rng(2)
    a, b, c = rng.standard_normal((3, 50))
    assert np.isinf(condition_indices(np.column_stack([a, 2 * a, b, -b, c]))).tolist() == [
        True,
        True,
        True,
        True,
        False,
    ]


def test_more_columns_than_studies_are_never_told_apart():
    rng = np.random.default_rng(3)
    assert np.isinf(condition_indices(rng.standard_normal((3, 4)))).all()


def test_index_does_not_hang_on_the_unit():
    rng = np.random.default_rng(4)
    columns = rng.standard_normal((20, 2)) @ [[1, 0.99], [0, 0.1]]
    assert condition_indices(columns * [1, 1000]) == pytest.approx(condition_indices(columns))


def by_trying(first: pd.Series, second: pd.Series) -> int:
    """Fewest studies to set aside, by trying all sets of them, largest remainder first."""
    levels = list(zip(first, second, strict=True))
    for size in range(len(levels), 1, -1):
        for rest in combinations(levels, size):
            pairs = set(rest)
            sizes = len(pairs), len({a for a, _ in pairs}), len({b for _, b in pairs})
            if len(set(sizes)) == 1 and len(pairs) > 1:
                return len(levels) - size
    raise AssertionError("nothing is left")


def test_studies_that_tell_two_groupings_apart_as_by_trying_all_sets():
    rng = np.random.default_rng(5)
    for _ in range(60):
        first = pd.Series(rng.integers(0, 3, 7))
        second = first.where(rng.random(7) < 0.6, pd.Series(rng.integers(0, 4, 7)))
        if first.nunique() > 1 and second.nunique() > 1:
            assert partition_distance(first, second) == by_trying(first, second)


def test_same_grouping_under_other_names_is_told_apart_by_none():
    assert partition_distance(pd.Series(list("aabbc")), pd.Series(list("zzxxy"))) == 0


def found(table: pd.DataFrame, fewest_apart: int = 2, **codings: Coding) -> dict[str, tuple]:
    result = aliasing(table, codings, limit=10, fewest_apart=fewest_apart)
    return {name: one.aliased_with for name, one in result.items()}


def test_identical_and_nearly_identical_moderators_are_aliased():
    table = studies(
        a=yes_at(0, 1, 2, 3, of=10),
        same=yes_at(4, 5, 6, 7, 8, 9, of=10),
        nearly=yes_at(0, 1, 2, of=10),
        other=yes_at(0, 2, 4, 6, 8, of=10),
    )
    result = found(table, a=TWO, same=TWO, nearly=TWO, other=TWO)
    assert result == {
        "a": ("same", "nearly"),
        "same": ("a", "nearly"),
        "nearly": ("a", "same"),
        "other": (),
    }


def test_two_thin_moderators_of_different_studies_are_not_aliased():
    table = studies(a=yes_at(0, of=10), b=yes_at(1, of=10))
    assert found(table, a=TWO, b=TWO) == {"a": (), "b": ()}


def test_more_studies_asked_to_tell_apart_find_more():
    table = studies(a=yes_at(0, 1, 2, 3, of=8), b=yes_at(0, 1, 2, 4, of=8))
    assert found(table, fewest_apart=2, a=TWO, b=TWO)["a"] == ()
    assert found(table, fewest_apart=3, a=TWO, b=TWO)["a"] == ("b",)


def test_three_moderators_that_make_each_other_up_are_aliased():
    # Each pair differs in half of the studies, but high = a + b.
    a, b = yes_at(0, 1, 2, of=12), yes_at(3, 4, 5, of=12)
    both = yes_at(0, 1, 2, 3, 4, 5, of=12)
    table = studies(a=a, b=b, both=both, far=yes_at(0, 3, 6, 7, 8, of=12))
    result = found(table, a=TWO, b=TWO, both=TWO, far=TWO)
    assert result == {"a": ("b", "both"), "b": ("a", "both"), "both": ("a", "b"), "far": ()}


def test_number_that_follows_a_grouping_is_aliased_with_it():
    groups = ["yes"] * 6 + ["no"] * 6
    rng = np.random.default_rng(6)
    follows = np.where(np.array(groups) == "yes", 5.0, -5.0) + 0.01 * rng.standard_normal(12)
    table = studies(group=groups, follows=list(follows), free=list(rng.standard_normal(12)))
    result = found(table, group=TWO, follows=NUMBER, free=NUMBER)
    assert result == {"group": ("follows",), "follows": ("group",), "free": ()}


def test_moderator_in_which_studies_are_alike_is_left_out():
    table = studies(a=yes_at(0, 1, of=4), alike=["no"] * 4)
    assert found(table, a=TWO, alike=TWO) == {"a": ()}


def test_unknown_values_as_a_level_of_their_own_count_as_a_group():
    own = TWO.model_copy(update={"unknown": "own_level"})
    a = yes_at(0, 1, 2, of=8)
    told = ["yes"] * 3 + [None] * 5
    assert found(studies(a=a, told=told), a=TWO, told=own)["told"] == ("a",)


def test_moderators_known_in_studies_that_do_not_differ_cannot_be_told_apart():
    table = studies(a=yes_at(0, 1, 2, of=8), b=[None] * 3 + ["no", "yes", "no", "yes", "no"])
    assert found(table, a=TWO, b=TWO) == {"a": ("b",), "b": ("a",)}
