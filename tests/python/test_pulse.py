"""Whether a run that says it is running still is."""

from __future__ import annotations

import numpy as np
import pytest

from curves import START, series_of
from rundetails import MemorySource, tags
from rundetails.facts import Points, Run, Status
from rundetails.insight import Looker
from rundetails.insight.pulse import habits_of
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.presenter import Presenter
from rundetails.twin import twin_html, twin_text
from rundetails.wire import insight_facts

RUN = Run("r", status=Status.RUNNING, started=START)
END = START + 396
"""Time of the last of 100 points, 4 s apart."""


def looked(series, *times, run=RUN):
    """A looker that has looked at these times, with news at the first alone."""
    looker = Looker()
    for index, now in enumerate(times):
        looker.look(run, series, [] if index else list(series), now)
    return looker


def insight(series, now, run=RUN):
    return looked(series, now, run=run).insight


def hundred(start=START):
    return {"loss": series_of(np.linspace(1, 0, 100), every=4, start=start)}


def test_a_run_that_logged_two_hours_ago_is_stale_by_a_guess():
    found = insight(hundred(), END + 7_200)
    assert found.stale.last_seen == END
    assert found.stale.is_guess
    assert found.stale.why == "a guess: it logged every 4 s before"
    assert not [one for one in found.findings if one.kind == "silence"], "said once is enough"


@pytest.mark.parametrize(("after", "stale"), [(10, False), (290, False), (310, True)])
def test_no_run_is_stale_before_five_minutes(after, stale):
    assert (insight(hundred(), END + after).stale is not None) is stale


def test_a_run_that_has_ended_or_not_begun_is_never_stale():
    for status in Status:
        run = Run("r", status=status, started=START)
        alive = status in (Status.RUNNING, Status.FINALIZING, Status.CANCEL_REQUESTED)
        assert (insight(hundred(), END + 99_999, run).stale is not None) is alive


def test_a_validation_as_long_as_those_before_is_no_death():
    took = np.full(1_000, 2.0)
    took[99::100] = 900
    series = {"loss": series_of([1.0])}
    series["loss"].append(Points(np.arange(1, 1_001), START + np.cumsum(took), np.ones(1_000)))
    end = START + took.sum()
    looker = looked(series, end + 890)
    assert looker.insight.stale is None
    assert not looker.insight.findings
    assert insight(series, end + 1_850).stale is not None


def test_a_night_with_the_lid_closed_does_not_become_the_usual():
    took = np.full(1_000, 2.0)
    took[500] = 30_000
    series = {"loss": series_of([1.0])}
    series["loss"].append(Points(np.arange(1, 1_001), START + np.cumsum(took), np.ones(1_000)))
    assert insight(series, START + took.sum() + 600).stale is not None


def test_a_run_that_logged_a_few_times_is_given_an_hour():
    few = {"loss": series_of([1.0, 0.5], every=10)}
    assert insight(few, START + 3_000).stale is None
    found = insight(few, START + 4_000).stale
    assert found.why == "a guess: it logged only a few times"


def test_a_run_without_a_point_is_not_judged():
    found = insight({}, START + 99_999)
    assert (found.stale, found.last_seen) == (None, None)


def test_a_heartbeat_is_no_guess():
    beating = Run("r", status=Status.RUNNING, started=START, tags={tags.HEARTBEAT: str(END + 7_100)})
    found = insight(hundred(), END + 7_200, beating)
    assert (found.stale, found.last_seen) == (None, END + 7_100)
    stopped = insight(hundred(), END + 7_500, beating).stale
    assert (stopped.last_seen, stopped.is_guess) == (END + 7_100, False)


@pytest.mark.parametrize("tag", ["", "soon", "nan", "-1", "1e300", "1700000000000"])
def test_a_heartbeat_that_is_no_time_is_none(tag):
    assert insight(hundred(), END + 10, Run("r", status=Status.RUNNING, tags={tags.HEARTBEAT: tag})).last_seen == END


def test_system_metrics_are_a_pulse():
    series = hundred() | {"system/cpu": series_of(np.ones(740), every=10)}
    assert insight(series, START + 7_400).stale is None
    assert insight(series, START + 7_400 + 400).stale is not None


def test_a_clock_that_runs_ahead_does_not_keep_a_dead_run_alive():
    series = hundred(start=START + 3_600)
    looker = looked(series, END, END + 200)
    assert looker.insight.stale is None
    looker.look(RUN, series, [], END + 400)
    assert looker.insight.stale.last_seen == END


def test_a_clock_that_runs_behind_does_not_kill_a_run_that_logs():
    series = hundred(start=START - 3_600)
    looker = looked(series, END)
    assert looker.insight.stale is not None, "so far all that is known is an hour old"
    series["loss"].append(Points.of([(100, END - 3_596, 0.5)]))
    looker.look(RUN, series, ["loss"], END + 10)
    assert (looker.insight.stale, looker.insight.last_seen) == (None, END + 10)


def test_a_watcher_that_was_asleep_itself_waits_for_its_next_look():
    series = hundred()
    looker = looked(series, END + 1, END + 3_600)
    assert looker.insight.stale is None
    looker.look(RUN, series, [], END + 3_612)
    assert looker.insight.stale is not None


def test_silence_is_a_finding_before_it_is_death():
    looker = looked(hundred(), END + 50)
    assert not looker.insight.findings
    assert looker.look(RUN, hundred(), [], END + 70) == ("findings",)
    (found,) = looker.insight.findings
    assert (found.kind, found.metric, found.time) == ("silence", None, END)
    assert looker.look(RUN, hundred(), [], END + 80) == (), "and says nothing new while it lasts"
    assert looker.look(RUN, hundred(), [], END + 400) == ("findings", "stale")


def test_a_long_history_has_the_same_habits():
    took = np.full(100_000, 0.5)
    took[9_999::10_000] = 700
    series = series_of([1.0])
    series.append(Points(np.arange(1, 100_001), START + np.cumsum(took), np.random.default_rng(1).normal(size=100_000)))
    habits = habits_of(series)
    assert habits.usual == pytest.approx(0.5, rel=0.2)
    assert habits.silence > 700


@pytest.fixture
def watched():
    """A run in memory, watched on a clock of its own: (clock, script, monitor, presenter, what the page was told)"""
    clock = ManualClock(START + 100)
    source = MemorySource(clock=clock.time)
    script = source.add(Run("r", "trial", status=Status.RUNNING, started=START, parameters={"max_steps": "1000"}))
    script.log_points("loss", series_of(np.linspace(1, 0.5, 100)).kept(200).points)
    monitor = Monitor(clock, lambda: 0.0, threaded=False)
    presenter = Presenter(source, "r", Pace.of(10), monitor)
    told: list[dict] = []

    class Widget:
        @staticmethod
        def tell(message, buffers=None):
            told.append(message)

    presenter.widget = Widget()
    assert presenter.watch
    monitor.run_due()
    return clock, script, monitor, presenter, told


def test_the_page_is_told_of_death_though_nothing_arrives(watched):
    clock, _, monitor, presenter, told = watched
    (first,) = [message["insight"] for message in told if "insight" in message]
    assert first["progress"]["current"] == 100
    told.clear()
    for _ in range(40):
        clock.advance(10)
        monitor.run_due()
    deltas = [message for message in told if message["kind"] == "delta"]
    assert [list(message["insight"]) for message in deltas] == [["findings"], ["progress", "findings", "stale"]]
    assert deltas[0]["insight"]["findings"]["shown"][0]["kind"] == "silence"
    assert deltas[1]["insight"]["stale"]["last_seen"] == START + 99
    state = presenter.watch.state
    assert "last seen" in twin_text(state, clock.time())
    assert "Stale, last seen" in twin_html(state, "k", clock.time())
    assert insight_facts(state.insight)["progress"] is None


def test_a_reset_forgets_what_was_found():
    series = {"loss": series_of([1.0, float("nan")])}
    looker = looked(series, START + 2)
    assert looker.insight.findings
    looker.look(RUN, {"loss": series_of([1.0, 0.5])}, ["loss"], START + 3, reset=True)
    assert not looker.insight.findings


def test_the_twin_says_what_is_wrong_and_hides_what_is_secret(watched):
    clock, script, monitor, presenter, _ = watched
    script.log("<b>x</b>", float("nan"), 7)
    clock.advance(10)
    monitor.run_due()
    html = twin_html(presenter.watch.state, "k", clock.time())
    assert "&lt;b&gt;x&lt;/b&gt; was NaN first at step 7" in html
    assert "<b>x</b>" not in html
