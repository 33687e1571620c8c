"""Runs behind a real MLflow server: what each read costs it, and what the conformance tests do not reach."""

import hashlib
import http.server
import os
import threading
import urllib.error
import urllib.request

import numpy as np
import pytest

from rundetails.errors import ArtifactNotFound, AuthExpired, RunNotFound, SourceUnavailable
from rundetails.facts import Run, Status
from rundetails.monitor import RunState
from rundetails.sources import MlflowServerSource, open_source
from rundetails.sources.server_errors import SENTENCES, error_of
from rundetails.sources.server_points import INTERVAL, PAGE
from rundetails.sources.server_reading import LOOK_AGAIN_EVERY, MOST_REQUESTS
from servers import ServerStore, old_server, sqlite_server

T0 = 1_700_000_000.0


@pytest.fixture(params=[sqlite_server, old_server], ids=["new", "3.10"])
def any_store(request):
    return ServerStore(request.param())


@pytest.fixture
def store():
    return ServerStore(sqlite_server())


def source_of(store, address=None):
    """Its clock stands still: no read runs out of time, and nothing is dear."""
    return MlflowServerSource(address or store.uri, clock=lambda: 0.0)


def line(count, start=0):
    return [(step, T0 + step, float(step)) for step in range(start, start + count)]


class Watched:
    """A run as the monitor keeps it, and what each read of it asked of the server."""

    def __init__(self, source, run_id, wanted=None):
        self.source, self.run_id, self.wanted = source, run_id, wanted
        self.state, self.cursor, self.delta = RunState(Run(run_id)), None, None

    def read(self):
        """Requests that one read made."""
        before = self.source.requests
        self.delta = self.source.read(self.run_id, self.cursor, self.wanted)
        self.cursor = self.delta.cursor
        self.state.merge(self.delta, 2_000)
        return self.source.requests - before

    def read_on(self):
        asked = self.read()
        while self.delta.remaining:
            asked += self.read()
        return asked

    def count(self, metric):
        return self.state.series[metric].stats.count


def test_an_idle_tick_is_one_request(any_store):
    run_id = any_store.create_run()
    any_store.log_all(run_id, [(f"m{number}", *point) for number in range(30) for point in line(5)])
    watched = Watched(source_of(any_store), run_id)
    watched.read_on()
    asked = [watched.read() for _ in range(3 * LOOK_AGAIN_EVERY)]
    assert asked.count(1) == len(asked) - 3
    assert max(asked) <= 5
    assert watched.delta.is_empty


def test_a_tick_asks_only_for_what_somebody_sees(store):
    run_id = store.create_run()
    metrics = [f"m{number:03}" for number in range(100)]
    store.log_all(run_id, [(metric, *point) for metric in metrics for point in line(20)])
    watched = Watched(source_of(store), run_id, set(metrics[:6]))
    watched.read_on()
    assert all(watched.count(metric) == 20 for metric in metrics)
    for tick in range(3):
        store.log_all(run_id, [(metric, *point) for metric in metrics for point in line(10, 20 + 10 * tick)])
        assert watched.read() == 7
        assert set(watched.delta.points) == set(metrics[:6])
        assert set(watched.delta.latest) == set(metrics[6:])
    watched.wanted = {metrics[50]}
    assert watched.read() == 2
    assert watched.delta.points[metrics[50]].step.tolist() == list(range(20, 50))
    store.end(run_id)
    watched.read_on()
    assert all(watched.count(metric) == 50 for metric in metrics), "the numbers of a run that is over are exact"


def test_a_read_is_bounded_and_what_is_seen_comes_first(store):
    run_id = store.create_run()
    metrics = [f"m{number:03}" for number in range(150)]
    store.log_all(run_id, [(metric, *point) for metric in metrics for point in line(3)])
    watched = Watched(source_of(store), run_id, {metrics[-1]})
    assert watched.read() <= MOST_REQUESTS + 3, "with the run, its experiment and the version"
    assert watched.delta.remaining
    assert watched.delta.points[metrics[-1]].step.tolist() == [0, 1, 2]
    watched.read_on()
    assert all(watched.count(metric) == 3 for metric in metrics)


def test_a_read_is_bounded_in_time(store):
    now = 0.0

    def clock():
        nonlocal now
        now += 0.1
        return now

    run_id = store.create_run()
    store.log_all(run_id, [(f"m{number}", *point) for number in range(30) for point in line(3)])
    watched = Watched(MlflowServerSource(store.uri, clock), run_id)
    assert watched.read() <= 10
    watched.read_on()
    assert all(watched.count(f"m{number}") == 3 for number in range(30))


def test_a_long_history_shows_a_sample_at_once_and_then_all(store):
    run_id = store.create_run()
    values = np.random.default_rng(0).uniform(0, 1, 25_000)
    values[12_345] = 100.0
    store.log(run_id, "x", [(step, T0 + step, float(value)) for step, value in enumerate(values)])
    now = [0.0]
    source = MlflowServerSource(store.uri, clock=lambda: now[0])
    source.find(run_id)
    watched = Watched(source, run_id)
    # One piece a read.
    source._points.turn_page = late_by(now, 1.0, source._points.turn_page)
    source._points.begin = late_by(now, 1.0, source._points.begin)
    watched.read()
    assert len(watched.delta.overview["x"].points) == INTERVAL
    assert watched.state.counts == {"x": 25_000}
    while watched.delta.remaining:
        assert watched.read() <= 2
    assert watched.count("x") == 25_000
    assert watched.state.series["x"].stats.max == 100.0
    assert watched.state.counts == {}


def late_by(now, seconds, ask):
    def asked(*arguments):
        now[0] += seconds
        return ask(*arguments)

    return asked


def test_a_long_history_nobody_sees_is_sampled_until_somebody_does(store, monkeypatch):
    monkeypatch.setattr("rundetails.sources.server_reading.OTHERS_LONG", 0)
    run_id = store.create_run()
    store.log(run_id, "long", line(INTERVAL + 500))
    store.log(run_id, "short", line(5))
    watched = Watched(source_of(store), run_id, {"short"})
    watched.read_on()
    assert watched.count("long") == INTERVAL
    assert watched.state.counts == {"long": INTERVAL + 500}
    watched.wanted = {"long"}
    watched.read_on()
    assert watched.count("long") == INTERVAL + 500
    assert watched.state.counts == {}


@pytest.mark.parametrize("burst", [INTERVAL - 1, INTERVAL, INTERVAL + 1, PAGE + 5])
def test_many_points_between_two_ticks_all_arrive(any_store, burst):
    run_id = any_store.create_run()
    any_store.log(run_id, "x", line(300))
    watched = Watched(source_of(any_store), run_id)
    watched.read_on()
    any_store.log(run_id, "x", line(burst, 300))
    watched.read_on()
    assert watched.count("x") == 300 + burst
    assert watched.read() == 1


def test_ten_thousand_points_at_step_0_all_arrive(any_store):
    run_id = any_store.create_run()
    points = [(0, T0 + index / 1000, float(index)) for index in range(11_000)]
    any_store.log(run_id, "x", points[:4_000])
    watched = Watched(source_of(any_store), run_id)
    watched.read_on()
    assert watched.count("x") == 4_000
    any_store.log(run_id, "x", points[4_000:])
    watched.read_on()
    assert watched.count("x") == 11_000
    assert watched.state.series["x"].stats.max == 10_999


def test_points_that_come_late_into_a_long_history_arrive(any_store):
    run_id = any_store.create_run()
    any_store.log(run_id, "x", line(3_000, 10))
    watched = Watched(source_of(any_store), run_id)
    watched.read_on()
    any_store.log(run_id, "x", [(5, T0 + 5, -7.0), (1_000, T0 + 9_000, -8.0), (2_000, T0 + 1, -9.0)])
    for _ in range(LOOK_AGAIN_EVERY):
        watched.read_on()
    assert watched.count("x") == 3_003
    assert watched.state.series["x"].stats.min == -9.0
    assert [watched.read_on() for _ in range(LOOK_AGAIN_EVERY)].count(1) == LOOK_AGAIN_EVERY - 1


def test_points_that_came_late_are_there_when_the_run_is_over(any_store):
    run_id = any_store.create_run()
    any_store.log_all(run_id, [(f"m{number}", *point) for number in range(9) for point in line(150, 10)])
    watched = Watched(source_of(any_store), run_id, {"m0"})
    watched.read_on()
    any_store.log_all(run_id, [(f"m{number}", 5, T0 + 5, -7.0) for number in range(9)])
    any_store.end(run_id)
    watched.read_on()
    assert watched.state.run.status is Status.COMPLETED
    assert all(watched.count(f"m{number}") == 151 for number in range(9))


def test_history_that_was_rewritten_comes_anew(store):
    run_id = store.create_run()
    store.log(run_id, "x", line(10))
    watched = Watched(source_of(store), run_id)
    watched.read_on()
    store.execute("DELETE FROM metrics")
    store.execute("DELETE FROM latest_metrics")
    store.log(run_id, "x", [(0, T0, 2.0)])
    watched.read()
    assert watched.delta.reset
    assert watched.delta.points["x"].value.tolist() == [2.0]


def test_dear_news_come_seldom():
    store = ServerStore(old_server())
    run_id = store.create_run()
    store.log(run_id, "x", line(5))
    now = [0.0]
    source = MlflowServerSource(store.uri, clock=lambda: now[0])
    watched = Watched(source, run_id)
    watched.read_on()
    source._points.go_on = late_by(now, 2.0, source._points.go_on)
    seen = []
    for step in range(5, 13):
        store.log(run_id, "x", line(1, step))
        now[0] += 10
        watched.read_on()
        seen.append(watched.count("x"))
        assert watched.state.series["x"].stats.last == step
    assert seen == [6, 6, 6, 6, 10, 10, 10, 10]


def test_without_intervals_pages_do(store, monkeypatch):
    with prefixed(store, hide="get-history-bulk-interval") as address:
        run_id = store.create_run()
        store.log(run_id, "x", line(PAGE + 100))
        watched = Watched(source_of(store, address), run_id)
        watched.read_on()
        assert watched.count("x") == PAGE + 100
        store.log(run_id, "x", line(50, PAGE + 100))
        assert watched.read_on() == 2
        assert watched.count("x") == PAGE + 150
        points, count = watched.source.read_range(run_id, "x", 100, 199, 1_000)
        assert count == len(points) == 100


def test_a_range_of_many_points_keeps_its_extremes(any_store):
    run_id = any_store.create_run()
    values = np.zeros(9_000)
    values[4_321], values[7_654] = 99.0, -99.0
    any_store.log(run_id, "x", [(7 * step, T0 + step, float(value)) for step, value in enumerate(values)])
    points, count = source_of(any_store).read_range(run_id, "x", 0, 10**6, 200)
    assert count == 9_000
    assert len(points) <= 200
    assert {99.0, -99.0} <= set(points.value.tolist())


def test_curves_of_sixty_runs_are_one_request_and_a_long_one_keeps_its_extremes(store):
    runs = [store.create_run(f"r{number}") for number in range(60)]
    for number, run in enumerate(runs):
        store.log(run, "loss", line(20 + number))
    long = [*line(4_000), (4_000, T0 + 4_000, 1e9), *line(1_000, 4_001)]
    store.log(runs[0], "other", long)
    store.log(runs[1], "other", line(3))
    source = source_of(store)
    source.find(runs[0])
    before = source.requests
    found = source.curves(runs, "loss", 50)
    assert source.requests - before <= 2, "the version, and all curves"
    assert sorted(found) == sorted(runs)
    assert found[runs[7]].value.tolist() == [float(step) for step in range(27)]
    assert max(map(len, found.values())) <= 50
    others = source.curves(runs, "other", 50)
    assert sorted(others) == sorted(runs[:2])
    assert others[runs[0]].value.max() == 1e9


def test_curves_of_runs_of_which_one_is_gone(any_store):
    runs = [any_store.create_run(f"r{number}") for number in range(3)]
    for run in runs:
        any_store.log(run, "loss", line(5))
    any_store.purge(runs[1])
    found = source_of(any_store).curves([*runs, "0" * 32], "loss", 50)
    assert sorted(found) == sorted([runs[0], runs[2]])


def test_a_part_of_a_file_is_all_that_crosses(any_store):
    run_id = any_store.create_run()
    path = any_store.artifact_folder(run_id) / "logs" / "train.log"
    path.parent.mkdir()
    path.write_bytes(b"0123456789" * 2**20)
    with prefixed(any_store) as address:
        source = source_of(any_store, address)
        tail = source.read_file(run_id, "logs/train.log", -1_000, 500)
        part = source.read_file(run_id, "logs/train.log", 5_000_003, 10)
        assert (tail.start, tail.size, tail.data) == (10 * 2**20 - 1_000, 10 * 2**20, b"0123456789" * 50)
        assert part.data == b"3456789012"
        assert Proxy.sent < 20_000
        assert source.read_file(run_id, "logs/train.log", -(20 * 2**20), 3).data == b"012"
        beyond = source.read_file(run_id, "logs/train.log", 20 * 2**20)
        assert (beyond.start, beyond.data) == (10 * 2**20, b"")
    path.write_bytes(b"")
    assert source_of(any_store).read_file(run_id, "logs/train.log", -10).data == b""


def test_where_there_are_no_ranges_no_more_than_needed_is_read(store, monkeypatch):
    run_id = store.create_run()
    path = store.artifact_folder(run_id) / "big.log"
    path.write_bytes(b"01234567" * 2**22)
    with prefixed(store, ranges=False) as address:
        source = source_of(store, address)
        assert source.read_file(run_id, "big.log", 3, 4).data == b"3456"
        # What the machine's own buffers hold of 32 MB, and no more.
        assert Proxy.sent < 16_000_000
        with pytest.raises(ArtifactNotFound, match="32 MB, and its store gives files only whole"):
            source.read_file(run_id, "big.log", -10)


def test_a_log_list_costs_few_requests(store):
    run_id = store.create_run()
    folder = store.artifact_folder(run_id)
    for name in ("logs/a.log", "user_logs/std_log.txt", "model/x/y.txt", "data/z.log", "root.log", "weights.bin"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("hello")
    source = source_of(store)
    source.find(run_id)
    before = source.requests
    assert [log.path for log in source.log_files(run_id)] == ["logs/a.log", "root.log", "user_logs/std_log.txt"]
    assert source.requests - before == 3
    source.log_files(run_id)
    assert source.requests - before == 3


def test_a_tail_costs_one_request(store):
    run_id = store.create_run()
    (store.artifact_folder(run_id) / "a.log").write_text("hello")
    source = source_of(store)
    source.find(run_id)
    before = source.requests
    assert source.read_file(run_id, "a.log", -3).data == b"llo"
    assert source.requests - before == 1


def test_the_portal_costs_no_request(store):
    run_id = store.create_run()
    source = source_of(store)
    source.find(run_id)
    before = source.requests
    assert source.portal_url(run_id) == f"{store.uri}/#/experiments/0/runs/{run_id}"
    assert source.requests == before


class Proxy(http.server.BaseHTTPRequestHandler):
    """A host of its own before the server: behind a prefix, for those alone who have its token."""

    protocol_version = "HTTP/1.1"
    target, token, hide, ranges = "", "", "", True
    sent = 0

    def do_GET(self):
        self.pass_on(None)

    def do_POST(self):
        self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

    def pass_on(self, body):
        path = self.path.removeprefix("/workspace/7")
        if path == self.path or (self.hide and self.hide in path):
            return self.answer(404, b"no such page")
        if self.token and self.headers.get("Authorization") != f"Bearer {self.token}":
            return self.answer(401, b"{}")
        headers = {"Content-Type": "application/json"}
        if self.ranges and self.headers.get("Range"):
            headers["Range"] = self.headers["Range"]
        try:
            with urllib.request.urlopen(urllib.request.Request(self.target + path, body, headers)) as reply:
                return self.answer(reply.status, reply.read(), reply.headers)
        except urllib.error.HTTPError as error:
            return self.answer(error.code, error.read(), error.headers)

    def answer(self, status, body, headers=None):
        self.send_response(status)
        for name in ("Content-Type", "Content-Range", "Content-Disposition"):
            if headers and headers.get(name):
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            for at in range(0, len(body), 65_536):
                self.wfile.write(body[at : at + 65_536])
                Proxy.sent += len(body[at : at + 65_536])
        except OSError:
            self.close_connection = True

    def log_message(self, *_):
        """Quiet."""


class prefixed:  # noqa: N801 (reads as a verb)
    """The address of such a host before a store's server."""

    def __init__(self, store, **traits):
        self.kind = type("Proxy", (Proxy,), {"target": store.uri, **traits})

    def __enter__(self):
        Proxy.sent = 0
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.kind)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{self.server.server_port}/workspace/7"

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def test_a_host_with_a_prefix_and_a_token_and_no_version(store, monkeypatch):
    """As Databricks is: the same calls behind a path of its own, bearer tokens, no /version."""
    token = hashlib.sha256(os.urandom(8)).hexdigest()
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", token)
    run_id = store.create_run()
    store.log(run_id, "x", line(30))
    child = store.create_run("child", parent=run_id)
    with prefixed(store, token=token, hide="/version") as address:
        watched = Watched(source_of(store, address), run_id)
        watched.read_on()
        store.log(run_id, "x", line(5, 30))
        assert watched.read_on() == 2
        assert watched.count("x") == 35
        assert [found.id for found in watched.source.children(run_id)] == [child]
        assert token not in repr(watched.source) + watched.source.key + watched.source.name


def test_a_token_that_ran_out_is_told_and_a_new_one_counts_at_once(store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "an-old-token-0123456789")
    run_id = store.create_run()
    store.log(run_id, "x", line(3))
    with prefixed(store, token="a-new-token-0123456789") as address:
        watched = Watched(source_of(store, address), run_id)
        with pytest.raises(AuthExpired, match="MLFLOW_TRACKING_TOKEN") as refused:
            watched.read()
        assert "an-old-token" not in str(refused.value) + repr(refused.value.__cause__)
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "a-new-token-0123456789")
        watched.read_on()
        assert watched.count("x") == 3


@pytest.mark.parametrize("databricks", [False, True])
@pytest.mark.parametrize("what", SENTENCES)
def test_every_failure_is_one_short_sentence(what, databricks, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "a-token-0123456789")
    place = "the MLflow server https://mlflow.example/" + "prefix/" * 40
    detail = "a-token-0123456789 " + "x" * 400
    said = str(error_of(what, place, detail=detail, status=418, databricks=databricks))
    assert len(said) <= 300
    assert "a-token" not in said
    assert "{" not in said
    assert said[0].isupper()


def test_a_wrong_prefix_is_told(store):
    source = source_of(store, f"{store.uri}/elsewhere")
    with pytest.raises(SourceUnavailable, match="no MLflow API"):
        source.read(store.create_run())


def test_nobody_at_an_address_is_told():
    with pytest.raises(SourceUnavailable, match="Nothing listens at"):
        open_source("http://127.0.0.1:1").find("x")


def test_a_purged_run_is_missed(store):
    other = store.create_run()
    run_id = store.create_run()
    watched = Watched(source_of(store), run_id)
    watched.read()
    store.purge(run_id)
    with pytest.raises(RunNotFound, match=other):
        watched.read()
