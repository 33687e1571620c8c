"""What survives of a history when its room is bounded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rundetails.facts import Points
from rundetails.series import Kept, Series, Stats, thin, thin_to


def points(values, steps=None):
    values = np.asarray(values, np.float64)
    steps = np.arange(len(values)) if steps is None else np.asarray(steps)
    return Points(steps.astype(np.int64), steps.astype(np.float64), values)


def kept(values):
    return Kept(points(values), np.arange(len(values), dtype=np.float64), 1)


values_with_gaps = st.lists(
    st.one_of(st.floats(-100, 100), st.sampled_from([np.nan, np.inf, -np.inf])), min_size=1, max_size=400
)


@given(values_with_gaps, st.integers(1, 6))
def test_every_bucket_keeps_its_lowest_its_highest_and_a_gap(values, exponent):
    width = 2**exponent
    thinned = thin(kept(values), width)
    value, ordinal = thinned.points.value, thinned.ordinal
    for start in range(0, len(values), width):
        bucket = np.array(values[start : start + width])
        mine = value[(ordinal >= start) & (ordinal < start + width)]
        finite = bucket[np.isfinite(bucket)]
        if len(finite):
            assert mine[np.isfinite(mine)].min() == finite.min()
            assert mine[np.isfinite(mine)].max() == finite.max()
        assert (len(finite) < len(bucket)) == bool((~np.isfinite(mine)).any())


@given(values_with_gaps, st.integers(1, 4), st.integers(1, 4))
def test_thinning_twice_is_thinning_once(values, first, further):
    once = thin(kept(values), 2 ** (first + further))
    twice = thin(thin(kept(values), 2**first), 2 ** (first + further))
    assert np.array_equal(once.ordinal, twice.ordinal)
    assert np.array_equal(once.points.value, twice.points.value, equal_nan=True)


@given(values_with_gaps, st.integers(4, 50))
def test_the_limit_holds_and_is_not_undercut_by_more_than_a_doubling(values, limit):
    thinned = thin_to(kept(values), limit)
    assert len(thinned) <= limit
    if thinned.width > 1:
        assert len(thin(kept(values), thinned.width // 2)) > limit or thinned.width == 2


@given(values_with_gaps, st.integers(1, 60))
def test_a_series_fed_in_parts_shows_what_one_fed_at_once_shows(values, part):
    whole, parts = Series(limit=40), Series(limit=40)
    whole.append(points(values))
    for start in range(0, len(values), part):
        parts.append(points(values[start : start + part], np.arange(start, min(start + part, len(values)))))
    assert whole.stats == pytest.approx(parts.stats, nan_ok=True) or repr(whole.stats) == repr(parts.stats)
    assert len(whole) == len(parts) == len(values)
    finite = np.array(values)[np.isfinite(values)]
    for one in (whole, parts):
        shown = one.kept(20).points.value
        if len(finite):
            assert np.nanmax(shown[np.isfinite(shown)]) == finite.max()
            assert np.nanmin(shown[np.isfinite(shown)]) == finite.min()


def test_a_spike_among_a_million_points_stays():
    values = np.random.default_rng(0).normal(size=1_000_000)
    values[777_777] = 100
    series = Series()
    for start in range(0, len(values), 50_000):
        series.append(points(values[start : start + 50_000], np.arange(start, start + 50_000)))
    shown = series.kept(2_000)
    assert len(shown) <= 2_000
    assert shown.points.value.max() == 100
    assert shown.points.step[shown.points.value.argmax()] == 777_777
    assert series.stats.count == 1_000_000
    assert (series.stats.max, series.stats.max_step) == (100, 777_777)


def test_numbers_are_exact_where_points_are_not_finite():
    stats = Stats()
    stats.add(points([np.nan, 2.0, np.inf, 1.0, -np.inf]))
    assert (stats.count, stats.not_finite) == (5, 3)
    assert (stats.min, stats.min_step, stats.max, stats.max_step) == (1.0, 3, 2.0, 1)
    assert stats.last == -np.inf


def test_a_series_of_nothing_but_nan_has_no_extremes():
    stats = Stats()
    stats.add(points([np.nan, np.nan]))
    assert stats.min is stats.max is None
    assert np.isnan(stats.last)


def test_last_is_the_point_of_the_latest_step_as_mlflow_has_it():
    stats = Stats()
    stats.add(points([1.0, 2.0], steps=[10, 20]))
    stats.add(points([3.0], steps=[15]))
    assert (stats.last, stats.last_step) == (2.0, 20)
    stats.add(points([4.0], steps=[20]))
    assert stats.last == 4.0


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="2 steps, 1 times and 1 values"):
        Points(np.array([1, 2]), np.array([1.0]), np.array([1.0]))
