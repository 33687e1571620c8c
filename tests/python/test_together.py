"""Parts that were made apart, put together: what one does to the others when it fails, waits or is misused."""

import threading

import pytest

from rundetails import MemorySource, RunDetails
from rundetails.errors import SourceUnavailable
from rundetails.facts import Delta, LogChunk, Points, Run, Status
from rundetails.looking import SILENCE, Looking
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.presenter import Presenter
from rundetails.sources import MlflowServerSource
from rundetails.sources.server_http import Server
from servers import ServerStore, sqlite_server
from viewers import Viewer

T0 = 1_700_000_000.0


class Page:
    """Stands where the widget is, and keeps what it is told."""

    def __init__(self):
        self.told = []

    def tell(self, message, buffers=None):
        self.told.append(message)

    def all(self, kind):
        return [message for message in self.told if message["kind"] == kind]


class Shown:
    """A presenter with a page, on a clock of its own."""

    def __init__(self, source=None):
        self.clock = ManualClock()
        self.source = source or MemorySource(clock=self.clock.time)
        if source is None:
            self.script = self.source.add(Run("r", status=Status.RUNNING, started=self.clock.time()))
        self.monitor = Monitor(self.clock, chance=lambda: 0.0, threaded=False)
        self.presenter = Presenter(self.source, "r", Pace(10, 10), self.monitor)
        self.page = self.presenter.widget = Page()
        self.watch = self.presenter.watch
        self.go_on()

    def go_on(self, seconds=0):
        self.clock.advance(seconds)
        while self.monitor.run_due() == 0:
            pass

    def hear(self, message):
        self.presenter._wished(message)
        self.go_on()

    def wish(self, name, **extra):
        self.hear({"kind": "wish", "id": 7, "wish": name, "view": "v", **extra})


class Deaf(MemorySource):
    """Would never answer when it is asked where a browser shows the run."""

    def __init__(self, clock):
        super().__init__(clock=clock)
        self.asked_by = []
        self.address = None

    def portal_url(self, run_id):
        self.asked_by.append(threading.current_thread().name)
        return self.address


def test_nobody_who_shows_or_saves_a_run_waits_for_its_address():
    clock = ManualClock()
    source = Deaf(clock.time)
    source.address = "https://mlflow.example/#/runs/r"
    source.add(Run("r", status=Status.RUNNING, started=clock.time()))
    monitor = Monitor(clock, chance=lambda: 0.0, threaded=False)
    presenter = Presenter(source, "r", Pace(), monitor)
    presenter.widget = page = Page()
    assert presenter.whole()["source"]["portal_url"] is None
    assert source.asked_by == [], "before the first read, on the thread that draws the cell"
    while monitor.run_due() == 0:
        pass
    assert len(source.asked_by) == 1
    assert [message["portal_url"] for message in page.all("alive")] == [source.address]
    assert presenter.whole()["source"]["portal_url"] == source.address
    clock.advance(20)
    monitor.run_due()
    assert len(source.asked_by) == 1


class Grudging(Server):
    """Gives so many answers, then asks for peace."""

    left = 10**9

    def get(self, call, **params):
        self.left -= 1
        if self.left < 0:
            raise self.failed("too many", wait=60.0)
        return super().get(call, **params)


def test_what_a_server_gave_before_it_refused_is_not_asked_for_again():
    store = ServerStore(sqlite_server())
    run_id = store.create_run()
    store.log_all(run_id, [(f"m{number:02}", step, T0 + step, 1.0) for number in range(40) for step in range(3)])
    server = Grudging(store.uri)
    source = MlflowServerSource(store.uri, clock=lambda: 0.0, server=server)
    clock = ManualClock()
    monitor = Monitor(clock, lambda: 0.0, threaded=False)

    watch = monitor.watch(source, run_id, Viewer(Pace(10, 10), seen=False))
    for minute in range(6):
        server.left = 12
        while monitor.run_due() == 0:
            pass
        asked = server.requests
        if minute == 0:
            assert watch.state.health.state == "stale"
            assert "429" in watch.state.health.message
            assert server.left == -1, "the one that was refused is the last"
            clock.advance(59)
            monitor.run_due()
            assert server.requests == asked
        clock.advance(61)
    assert [len(series) for series in watch.state.series.values()] == [3] * 40


def test_logs_wait_with_the_run_for_a_server_that_does_not_answer(monkeypatch):
    shown = Shown()
    monkeypatch.setattr(MemorySource, "requests", property(lambda _: 5))
    shown.script.write("a.log", "text\n")
    shown.wish("logs", path="a.log")
    asked = []
    read = shown.source.read
    monkeypatch.setattr(shown.source, "log_files", lambda *_: asked.append("list") or [])
    monkeypatch.setattr(shown.source, "read_file", lambda *_: asked.append("read") or LogChunk("a.log", 0, b"", 0))

    def refuse(*_):
        raise SourceUnavailable("Too many requests.", 120.0)

    monkeypatch.setattr(shown.source, "read", refuse)
    shown.go_on(11)
    assert shown.watch.state.health.state == "stale"
    assert asked == []
    monkeypatch.setattr(shown.source, "read", read)
    shown.go_on(200)
    assert shown.watch.state.health.state == "live"
    assert asked


class Choosy(MemorySource):
    """Reads only what is wanted, as a server does."""

    capabilities = MemorySource.capabilities.fget(None) | {"selective"}

    def __init__(self):
        super().__init__()
        self.missed = {}

    def read(self, run_id, cursor=None, wanted=None):
        delta = super().read(run_id, cursor)
        if cursor is None:
            return delta
        points, latest = {}, {}
        for name, new in delta.points.items():
            self.missed.setdefault(name, []).append(new)
        for name in list(self.missed):
            if wanted is None or name in wanted:
                points[name] = Points.joined(self.missed.pop(name))
            elif name in delta.points:
                latest[name] = delta.points[name].take([-1])
        return Delta(delta.cursor, delta.run, points=points, latest=latest)


def test_headless_numbers_are_exact_while_a_page_sees_other_charts():
    source = Choosy()
    script = source.add(Run("r", status=Status.RUNNING))
    script.log("val/loss", 5.0, step=0)
    for name in [*(f"{other}/loss" for other in range(20)), "hidden/loss"]:
        script.log(name, 5.0, step=0)
    details = RunDetails(script, refresh=3_600)
    try:
        watch = details._presenter.watch
        details.get_widget_data()
        details._presenter.widget = Page()
        details._presenter._looking.heard("v", True)
        details._presenter._looking.sees("v", frozenset())
        for step, value in enumerate([0.5, 9.0, 4.0], start=1):
            script.log("hidden/loss", value, step=step)
        reads = watch.reads
        details.refresh()
        with watch.news:
            watch.news.wait_for(lambda: watch.reads > reads, 20)
            assert watch.state.series["hidden/loss"].is_behind
            assert ">1+<" in details._presenter._twin.made(watch), "the picture says that there are more"
        found = details.get_widget_data()["metrics"]["hidden/loss"]
        assert found == {"last": 4.0, "min": 0.5, "max": 9.0, "best": 0.5, "count": 4}
        assert details._presenter.wanted(watch) is not None, "only for that moment"
    finally:
        details._presenter.widget = None
        details.close()


def test_two_who_ask_why_a_run_failed_both_learn_it():
    source = MemorySource()
    script = source.add(Run("r", status=Status.FAILED, started=T0, ended=T0 + 9))
    script.write("a.log", "ValueError: no\n")
    looked, go_on = threading.Event(), threading.Event()
    read = source.read_file

    def slow(*arguments):
        looked.set()
        go_on.wait(20)
        return read(*arguments)

    source.read_file = slow
    details = RunDetails(script)
    try:
        assert details._presenter.watch is not None
        assert looked.wait(20), "the poll thread is looking"
        found = []
        asking = threading.Thread(target=lambda: found.append(details.get_widget_data()["error_line"]))
        asking.start()
        asking.join(0.5)
        go_on.set()
        asking.join(20)
        assert found == ["ValueError: no"]
    finally:
        details.close()


@pytest.mark.parametrize("path", [5, ["a.log"], {}, True, 1.5])
def test_a_path_that_is_no_text_is_refused_and_other_views_go_on(path):
    shown = Shown()
    shown.script.write("a.log", "text\n")
    shown.wish("logs", path="a.log")
    shown.hear({"kind": "wish", "id": 8, "wish": "logs", "view": "w", "path": path})
    assert "Reload the page" in shown.page.all("answer")[-1]["error"]
    shown.script.write("a.log", "more\n")
    shown.go_on(11)
    assert shown.page.all("log")


NONSENSE = [
    {"id": "x", "wish": "look"},
    {"id": None, "wish": "refresh"},
    {"id": float("nan"), "wish": "look"},
    {"id": 7, "wish": ["look"]},
    {"id": 7, "wish": "look", "metrics": [[1], {}]},
    {"id": 7, "wish": "look", "metrics": 5},
    {"id": 7, "wish": "range"},
    {"id": 7, "wish": "range", "series": 0, "first_step": float("nan"), "last_step": 9},
    {"id": 7, "wish": "range", "series": 0, "first_step": "1", "last_step": "9"},
    {"id": 7, "wish": "log_range"},
    {"id": 7, "wish": "log_range", "path": "a.log", "start": float("inf"), "length": 5},
    {"id": 7, "wish": "log_range", "path": "a.log", "start": "x", "length": 5},
    {"id": 7, "wish": "log_range", "path": "../../etc/passwd", "start": 0, "length": 5},
    {"id": 7, "wish": "log_range", "path": "a\0.log", "start": 0, "length": 5},
    {"id": 7, "wish": "log_range", "path": "x" * 5_000, "start": 0, "length": 5},
    {"id": 7, "wish": "log_find"},
    {"id": 7, "wish": "log_find", "path": "a.log", "start": 0, "text": 5},
    {"id": 7, "wish": "log_find", "path": 5, "start": 0, "text": "x"},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_from_a_page_is_answered_and_reading_goes_on(nonsense):
    shown = Shown()
    shown.script.log("loss", 1.0)
    shown.script.write("a.log", "text\n")
    shown.go_on(11)
    shown.hear({"kind": "wish", "view": "v", **nonsense})
    if nonsense["id"] == 7 and nonsense["wish"] != ["look"]:
        error = shown.page.all("answer")[-1]["error"]
        assert error[0].isupper() or error[0] == "'"
        assert error.endswith((".", "…"))
        assert len(error) < 500
        assert "Traceback" not in error
    reads = shown.watch.reads
    shown.go_on(61)
    assert shown.watch.reads == reads + 1


def test_a_viewer_that_fails_takes_nothing_from_the_others():
    clock = ManualClock()
    source = MemorySource(clock=clock.time)
    source.add(Run("r", status=Status.RUNNING, started=clock.time()))
    monitor = Monitor(clock, chance=lambda: 0.0, threaded=False)

    class Broken(Viewer):
        def changed(self, watch, change):
            raise RuntimeError("A scale of this figure was deleted.")

        def checked(self, watch):
            raise RuntimeError("A scale of this figure was deleted.")

    monitor.watch(source, "r", Broken(Pace(10, 10)))
    well = Viewer(Pace(10, 10))
    monitor.watch(source, "r", well)
    monitor.run_due()
    clock.advance(11)
    monitor.run_due()
    assert (len(well.changes), well.checks) == (1, 1)


def test_what_a_lost_view_showed_is_no_longer_read():
    clock = ManualClock()
    looking = Looking(clock)
    looking.heard("lost", visible=True)
    looking.sees("lost", frozenset({"a", "b"}))
    clock.advance(SILENCE)
    looking.heard("here", visible=True)
    looking.sees("here", frozenset({"b", "c"}))
    assert looking.metrics() == {"a", "b", "c"}
    clock.advance(SILENCE / 2)
    looking.heard("here")
    assert looking.metrics() == {"b", "c"}
    looking.heard("lost")
    assert looking.metrics() == {"a", "b", "c"}, "it was only asleep"


def test_the_log_of_a_lost_view_is_no_longer_read():
    shown = Shown()
    shown.script.write("a.log", "text\n")
    shown.hear({"kind": "wish", "id": 1, "wish": "logs", "view": "lost", "path": "a.log"})
    shown.clock.advance(SILENCE * 1.5)
    shown.wish("look", visible=True)
    read = []
    before = shown.source.read_file
    shown.source.read_file = lambda *arguments: read.append(1) or before(*arguments)
    shown.script.write("a.log", "more\n")
    shown.go_on(11)
    assert read == []
    shown.hear({"kind": "wish", "id": 2, "wish": "look", "view": "lost", "visible": True})
    shown.go_on(11)
    assert read, "it was only asleep"


def test_a_watch_that_is_joined_while_its_last_viewer_leaves_is_read_on():
    clock = ManualClock()
    source = MemorySource(clock=clock.time)
    source.add(Run("r", status=Status.RUNNING, started=clock.time()))
    monitor = Monitor(clock, chance=lambda: 0.0, threaded=False)
    old, new = (Presenter(source, "r", Pace(10, 10), monitor) for _ in range(2))
    watch = monitor.watch(source, "r", old)
    join = watch.join

    def join_late(viewer):
        # What the other thread does between the look for the watch and the joining of it.
        monitor.unwatch(watch, old)
        join(viewer)

    watch.join = join_late
    joined = monitor.watch(source, "r", new)
    monitor.run_due()
    assert joined.reads == 1


def test_an_unforeseen_error_is_raised_without_its_secrets():
    source = MemorySource()
    script = source.add(Run("r", status=Status.RUNNING))
    details = RunDetails(script)

    def broken(*_):
        raise ValueError("https://ada:hunter2@host/?sig=hunter2 is no address")

    source.read = broken
    try:
        with pytest.raises(Exception, match="is no address") as raised:
            details.get_widget_data()
        assert "hunter2" not in str(raised.value)
    finally:
        details.close()


@pytest.mark.parametrize(
    "address",
    [
        "https://ada:hunter2@host/x?token=hunter2#hunter2",
        "http://hunter2@host:99999",
        "https://ada:hun/hunter2@host",
        "https://hunter2:hun/ter@host",
        "https://ada:hunter2@[bad",
        "http://ada:hunter2@",
    ],
)
def test_no_address_however_odd_gives_away_its_password(address):
    source = MlflowServerSource(address, server=Server(address, patience=0.01))
    with pytest.raises(SourceUnavailable) as raised:
        source.find("x")
    told = [repr(source), source.name, source.key, source._server.place, str(raised.value)]
    assert not [text for text in told if "hunter2" in text]
