"""The run's logs, as the page is told of them: growing, rewritten, too fast, huge, gone."""

import os
from pathlib import Path

import pytest

from rundetails import MemorySource, RunDetails
from rundetails import logs as logs_module
from rundetails.facts import Run, Status
from rundetails.loglines import RULES, clean, error_offsets, is_error, last_error
from rundetails.logs import RANGE, TAIL, TICK, LogDesk
from rundetails.monitor import ManualClock, Monitor, Pace, RunState
from rundetails.presenter import Presenter
from rundetails.sources.sqlite import SqliteSource
from stores import Store

TRACEBACK = b"""Traceback (most recent call last):
  File "train.py", line 3, in <module>
    main()
ValueError: no such thing
"""


class Logged:
    """A run in a real store, and the folder of its artifacts."""

    def __init__(self, folder: Path) -> None:
        store = Store(folder / "mlflow.db")
        self.id = store.create_run()
        self.source = SqliteSource(store.path)
        self.folder = folder / "artifacts" / self.id
        self.desk = LogDesk(self.source, self.id, ManualClock())

    def write(self, path: str, data: bytes, mode: str = "ab") -> Path:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        before = place.stat().st_mtime_ns if place.exists() else 0
        with place.open(mode) as file:
            file.write(data)
        # Two writes within a tick of the file system's clock are told apart.
        os.utime(place, ns=(before + 10**9, before + 10**9))
        return place

    def tick(self) -> tuple[list[tuple[int, bytes, int]], dict]:
        """Parts as (start, bytes, generation), and the message."""
        news = self.desk.tick(RunState(Run(self.id)), 0.0)
        if news is None:
            return [], {}
        message, buffers = news
        parts = zip(message["parts"], buffers, strict=True)
        return [(part["start"], bytes(data), part["generation"]) for part, data in parts], message


@pytest.fixture
def logged(tmp_path):
    return Logged(tmp_path)


def test_a_file_opens_at_its_tail_and_grows_by_what_is_new(logged):
    logged.write("logs/a.log", b"x" * (TAIL + 10))
    files, (part, data) = logged.desk.open("view", "logs/a.log")
    assert [(file["path"], file["size"]) for file in files] == [("logs/a.log", TAIL + 10)]
    assert (part["start"], len(data), part["size"], part["generation"]) == (10, TAIL, TAIL + 10, 1)
    assert logged.tick() == ([], {})
    logged.write("logs/a.log", b"new\n")
    assert logged.tick()[0] == [(TAIL + 10, b"new\n", 1)]
    assert logged.tick() == ([], {})


def test_an_empty_file_may_grow_and_a_new_one_is_listed(logged):
    logged.write("logs/a.log", b"")
    assert logged.desk.open("view", "logs/a.log")[1][1] == b""
    logged.write("logs/a.log", b"first")
    parts, message = logged.tick()
    assert parts == [(0, b"first", 1)]
    assert [file["path"] for file in message["files"]] == ["logs/a.log"]
    assert "is_whole" not in message
    logged.write("logs/b.log", b"other")
    parts, message = logged.tick()
    assert parts == []
    assert [file["path"] for file in message["files"]] == ["logs/a.log", "logs/b.log"]
    assert message["is_whole"]


@pytest.mark.parametrize("rewritten", [b"short", b"other " * 10, b"y" * 100, b"z" * 400_000])
def test_a_file_that_is_cut_or_rewritten_begins_anew(logged, rewritten):
    logged.write("logs/a.log", b"x" * 100)
    logged.desk.open("view", "logs/a.log")
    logged.write("logs/a.log", rewritten, "wb")
    ((start, data, generation),), _ = logged.tick()
    assert generation == 2
    assert data == rewritten[-TAIL:]
    assert start == len(rewritten) - len(data)
    logged.write("logs/a.log", b"more")
    assert logged.tick()[0] == [(len(rewritten), b"more", 2)]


def test_a_file_that_was_rewritten_while_it_was_closed_is_noticed(logged):
    logged.write("logs/a.log", b"x" * 100)
    logged.desk.open("view", "logs/a.log")
    logged.desk.close("view")
    logged.write("logs/a.log", b"y" * (TAIL * 2), "wb")
    assert logged.desk.open("view", "logs/a.log")[1][0]["generation"] == 2


def test_what_grows_faster_than_it_can_be_sent_leaves_a_gap_and_never_lags(logged):
    logged.write("logs/a.log", b"start\n")
    logged.desk.open("view", "logs/a.log")
    for _ in range(3):
        logged.write("logs/a.log", b"x" * (3 * TICK))
        ((start, data, generation),), message = logged.tick()
        size = message["parts"][0]["size"]
        assert (start + len(data), generation) == (size, 1)
        assert len(data) == TAIL
        assert logged.tick() == ([], {})
    part, data = logged.desk.range("logs/a.log", 3, 10)
    assert (part["start"], data) == (3, b"rt\nxxxxxxx")
    assert len(logged.desk.range("logs/a.log", 0, 10**9)[1]) == RANGE


def test_several_open_files_share_the_budget(logged):
    for name in "abcd":
        logged.write(f"logs/{name}.log", b"-")
        logged.desk.open(name, f"logs/{name}.log")
    for name in "abcd":
        logged.write(f"logs/{name}.log", b"x" * TICK)
    parts, _ = logged.tick()
    assert len(parts) == 4
    assert sum(len(data) for _, data, _ in parts) <= TICK


def test_a_gigabyte_is_opened_and_searched_in_bounded_steps(logged):
    place = logged.write("logs/huge.log", b"")
    os.truncate(place, 2**30)
    logged.write("logs/huge.log", b"\nValueError: the end\n")
    part, data = logged.desk.open("view", "logs/huge.log")[1]
    assert len(data) == TAIL
    assert part["size"] > 2**30
    steps = list(logged.desk.search("logs/huge.log", part["size"], "error", "", True))
    assert steps[-1].offset == 2**30 + 1
    assert steps[-1].is_done


def test_a_search_stops_after_its_bound_and_says_where(logged, monkeypatch):
    monkeypatch.setattr(logs_module, "SEARCHED", 4 * 2**20)
    place = logged.write("logs/huge.log", b"")
    os.truncate(place, 2**28)
    last = list(logged.desk.search("logs/huge.log", 0, "text", "nowhere", False))[-1]
    assert last.offset is None
    assert last.is_done
    assert 4 * 2**20 - 100 <= last.searched_to <= 4 * 2**20


def test_a_search_goes_on_in_steps(logged, monkeypatch):
    monkeypatch.setattr(logs_module, "STEP", -1.0)
    logged.write("logs/a.log", b"-" * (3 * 2**20) + b"here" + b"-" * 100)
    steps = list(logged.desk.search("logs/a.log", 0, "text", "HERE", False))
    assert [step.is_done for step in steps] == [False, False, False, True]
    assert steps[-1].offset == 3 * 2**20


@pytest.mark.parametrize("block", [7, 16, 64, 4096])
@pytest.mark.parametrize("back", [False, True])
def test_a_search_finds_across_blocks(logged, monkeypatch, block, back):
    monkeypatch.setattr(logs_module, "BLOCK", block)
    data = b"one\ntwo\nERROR x\nthree Needle four\nfive\nERROR y\nlast"
    logged.write("logs/a.log", data)

    def find(start, kind, text=""):
        return list(logged.desk.search("logs/a.log", start, kind, text, back))[-1].offset

    start = len(data) if back else 0
    assert find(start, "text", "needle") == data.index(b"Needle")
    assert find(start, "text", "nothing") is None
    if block > 10:
        first, second = data.index(b"ERROR x"), data.index(b"ERROR y")
        assert find(start, "error") == (second if back else first)
        assert find(second if back else first + 8, "error") == (first if back else second)
        assert find(first if back else second + 8, "error") is None


def test_a_file_that_cannot_be_read_is_a_sentence_and_heals(logged):
    place = logged.write("logs/a.log", b"text")
    logged.desk.open("view", "logs/a.log")
    place.unlink()
    _, message = logged.tick()
    assert "has no artifact" in message["parts"][0]["error"]
    assert logged.tick() == ([], {}), "said once"
    logged.write("logs/a.log", b"text and more")
    parts, message = logged.tick()
    assert parts == [(4, b" and more", 1)]
    assert "error" not in message["parts"][0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_says_so(logged):
    logged.write("logs/a.log", b"text").chmod(0)
    part, data = logged.desk.open("view", "logs/a.log")[1]
    assert "Check its permissions" in part["error"]
    assert data == b""


def test_what_lies_outside_of_the_folder_is_refused(logged, tmp_path):
    (tmp_path / "secret.log").write_bytes(b"secret")
    part, data = logged.desk.open("view", "../../secret.log")[1]
    assert "artifact folder" in part["error"]
    assert data == b""
    with pytest.raises(LookupError):
        logged.desk.range("/etc/passwd", 0, 10)


class Page:
    """Stands where the widget is, and keeps what it is told."""

    def __init__(self) -> None:
        self.told = []

    def tell(self, message, buffers=None):
        self.told.append((message, [bytes(buffer) for buffer in buffers or []]))

    def last(self, kind):
        return next(told for told in reversed(self.told) if told[0]["kind"] == kind)

    def count(self, kind):
        return sum(message["kind"] == kind for message, _ in self.told)


class Watched:
    """A presenter without Jupyter: on a clock of its own, with wishes made by hand."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.source = MemorySource(clock=self.clock.time)
        self.script = self.source.add(Run("r", status=Status.RUNNING, started=self.clock.time()))
        self.monitor = Monitor(self.clock, chance=lambda: 0.0, threaded=False)
        self.presenter = Presenter(self.source, "r", Pace(), self.monitor)
        self.page = Page()
        self.watch = self.presenter.watch
        self.presenter.widget = self.page
        self.monitor.run_due()

    def wish(self, name, **extra):
        self.presenter._wished({"kind": "wish", "id": 7, "wish": name, "view": "v", **extra})
        while self.monitor.run_due() == 0:
            pass

    def later(self, seconds=15):
        self.clock.advance(seconds)
        while self.monitor.run_due() == 0:
            pass


@pytest.fixture
def watched():
    return Watched()


def count_reads(watched, monkeypatch):
    asked = []
    listed, read = watched.source.log_files, watched.source.read_file
    monkeypatch.setattr(watched.source, "log_files", lambda *a: asked.append("list") or listed(*a))
    monkeypatch.setattr(watched.source, "read_file", lambda *a: asked.append("read") or read(*a))
    return asked


def test_nothing_is_read_while_nobody_has_the_logs_open(watched, monkeypatch):
    asked = count_reads(watched, monkeypatch)
    watched.script.write("a.log", "text\n")
    watched.later()
    assert asked == []
    watched.wish("logs", path="a.log")
    assert watched.page.last("answer")[1] == [b"text\n"]
    watched.script.write("a.log", "more\n")
    watched.later()
    assert watched.page.last("log")[1] == [b"more\n"]
    watched.wish("logs")
    before = len(asked)
    watched.later()
    assert len(asked) == before


@pytest.mark.parametrize("wish", [{"name": "leave"}, {"name": "look", "visible": False}, {"name": "pause"}])
def test_nothing_is_read_for_who_cannot_see_it(watched, monkeypatch, wish):
    watched.script.write("a.log", "text\n")
    watched.wish("hello", visible=True)
    watched.wish("logs", path="a.log")
    watched.wish(**wish)
    asked = count_reads(watched, monkeypatch)
    watched.script.write("a.log", "more\n")
    watched.later(100)
    assert asked == []
    watched.wish("log_range", path="a.log", start=0, length=100)
    assert watched.page.last("answer")[1] == [b"text\nmore\n"], "asked for, it is given"


def test_a_tick_without_news_sends_nothing(watched):
    watched.script.write("a.log", "text\n")
    watched.wish("logs", path="a.log")
    watched.later()
    told = len(watched.page.told)
    watched.later()
    assert len(watched.page.told) == told


def test_errors_of_logs_are_no_errors_of_the_run(watched, monkeypatch):
    watched.wish("logs", path="none.log")
    part = watched.page.last("answer")[0]["parts"][0]
    assert "has no artifact" in part["error"]
    monkeypatch.setattr(watched.source, "log_files", lambda _: 1 / 0)
    watched.later()
    assert watched.page.last("log")[0]["error"] == "Reading failed: division by zero"
    assert watched.watch.state.health.state == "live"
    watched.wish("logs", path="none.log")
    assert watched.page.last("answer")[0]["error"] == "Reading failed: division by zero"


def test_a_newer_search_takes_the_place_of_an_older_one(watched, monkeypatch):
    monkeypatch.setattr(logs_module, "STEP", -1.0)
    watched.script.write("a.log", b"-" * (3 * 2**20) + b"needle")
    for number, text in enumerate(["none", "needle"]):
        wish = {"kind": "wish", "id": number, "wish": "log_find", "view": "v"}
        watched.presenter._wished({**wish, "path": "a.log", "start": 0, "find": "text", "text": text})
    watched.monitor.run_due()
    reads = watched.watch.reads
    watched.clock.advance(15)
    watched.monitor.run_due()
    assert watched.watch.reads == reads + 1, "reading the run does not wait for the search"
    while watched.monitor.run_due() == 0:
        pass
    answers = {message["id"]: message for message, _ in watched.page.told if message["kind"] == "answer"}
    assert "found" not in answers[0] or answers[0]["found"] is None
    assert answers[1]["found"] == 3 * 2**20


def test_a_closed_view_is_searched_for_no_more(watched, monkeypatch):
    monkeypatch.setattr(logs_module, "STEP", -1.0)
    watched.script.write("a.log", b"-" * (30 * 2**20))
    wish = {"kind": "wish", "id": 1, "wish": "log_find", "view": "v", "find": "text", "text": "x"}
    watched.presenter._wished({**wish, "path": "a.log", "start": 0})
    watched.monitor.run_due()
    watched.page.close = lambda: None
    watched.page.layout = watched.page
    watched.presenter.close()
    asked = count_reads(watched, monkeypatch)
    while watched.monitor.run_due() == 0:
        pass
    assert asked == []


def test_a_failed_run_says_why(watched):
    watched.script.write("logs/train.log", b"fine\n" * 10 + TRACEBACK).write("other.log", "ERROR something\n")
    watched.script.end(Status.FAILED)
    watched.later()
    failure = watched.page.last("delta")[0]["failure"]
    offset = 50 + TRACEBACK.index(b"ValueError")
    assert failure == {"path": "logs/train.log", "offset": offset, "line": "ValueError: no such thing"}


def test_the_reason_may_come_after_the_status(watched):
    watched.script.end(Status.FAILED)
    watched.later()
    assert watched.watch.state.failure is None
    watched.script.write("train.log", "RuntimeError: late, token=abcdef123456\n")
    watched.later()
    assert watched.watch.state.health.state == "ended"
    assert watched.watch.state.failure.line == "RuntimeError: late, token=[hidden]"


def test_a_run_that_did_not_fail_is_not_asked_why(watched, monkeypatch):
    asked = count_reads(watched, monkeypatch)
    watched.script.write("train.log", TRACEBACK).end()
    watched.later()
    watched.later()
    assert asked == []


def test_programs_are_told_why_too():
    source = MemorySource()
    script = source.add(Run("r", status=Status.RUNNING)).write("train.log", TRACEBACK)
    details = RunDetails("r", store=source)
    assert details.get_widget_data()["error_line"] is None
    script.end(Status.FAILED)
    details.refresh()
    details.wait("failed", timeout=30)
    assert details.get_widget_data()["error_line"] == "ValueError: no such thing"
    details.close()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (TRACEBACK, "ValueError: no such thing"),
        (TRACEBACK + b"\nERROR: process exited with code 1\n", "ValueError: no such thing"),
        (TRACEBACK + b"going on\n" * 50 + b"Killed\n", "Killed"),
        (TRACEBACK.replace(b"no such", b"first") + b"\n" + TRACEBACK, "ValueError: no such thing"),
        (
            b"".join(b"[rank1]: " + line + b"\n" for line in TRACEBACK.splitlines()),
            "[rank1]: ValueError: no such thing",
        ),
        (TRACEBACK.replace(b"ValueError", b"MyOwnTrouble"), "MyOwnTrouble: no such thing"),
        (b"epoch 1\n\x1b[31mERROR\x1b[0m it broke\nbye\n", "ERROR it broke"),
        (TRACEBACK.rpartition(b"ValueError")[0], "Traceback (most recent call last):"),
        (b"all is well\n", None),
        (b"", None),
    ],
)
def test_the_line_that_says_why(data, expected):
    found = last_error(data, 0)
    assert (found and found[0].text) == expected
    if found and b"\x1b" not in data:
        offset = found[0].offset
        assert data[offset:].startswith(expected.encode())
        assert last_error(b"cut line\n" + data, 100)[0].offset == offset + 109


def test_every_rule_can_be_found_by_its_needles():
    import json

    lines = json.loads((Path(__file__).parents[1] / "js/recorded/errors.json").read_text("utf-8"))["lines"]
    for line, expected in lines:
        assert is_error(line) is expected
        assert error_offsets(b"before\n" + line.encode() + b"\nafter") == ([7] if expected else []), line
    assert all(needles for _, needles in RULES)


def test_a_line_is_read_as_a_person_sees_it():
    assert clean(b"10 %\r20 %\r") == "20 %"
    assert clean(b"a\xffb\x00\x1b[2K") == "a�b"
    assert len(clean(b"x" * 10**6)) <= 8_000
