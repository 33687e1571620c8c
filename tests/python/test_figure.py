"""`details.figure`: drawn by bqplot, kept current by the poll thread, restyled by whoever likes."""

import gc
import weakref

import bqplot
import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets import widget as registry

from rundetails import MemorySource, RunDetails
from rundetails.facts import Points, Run, Status
from rundetails.figure import UnknownMetric
from rundetails.monitor import ManualClock, Monitor

NAN, INF = float("nan"), float("inf")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def monitor(clock):
    return Monitor(clock, lambda: 0.5, threaded=False)


@pytest.fixture
def source(clock):
    return MemorySource(clock=clock.time)


@pytest.fixture
def script(source):
    run = Run("run-1", "trial", "digits", status=Status.RUNNING, started=source.clock())
    return source.add(run).log("loss", 3.0, 0).log("loss", 1.0, 1).log("val/loss", 2.0, 1)


@pytest.fixture
def opened(source, script, monitor, clock):
    """`opened()` gives details that were read once; `tick` reads again."""
    made = []

    def open_one():
        details = RunDetails("run-1", store=source, monitor=monitor)
        made.append(details)
        details._presenter.watch  # noqa: B018  # reading begins with the first look
        monitor.run_due()
        return details

    yield open_one
    for details in made:
        details.close()
    ipywidgets.Widget.close_all()


@pytest.fixture
def tick(monitor, clock):
    def one():
        clock.advance(20)
        monitor.run_due()

    return one


def points_of(line):
    return line.x.tolist(), line.y.tolist()


def test_it_is_an_ordinary_figure_with_a_line_per_metric(opened):
    figure = opened().figure("loss", "val/loss")
    assert type(figure) is bqplot.Figure
    assert [line.labels for line in figure.marks] == [["loss"], ["val/loss"]]
    assert points_of(figure.marks[0]) == ([0, 1], [3, 1])
    assert (figure.marks[0].x.dtype, figure.title, figure.axes[0].label) == (np.float64, "trial", "step")
    assert figure.marks[0].colors != figure.marks[1].colors
    ipywidgets.HBox([figure])


def test_it_grows_with_the_run_and_keeps_what_the_user_made_of_it(opened, script, tick):
    figure = opened().figure("loss")
    line = figure.marks[0]
    line.colors, line.stroke_width, figure.title, figure.axes[1].label = ["red"], 4, "mine", "nats"
    before = {**figure.get_state(), **line.get_state()}
    for update in range(10):
        script.log("loss", update / 10, 2 + update)
        tick()
        assert points_of(line) == ([*range(3 + update)], [3, 1, *(one / 10 for one in range(update + 1))])
    after = {**figure.get_state(), **line.get_state()}
    assert {name for name in before if str(before[name]) != str(after[name])} == {"x", "y"}


def test_only_lines_that_grew_are_sent(opened, script, tick, monkeypatch):
    figure = opened().figure("loss", "val/loss")
    sent = []
    monkeypatch.setattr(
        bqplot.Lines, "send_state", lambda line, key=None: sent.append((line.labels[0], sorted(key or [])))
    )
    script.log("loss", 0.5, 2)
    tick()
    tick()
    assert sent == [("loss", ["x", "y"])]
    assert len(figure.marks[1].x) == 1


def test_what_no_axis_can_show_is_a_gap_and_the_end_is_a_point(opened, script, tick):
    details = opened()
    for step, value in enumerate([1.0, INF, -INF, NAN, 1.7e308, -2.0, 0.5, NAN]):
        script.log("odd", value, step)
    tick()
    figure = details.figure("odd")
    np.testing.assert_array_equal(figure.marks[0].y, [1, NAN, NAN, NAN, NAN, -2, 0.5])
    figure.marks[0].scales = {**figure.marks[0].scales, "y": bqplot.LogScale()}
    script.log("odd", 7.0, 8)
    tick()
    np.testing.assert_array_equal(figure.marks[0].y, [1, NAN, NAN, NAN, NAN, NAN, 0.5, NAN, 7])


def test_a_run_that_begins_again_does_not_cross_itself(opened, script, tick):
    figure = opened().figure("loss")
    script.log("loss", 5.0, 0)
    tick()
    np.testing.assert_array_equal(figure.marks[0].x, [0, 1, 0, 0])
    np.testing.assert_array_equal(figure.marks[0].y, [3, 1, NAN, 5])


def test_points_without_steps_stand_in_order(opened, script, tick):
    details = opened()
    for value in (1.0, 2.0, 3.0):
        script.log("flat", value, 0)
    tick()
    assert points_of(details.figure("flat").marks[0])[0] == [0, 1, 2]


def test_time_is_an_axis_of_dates(opened):
    figure = opened().figure("loss", x="time")
    assert isinstance(figure.marks[0].scales["x"], bqplot.DateScale)
    assert figure.marks[0].x.dtype == "datetime64[ms]"
    assert str(figure.marks[0].x[0]) == "2023-11-14T22:13:20.000"


def test_a_long_series_is_thinned_and_keeps_its_spike(opened, script, tick):
    details = opened()
    value = np.random.default_rng(1).random(100_000)
    value[54_321] = 99
    script.log_points("long", Points(np.arange(100_000), np.arange(100_000.0), value))
    tick()
    line = details.figure("long").marks[0]
    assert len(line.x) <= 2_000
    assert (line.y.max(), line.x[line.y.argmax()]) == (99, 54_321)


def test_an_unknown_metric_is_refused_with_the_nearest(opened):
    with pytest.raises(UnknownMetric, match=r"No metric 'los' in run 'trial'. The nearest: 'loss', .*later=True"):
        opened().figure("los")
    with pytest.raises(TypeError, match="names of metrics, not int"):
        opened().figure(3)
    with pytest.raises(ValueError, match='"step" or "time"'):
        opened().figure("loss", x="epoch")


def test_what_comes_later_starts_empty_and_fills(opened, script, tick, source, monitor, clock):
    figure = opened().figure("accuracy", later=True)
    assert points_of(figure.marks[0]) == ([], [])
    script.log("accuracy", 0.5, 7).log("accuracy", 0.6, 8)
    tick()
    assert points_of(figure.marks[0]) == ([7, 8], [0.5, 0.6])
    young = source.add(Run("young", status=Status.RUNNING, started=clock.time()))
    details = RunDetails("young", store=source, monitor=monitor)
    details._presenter.watch  # noqa: B018
    monitor.run_due()
    first = details.figure("loss")
    young.log("loss", 1.0, 0)
    tick()
    assert points_of(first.marks[0]) == ([0], [1])
    details.close()


def test_a_history_that_changed_is_drawn_anew(opened, monitor):
    details = opened()
    figure = details.figure("loss", "val/loss")
    watch = details._presenter.watch
    from rundetails.facts import Delta

    with watch.lock:
        change = watch.state.merge(Delta(None, points={"loss": Points.of([(9, 9.0, 9.0)])}, reset=True), 2_000)
        for viewer in watch.viewers:
            viewer.changed(watch, change)
    assert points_of(figure.marks[0]) == ([9], [9])
    assert points_of(figure.marks[1]) == ([], [])


def test_only_what_it_draws_is_wanted_of_a_server(opened):
    details = opened()
    figure = details.figure("loss")
    (live,) = details._figures
    assert live.wanted(details._presenter.watch) == {"loss"}
    figure.close()


def test_points_that_nobody_had_wanted_are_read_for_it(opened, monitor):
    details = opened()
    watch = details._presenter.watch
    with watch.lock:
        watch.state.series["loss"].note_latest(Points.of([(7, 7.0, 7.0)]))
    reads = watch.reads
    details.figure("val/loss")
    monitor.run_due()
    assert watch.reads == reads
    details.figure("loss")
    monitor.run_due()
    assert watch.reads == reads + 1


def test_closed_details_leave_the_figure_as_it_is(opened, script, tick, monitor):
    details = opened()
    figure = details.figure("loss")
    details.close()
    assert not monitor._watches
    script.log("loss", 0.1, 9)
    tick()
    assert len(figure.marks[0].x) == 2
    assert figure.comm is not None


def test_a_closed_figure_leaves_nothing_behind(opened, monitor):
    details = opened()
    watch = details._presenter.watch
    before, viewers = len(registry._instances), len(watch.viewers)
    figure = details.figure("loss", "val/loss", x="time")
    assert len(registry._instances) > before
    held = [weakref.ref(figure), *map(weakref.ref, figure.marks)]
    figure.close()
    assert (len(registry._instances), len(watch.viewers), details._figures) == (before, viewers, [])
    del figure
    gc.collect()
    assert [one() for one in held] == [None] * 3


def test_the_figure_alone_keeps_the_run_read(opened, script, tick, monitor):
    details = opened()
    figure = details.figure("loss")
    details._presenter.close()
    script.log("loss", 0.1, 9)
    tick()
    assert len(figure.marks[0].x) == 3
    figure.close()
    assert not monitor._watches
