"""When the next read is due."""

import pytest

from rundetails.monitor import InvalidRefresh, Pace
from rundetails.monitor.schedule import BRIEF, UNSEEN, back_off, next_pause


def test_the_default_is_ten_to_fifteen_seconds():
    assert next_pause(Pace(), 0.0) == 10
    assert next_pause(Pace(), 1.0) == 15


@pytest.mark.parametrize(
    ("refresh", "pace"), [((2, 4), Pace(2, 4)), (5, Pace(5, 5)), (0.5, Pace(0.5, 0.5)), (None, Pace(once=True))]
)
def test_a_pace_is_written_as_a_pair_a_number_or_none(refresh, pace):
    assert Pace.of(refresh) == pace


@pytest.mark.parametrize("refresh", [0, -1, (5, 2), (1, 2, 3), "often", float("inf"), float("nan"), ()])
def test_anything_else_is_refused_with_what_would_work(refresh):
    with pytest.raises(InvalidRefresh, match=r"such as \(10, 15\)"):
        Pace.of(refresh)


def test_nobody_looking_slows_reading_down():
    assert next_pause(Pace(), 0.5, seen=False) == 60


def test_dear_reads_are_made_seldom():
    assert next_pause(Pace(), 0.5, cost=8.0) == 40


def test_failures_double_the_pause_up_to_five_minutes():
    assert [back_off(Pace(), 0.0, n) for n in (1, 2, 3, 40)] == [10, 20, 40, 300]


def test_a_store_that_asks_for_a_pause_gets_it():
    assert back_off(Pace(), 0.0, 1, retry_after=120) == 120


def test_a_state_that_passes_is_looked_at_more_often_where_that_is_cheap():
    pace = Pace.of((10, 15))
    assert next_pause(pace, 0.5, passes=True) == BRIEF
    assert next_pause(Pace.of(0.5), 0.5, passes=True) == 0.5
    assert next_pause(pace, 0.5, passes=True, seen=False) >= UNSEEN
    assert next_pause(pace, 0.5, passes=True, cost=4.0) == 20
