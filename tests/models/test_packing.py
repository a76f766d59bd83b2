"""Arrays come out of the vector as they went in."""

import numpy as np
import pytest

from livingreview.models.nuts.packing import Layout

ARRAYS = {
    "value": np.array([1.0, 2.0, 3.0]),
    "columns": np.array([[4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),
    "none": np.zeros((2, 0)),
    "error": np.array([10.0]),
}


def test_vector_holds_all_numbers_in_order():
    assert Layout.for_arrays(ARRAYS).packed(ARRAYS).tolist() == list(range(1, 11))


def test_packed_and_unpacked_arrays_are_the_same():
    layout = Layout.for_arrays(ARRAYS)
    unpacked = layout.unpacked(layout.packed(ARRAYS))
    assert list(unpacked) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(unpacked[name], array)


def test_order_of_the_arrays_given_does_not_matter():
    layout = Layout.for_arrays(ARRAYS)
    backwards = dict(reversed(ARRAYS.items()))
    assert layout.packed(backwards).tolist() == layout.packed(ARRAYS).tolist()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"value": np.zeros(4)}, "['value']"),
        ({"columns": np.zeros((3, 2))}, "['columns']"),  # as many numbers, another shape
        ({"extra": np.zeros(1)}, "['extra']"),
    ],
)
def test_arrays_that_do_not_fit_are_refused_by_name(change: dict, named: str):
    with pytest.raises(ValueError) as refused:
        Layout.for_arrays(ARRAYS).packed(ARRAYS | change)
    assert str(refused.value).endswith(named)


def test_missing_array_is_refused_by_name():
    with pytest.raises(ValueError, match=r"\['error'\]"):
        Layout.for_arrays(ARRAYS).packed({k: v for k, v in ARRAYS.items() if k != "error"})
