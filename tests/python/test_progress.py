"""How far a run is and when it may be done, from what parameters and points say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curves import START, series_of
from rundetails.facts import Points, Run, Status
from rundetails.insight import Looker
from rundetails.insight.progress import ends_of, progress_of, totals_of


def run(started=START, status=Status.RUNNING, **parameters):
    return Run("r", status=status, started=started, parameters={name: str(text) for name, text in parameters.items()})


def progress(series, now=START + 1_000, **parameters):
    return progress_of(run(**parameters), series, now=now)


@pytest.mark.parametrize(
    ("name", "text", "unit", "value"),
    [
        ("epochs", "90", "epoch", 90), ("num_train_epochs", "3.0", "epoch", 3),
        ("trainer/max_epochs", "10", "epoch", 10),
        ("args.epochs", "5", "epoch", 5), ("maxEpochs", "5", "epoch", 5), ("trainer.maxSteps", "1,000", "step", 1_000),
        ("max_steps", "20_000", "step", 20_000), ("total-timesteps", "1e6", "step", 1_000_000),
        ("n_estimators", "100", "tree", 100), ("num_boost_round", "50", "round", 50), ("max_iter", "7", "iteration", 7),
        ("n_trials", "30", "trial", 30), ("time_limit", "600", "second", 600), ("timeout_minutes", "5", "second", 300),
        ("experiment_timeout_hours", "0.5", "second", 1_800), ("max_time", "00:12:00:00", "second", 43_200),
        ("max_time", "1:30:00", "second", 5_400), ("max_minutes", "2", "second", 120),
        ("timeout", "120", "second", 120),
        ("time_budget", "60", "second", 60), ("MAX_RUNTIME_SECS", "90", "second", 90),
    ],
)  # fmt: skip
def test_these_parameters_say_how_far_it_goes(name, text, unit, value):
    (total,) = totals_of({name: text})
    assert (total.unit, total.value) == (unit, value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("max_steps", "-1"), ("epochs", "None"), ("epochs", "auto"), ("max_iter", "inf"), ("epochs", "nan"),
        ("epochs", "0"), ("timeout", "30"), ("max", "100"), ("warmup_steps", "500"), ("eval_steps", "500"),
        ("save_epochs", "1"), ("max_depth", "6"), ("early_stopping_rounds", "10"), ("n_steps", "2048"),
        ("max_time", ""),
        ("max_time", "a:b:c"), ("", "3"), ("epochs" * 9_000, "3"),
    ],
)  # fmt: skip
def test_these_say_nothing(name, text):
    assert totals_of({name: text}) == []


def test_steps_count_and_begin_at_zero():
    found = progress({"loss": series_of(np.ones(400))}, max_steps=1_000)
    assert (found.unit, found.current, found.done, found.total) == ("step", 400, 400, 1_000)
    assert found.earliest < START + 1_000 < found.latest
    one_based = progress({"loss": series_of(np.ones(400), steps=np.arange(1, 401))}, max_steps=1_000)
    assert one_based.current == 400


def test_every_tenth_step_is_as_good():
    found = progress({"loss": series_of(np.ones(41), every=10, steps=np.arange(0, 410, 10))}, max_steps=1_000)
    assert found.current == 401
    assert found.earliest < START + 999 < found.latest


@pytest.mark.parametrize(
    ("values", "current", "done"),
    [
        ([0, 1, 2], 3, 3),  # once an epoch, from 0
        ([1, 2, 3], 3, 3),  # once an epoch, from 1
        ([0, 0, 0, 1, 1, 1, 2], 3, 2),  # at each step, from 0: in the third
        ([1, 1, 1, 2, 2, 2, 3], 3, 2),  # at each step, from 1
        ([0.25, 0.5, 1.75, 2.5], 3, 2.5),  # in fractions
    ],
)
def test_a_metric_called_epoch_counts(values, current, done):
    found = progress({"epoch": series_of(values), "loss": series_of(np.ones(500))}, epochs=10)
    assert (found.unit, found.current, found.done) == ("epoch", current, done)
    assert "the metric epoch counts" in found.how


def test_evaluation_that_comes_regularly_is_counted_as_epochs_unless_a_parameter_says_otherwise():
    series = {
        "train/loss": series_of(np.ones(470)),
        "val/loss": series_of(np.ones(5), every=94, steps=[93, 187, 281, 375, 469]),
    }
    assert progress(series, epochs=20).current == 5
    assert progress(series, epochs=20, eval_steps=94) is None
    series["val/loss"] = series_of(np.ones(4), steps=[93, 120, 281, 375])
    assert progress(series, epochs=20) is None


def test_an_epoch_has_as_many_steps_as_a_parameter_says():
    found = progress({"loss": series_of(np.ones(470))}, epochs=20, steps_per_epoch=94)
    assert (found.current, found.done) == (5, 5)


def test_steps_are_epochs_only_where_that_is_likely():
    both = {"loss": series_of(np.ones(7)), "val_loss": series_of(np.ones(7))}
    assert progress(both, epochs=20).current == 7
    assert progress({"loss": series_of(np.ones(7), every=2)}, epochs=20).current == 7
    assert progress({"loss": series_of(np.ones(7), every=0.01)}, epochs=20) is None


def test_what_counts_something_else_says_nothing():
    assert progress({"loss": series_of(np.ones(400))}, max_iter=100) is None
    assert progress({"loss": series_of(np.ones(400))}) is None
    assert progress({}, epochs=10) is None
    assert progress({"system/cpu": series_of(np.ones(400))}, max_steps=1_000) is None


def test_what_went_on_after_its_total_says_so():
    found = progress({"loss": series_of(np.ones(110))}, max_steps=100)
    assert (found.current, found.done, found.is_past) == (110, 100, True)
    assert found.latest is None


def test_only_a_run_that_runs_has_progress():
    series = {"loss": series_of(np.ones(40))}
    for status in Status:
        found = progress_of(run(status=status, max_steps=100), series)
        assert (found is not None) is (status in (Status.RUNNING, Status.FINALIZING))


def test_of_several_limits_the_nearest_counts_and_time_is_the_last_word():
    series = {"epoch": series_of([0, 1, 2]), "loss": series_of(np.ones(600))}
    assert progress(series, epochs=100, max_steps=1_000).unit == "step"
    found = progress(series, now=START + 600, max_steps=100_000, time_limit=900)
    assert found.unit == "step"
    assert found.latest == START + 900
    alone = progress({}, now=START + 100, time_limit=900)
    assert (alone.unit, alone.total, alone.since, alone.latest) == ("second", 900, START, START + 900)
    assert progress({}, now=START + 2_000, time_limit=900) is None, "it limits something else"


def ends(took, total):
    took = np.asarray(took, float)
    low, high = ends_of(np.arange(1.0, len(took) + 2), START + np.r_[0, np.cumsum(took)], total)
    last = START + took.sum()
    return low - last, high - last


def test_no_end_before_five_intervals():
    done, time = np.arange(1.0, 6), START + np.arange(5.0)
    assert ends_of(done, time, 100) is None
    assert ends_of(np.arange(1.0, 7), START + np.arange(6.0), 100) is not None


def test_the_range_holds_the_truth_and_narrows():
    width = []
    for count in (6, 20, 100, 400):
        held, widths = 0, []
        for seed in range(100):
            took = np.random.default_rng(seed).gamma(4, 0.5, size=1_000)
            low, high = ends(took[:count], 1_001)
            held += low <= took[count:].sum() <= high
            widths.append((high - low) / took[count:].sum())
        width.append(np.mean(widths))
        assert held >= 75, count
    assert width == sorted(width, reverse=True)


def test_a_pause_is_no_pace_and_a_validation_is():
    steady = np.ones(200)
    paused = steady.copy()
    paused[150] = 36_000
    assert ends(paused, 1_000) == ends(steady, 1_000)
    validated = steady.copy()
    validated[9::10] = 120
    low, high = ends(validated, 1_001)
    assert low <= 800 * (0.9 + 12) <= high


def test_points_that_arrive_in_batches_do_not_look_infinitely_fast():
    took = np.zeros(400)
    took[99::20] = 20
    took[19:99:20] = 20
    low, high = ends(took, 1_001)
    assert low <= 600 <= high


def test_a_run_that_went_back_to_a_checkpoint_counts_from_there():
    done = np.r_[np.arange(1.0, 501), np.arange(300.0, 400)]
    time = START + np.r_[np.arange(500.0), 5_000 + 2 * np.arange(100.0)]
    low, high = ends_of(done, time, 1_000)
    assert low <= START + 5_198 + 1_202 <= high


@settings(max_examples=200, deadline=None)
@given(
    steps=st.lists(st.integers(-5, 2_000), min_size=1, max_size=60),
    times=st.lists(st.floats(0, 1e6), min_size=60, max_size=60),
    total=st.integers(1, 3_000),
    name=st.sampled_from(["max_steps", "epochs", "n_estimators"]),
)
def test_no_history_makes_it_fail_or_lie_beyond_its_bounds(steps, times, total, name):
    series = series_of(np.ones(1))
    series.append(Points(np.array(steps), START + np.array(times[: len(steps)]), np.ones(len(steps))))
    found = progress({"loss": series}, **{name: total})
    if found is None:
        return
    assert 0 < found.done <= found.total
    if found.latest is not None:
        assert found.earliest <= found.latest
        assert not found.is_past


def test_an_estimate_stays_until_it_really_moves():
    looker, series = Looker(), {"loss": series_of(np.ones(300))}
    watched = run(max_steps=1_000)
    looker.look(watched, series, ["loss"], START + 300)
    before = looker.insight.progress
    for step in range(300, 310):
        series["loss"].append(Points.of([(step, START + step + 0.3 * (step % 2), 1.0)]))
        assert "progress" in looker.look(watched, series, ["loss"], START + step + 1)
        after = looker.insight.progress
        assert (after.earliest, after.latest) == (before.earliest, before.latest)
        assert after.done == step + 1
    assert looker.look(watched, series, [], START + 312) == ()


def test_a_clock_that_runs_an_hour_behind_shifts_the_end():
    looker, series = Looker(), {"loss": series_of(np.ones(300))}
    watched = run(max_steps=1_000)
    looker.look(watched, series, ["loss"], START + 3_900)
    series["loss"].append(Points.of([(300, START + 300, 1.0)]))
    looker.look(watched, series, ["loss"], START + 3_901)
    found = looker.insight.progress
    assert found.earliest < START + 3_601 + 1_000 < found.latest
