"""Arrays of points."""

import pytest

from rundetails.facts import Points


def test_arrays_of_different_lengths_are_refused():
    points = Points.of([(1, 2.0, 3.0)])
    with pytest.raises(ValueError, match="one length"):
        Points(points.step, points.time, points.value[:0])


def test_rows_make_columns():
    points = Points.of((step, step + 0.5, -step) for step in range(3))
    assert points.step.tolist() == [0, 1, 2]
    assert points.time.tolist() == [0.5, 1.5, 2.5]
    assert points.value.tolist() == [0.0, -1.0, -2.0]


def test_parts_are_joined_in_order():
    one, other = Points.of([(1, 1.0, 1.0)]), Points.of([(0, 0.0, 0.0)])
    assert Points.joined([one, Points.empty(), other]).step.tolist() == [1, 0]
    assert len(Points.joined([])) == 0


def test_some_can_be_taken():
    points = Points.of((step, 0.0, float(step)) for step in range(5))
    assert points.take(points.value > 2).step.tolist() == [3, 4]
    assert points.take(slice(1, 3)).step.tolist() == [1, 2]


def test_steps_beyond_what_a_float_holds_stay_exact():
    assert Points.of([(2**53 + 1, 0.0, 0.0)]).step.tolist() == [2**53 + 1]
