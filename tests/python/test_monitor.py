"""When runs are read, and who hears of it: on a clock that only these tests move."""

import threading
from dataclasses import replace

import pytest

from rundetails.errors import AuthExpired, SourceUnavailable
from rundetails.facts import Delta, Points, Run, Status
from rundetails.monitor import ManualClock, Monitor, Pace, RunState
from rundetails.sources import MemorySource
from viewers import Viewer


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
def source(clock):
    return MemorySource(clock=clock.time)


@pytest.fixture
def script(source, clock):
    return source.add(Run("r", status=Status.RUNNING, started=clock.time())).log("loss", 1.0)


@pytest.fixture
def monitor(clock):
    return Monitor(clock, chance=lambda: 0.0, threaded=False)


def test_the_first_read_comes_at_once(monitor, source, script):
    viewer = Viewer()
    watch = monitor.watch(source, "r", viewer)
    assert monitor.run_due() == 10
    assert watch.state.run.status is Status.RUNNING
    assert viewer.changes[0].whole == ("loss",)
    assert watch.state.health.state == "live"


def test_then_every_ten_seconds_and_only_what_is_new(monitor, source, script, clock):
    viewer = Viewer()
    monitor.watch(source, "r", viewer)
    monitor.run_due()
    clock.advance(9)
    assert monitor.run_due() == 1
    assert len(source.reads) == 1
    clock.advance(1)
    monitor.run_due()
    assert (len(source.reads), len(viewer.changes), viewer.checks) == (2, 1, 1)
    script.log("loss", 0.5, step=1)
    clock.advance(10)
    monitor.run_due()
    assert viewer.changes[1].appended["loss"].value.tolist() == [0.5]


def test_chance_spreads_the_reads(source, script, clock):
    late = Monitor(clock, chance=lambda: 1.0, threaded=False)
    late.watch(source, "r", Viewer())
    assert late.run_due() == 15


def test_two_views_of_one_run_read_it_once(monitor, source, script, clock):
    first, second = Viewer(), Viewer(Pace(3, 3))
    watch = monitor.watch(source, "r", first)
    assert monitor.watch(source, "r", second) is watch
    assert monitor.run_due() == 3, "at the quicker one's pace"
    assert len(source.reads) == 1
    assert first.changes == second.changes


def test_after_the_end_it_is_read_once_more_and_then_no_more(monitor, source, script, clock):
    viewer = Viewer()
    watch = monitor.watch(source, "r", viewer)
    monitor.run_due()
    script.end()
    clock.advance(10)
    assert monitor.run_due() == 10
    script.log("loss", 0.1, step=9)
    clock.advance(10)
    assert monitor.run_due() is None
    assert watch.state.health.state == "ended"
    assert watch.state.series["loss"].stats.last == 0.1, "what came after the end is there"
    clock.advance(1_000)
    assert monitor.run_due() is None
    assert len(source.reads) == 3


def test_a_run_that_ended_long_ago_is_read_once(monitor, source, clock):
    source.add(Run("old", status=Status.COMPLETED, started=clock.time() - 900, ended=clock.time() - 600))
    watch = monitor.watch(source, "old", Viewer())
    assert monitor.run_due() is None
    assert (watch.state.health.state, len(source.reads)) == ("ended", 1)


def test_a_single_read_is_a_single_read(monitor, source, script):
    watch = monitor.watch(source, "r", Viewer(Pace(once=True)))
    assert monitor.run_due() is None
    assert watch.state.health.state == "ended"


def test_nobody_looking_slows_reading_down(monitor, source, script, clock):
    viewer = Viewer(seen=False)
    monitor.watch(source, "r", viewer)
    assert monitor.run_due() == 60


def test_failure_is_said_backed_off_and_healed(monitor, source, script, clock):
    viewer = Viewer()
    watch = monitor.watch(source, "r", viewer)
    monitor.run_due()
    good = clock.time()
    source.fail_with(SourceUnavailable("cannot reach the store"), between=(good + 1, good + 65))
    pauses = []
    for _ in range(3):
        clock.advance(pauses[-1] if pauses else 10)
        pauses.append(monitor.run_due())
    assert pauses == [10, 20, 40]
    health = watch.state.health
    assert (health.state, health.message, health.since) == ("stale", "cannot reach the store", good)
    assert health.retry_at == clock.time() + 40
    assert watch.state.series["loss"].stats.count == 1, "what was known stays"
    clock.advance(40)
    assert monitor.run_due() == 10
    assert (watch.state.health.state, watch.error) == ("live", None)


def test_a_store_that_asks_to_be_left_alone_is(monitor, source, script, clock):
    source.fail_with(SourceUnavailable("too many requests", retry_after=123), between=(0, float("inf")))
    monitor.watch(source, "r", Viewer())
    assert monitor.run_due() == 123


def test_a_token_in_a_failure_is_not_shown(monitor, source, script, clock):
    source.fail_with(AuthExpired("401 for https://ada:pw@host: Bearer abcdefgh12345678"))
    watch = monitor.watch(source, "r", Viewer())
    monitor.run_due()
    assert "pw@" not in watch.state.health.message
    assert "abcdefgh" not in watch.state.health.message


def test_a_bug_in_a_source_does_not_end_the_polling(monitor, source, script, clock):
    source.fail_with(ZeroDivisionError("division by zero"), between=(0, clock.time() + 1))
    watch = monitor.watch(source, "r", Viewer())
    assert monitor.run_due() == 10
    assert "ZeroDivisionError" in watch.state.health.message
    clock.advance(10)
    monitor.run_due()
    assert watch.state.health.state == "live"


def test_a_deleted_run_keeps_its_facts_and_comes_back(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer())
    monitor.run_due()
    script.delete()
    clock.advance(10)
    assert monitor.run_due() == 60
    assert watch.state.health.state == "gone"
    assert watch.state.series["loss"].stats.count == 1
    source.add(Run("r", status=Status.RUNNING)).log("loss", 2.0)
    clock.advance(60)
    monitor.run_due()
    assert watch.state.health.state == "live"


def test_pausing_stops_reading_until_it_is_resumed(monitor, source, script, clock):
    viewer, other = Viewer(), Viewer()
    watch = monitor.watch(source, "r", viewer)
    monitor.watch(source, "r", other)
    monitor.run_due()
    viewer.is_paused = True
    watch.pause_or_resume()
    assert monitor.run_due() == 10, "the other one still watches"
    other.is_paused = True
    watch.pause_or_resume()
    assert monitor.run_due() is None
    assert watch.state.health.state == "paused"
    viewer.is_paused = False
    watch.pause_or_resume()
    monitor.run_due()
    assert watch.state.health.state == "live"


def test_hurrying_reads_at_once_even_after_the_end(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer())
    script.end(at=clock.time() - 600)
    monitor.run_due()
    script.log("loss", 0.2, step=2)
    monitor.post(watch.hurry)
    monitor.run_due()
    assert watch.state.series["loss"].stats.count == 2
    assert monitor.run_due() is None


def test_a_run_that_goes_on_after_its_end_is_followed_again(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer())
    script.end(at=clock.time() - 600)
    monitor.run_due()
    script.change(lambda run: replace(run, status=Status.RUNNING, ended=None), at=clock.time())
    watch.hurry()
    assert monitor.run_due() == 10
    assert watch.state.health.state == "live"


def test_the_last_viewer_takes_the_watch_with_it(monitor, source, script):
    viewer = Viewer()
    watch = monitor.watch(source, "r", viewer)
    monitor.run_due()
    monitor.unwatch(watch, viewer)
    assert monitor.run_due() is None
    assert monitor.watch(source, "r", viewer) is not watch


def test_two_stores_with_the_same_id_are_two_runs(monitor, clock, source, script):
    other = MemorySource(clock=clock.time)
    other.add(Run("r", status=Status.RUNNING)).log("loss", 5.0)
    one, two = monitor.watch(source, "r", Viewer()), monitor.watch(other, "r", Viewer())
    monitor.run_due()
    assert one.state.series["loss"].stats.last == 1.0
    assert two.state.series["loss"].stats.last == 5.0


def test_seq_counts_changes_without_gaps(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer())
    seen = []
    for step in range(5):
        script.log("loss", 0.1, step=step)
        monitor.run_due()
        seen.append(watch.state.seq)
        clock.advance(10)
    assert seen == [1, 2, 3, 4, 5]


def test_the_thread_lives_while_something_is_due_and_no_longer(source, script):
    others = set(threading.enumerate())

    def ended():
        """Whether the monitor's own thread, if there is one, comes to its end."""
        for thread in set(threading.enumerate()) - others:
            thread.join(10)
        return not set(threading.enumerate()) - others

    script.end(at=source.clock() - 600)
    monitor = Monitor()
    watch = monitor.watch(source, "r", Viewer())
    with watch.news:
        assert watch.news.wait_for(lambda: watch.state.health.state == "ended", 10)
    assert ended()
    monitor.post(watch.hurry)
    assert ended()
    assert watch.reads == 2


class Choosy(MemorySource):
    """Says that it reads only what is wanted, and notes what that was."""

    capabilities = MemorySource.capabilities.fget(None) | {"selective"}

    def __init__(self, clock):
        super().__init__(clock)
        self.wishes = []

    def read(self, run_id, cursor=None, wanted=None):
        self.wishes.append(wanted)
        return super().read(run_id, cursor)


def test_what_all_viewers_see_is_read(clock):
    source = Choosy(clock.time)
    source.add(Run("r", status=Status.RUNNING, started=clock.time())).log("loss", 1.0)
    monitor = Monitor(clock, lambda: 0.0, threaded=False)
    one, other = Viewer(Pace(10, 10)), Viewer(Pace(10, 10))
    one.wants, other.wants = frozenset({"loss"}), frozenset({"accuracy"})
    monitor.watch(source, "r", one)
    watch = monitor.watch(source, "r", other)
    monitor.run_due()
    other.wants = None
    clock.advance(10)
    monitor.run_due()
    assert source.wishes == [frozenset({"loss", "accuracy"}), None]
    assert watch.reads == 2


def test_a_source_that_reads_all_anyway_is_not_asked_to_choose(clock):
    source = Choosy(clock.time)
    source.capabilities = MemorySource(clock.time).capabilities
    source.add(Run("r", status=Status.RUNNING))
    viewer = Viewer()
    viewer.wants = frozenset({"loss"})
    monitor = Monitor(clock, lambda: 0.0, threaded=False)
    monitor.watch(source, "r", viewer)
    monitor.run_due()
    assert source.wishes == [None]


def test_a_latest_point_is_known_before_the_points_behind_it():
    state = RunState(Run("r"))
    first = state.merge(Delta(1, latest={"loss": Points.of([(9, 90.0, 0.5)])}), 2_000)
    series = state.series["loss"]
    assert first.whole == ("loss",)
    assert (series.stats.last, series.stats.last_step, series.stats.count, series.is_behind) == (0.5, 9, 0, True)
    again = state.merge(Delta(2, latest={"loss": Points.of([(10, 100.0, 0.4)])}), 2_000)
    assert list(again.latest) == ["loss"]
    assert series.stats.last == 0.4
    caught_up = state.merge(Delta(3, points={"loss": Points.of([(n, n * 10.0, 1 - n / 20) for n in range(11)])}), 2_000)
    assert list(caught_up.appended) == ["loss"]
    assert (series.stats.count, series.is_behind, series.stats.max) == (11, False, 1.0)


def test_after_an_hours_sleep_everything_is_read_at_once(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer(Pace(10, 10)))
    monitor.run_due()
    source.fail_with(SourceUnavailable("away"), (clock.time(), clock.time() + 3000))
    for _ in range(6):
        clock.advance(watch.due - clock.monotonic())
        monitor.run_due()
    assert watch.due - clock.monotonic() > 250
    clock.sleep(3600)
    monitor.run_due()
    assert watch.state.health.state == "live"
    assert watch.state.at == clock.time()
    assert watch.due - clock.monotonic() == 10


def test_a_sleep_wakes_nothing_that_is_over(monitor, source, script, clock):
    script.end(at=clock.time() - 1000)
    watch = monitor.watch(source, "r", Viewer())
    monitor.run_due()
    clock.sleep(3600)
    assert monitor.run_due() is None
    assert watch.reads == 1


def test_while_credentials_are_refused_it_is_tried_every_minute(monitor, source, script, clock):
    watch = monitor.watch(source, "r", Viewer(Pace(10, 10)))
    monitor.run_due()
    source.fail_with(AuthExpired("sign in again"), (clock.time(), float("inf")))
    for _ in range(8):
        clock.advance(watch.due - clock.monotonic())
        monitor.run_due()
    assert watch.due - clock.monotonic() == pytest.approx(60, rel=0.2)


def test_a_store_that_wants_to_be_left_alone_is_by_all_its_watches(monitor, source, script, clock):
    source.add(Run("other", status=Status.RUNNING, started=clock.time())).log("loss", 1.0)
    one = monitor.watch(source, "r", Viewer(Pace(10, 10)))
    other = monitor.watch(source, "other", Viewer(Pace(10, 10)))
    monitor.run_due()
    ends = clock.time() + 11
    source.fail_with(SourceUnavailable("too many requests", retry_after=90), (clock.time(), ends), run_id="r")
    clock.advance(10)
    before = len(source.reads)
    monitor.run_due()
    assert source.reads[before:] == ["r"], "the other was not asked"
    assert [watch.state.health.state for watch in (one, other)] == ["stale", "stale"]
    assert other.state.health.message == "too many requests"
    assert other.state.health.retry_at == clock.time() + 90
    monitor.post(other.hurry)
    clock.advance(80)
    monitor.run_due()
    assert len(source.reads) == before + 1, "nor when somebody is in a hurry"
    clock.advance(11)
    monitor.run_due()
    assert [watch.state.health.state for watch in (one, other)] == ["live", "live"]


def test_a_metric_that_is_no_number_any_more_is_read_though_nobody_sees_it(clock):
    source = Choosy(clock.time)
    source.add(Run("r", status=Status.RUNNING, started=clock.time())).log("loss", 1.0)
    monitor = Monitor(clock, lambda: 0.0, threaded=False)
    viewer = Viewer(Pace(10, 10))
    viewer.wants = frozenset({"loss"})
    watch = monitor.watch(source, "r", viewer)
    monitor.run_due()
    latest = {"grad_norm": Points.of([(9, 90.0, float("nan"))]), "lr": Points.of([(9, 90.0, 0.1)])}
    watch.state.merge(Delta(None, latest=latest), 2_000)
    clock.advance(10)
    monitor.run_due()
    assert source.wishes[-1] == {"loss", "grad_norm"}
