"""What people read when a server fails: docs/faults.md promises the sentences, and each of them is made to happen."""

import re
from pathlib import Path

import pytest

from faults import FAULTS, Fault, FaultProxy, make_certificate
from rundetails.errors import AuthExpired
from rundetails.monitor import ManualClock, Monitor, Pace
from rundetails.sources import MlflowServerSource
from rundetails.sources.server_http import Server
from servers import ServerStore, sqlite_server
from stores import BEGAN
from viewers import Viewer

DOCS = Path(__file__).parents[2] / "docs" / "faults.md"
ROWS = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| (.+?) \|$", DOCS.read_text("utf-8"), re.MULTILINE))
"""What the view says, by fault."""

NO_FAULTS = {"ok", "slow", "ahead", "behind"}
"""These are borne without a word."""

OTHERWISE = {"down", "dns", "tls"}
"""No answer of a server: these have tests of their own below."""

SECRET = "hunter2-token-abcdef"


class Watching:
    """One run behind a proxy, watched on a clock of its own."""

    def __init__(self, address, store):
        self.store = store
        self.run = store.create_run()
        self.log(0, 1)
        self.clock = ManualClock(BEGAN)
        self.monitor = Monitor(self.clock, lambda: 0.0, threaded=False)
        self.server = Server(address)
        self.watch = self.monitor.watch(MlflowServerSource(address, server=self.server), self.run, Viewer(Pace(10, 10)))

    def log(self, *steps):
        self.store.log(self.run, "loss", [(step, BEGAN + step, 1 / (step + 1)) for step in steps])

    def tick(self):
        """The next read, when it is due, and what remains after it."""
        self.clock.advance(max(0.0, self.watch.due - self.clock.monotonic()))
        while self.monitor.run_due() == 0.0:
            pass
        return self.watch.state.health

    @property
    def points(self):
        series = self.watch.state.series.get("loss")
        return 0 if series is None else series.stats.count


@pytest.fixture
def store():
    return ServerStore(sqlite_server())


@pytest.fixture
def proxy(store):
    with FaultProxy(store.uri) as standing:
        yield standing


@pytest.fixture
def watching(proxy, store, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", SECRET)
    one = Watching(proxy.address, store)
    assert one.tick().state == "live"
    assert one.points == 2
    return one


def test_the_page_knows_every_fault():
    assert set(ROWS) == set(FAULTS) - NO_FAULTS | OTHERWISE


@pytest.mark.parametrize("name", [name for name in FAULTS if name not in NO_FAULTS])
def test_a_fault_is_said_and_healed(watching, proxy, name):
    proxy.fault = Fault(name)
    # The two that never end are given up after ten seconds and more: here sooner.
    patience, watching.server._patience = watching.server._patience, 0.3 if name in ("endless", "silent") else 10
    watching.log(2, 3)
    health = watching.tick()
    assert health.state == "stale"
    assert ROWS[name] in health.message
    assert len(health.message) <= 300
    assert SECRET not in health.message
    assert "secret-token" not in health.message, "what a redirect carries along is nobody's business"
    assert health.since == pytest.approx(BEGAN)
    assert health.retry_at == pytest.approx(watching.clock.time() + 10)
    assert watching.points == 2, "what is known stays"
    watching.server._patience = patience
    proxy.fault = Fault()
    assert watching.tick().state == "live"
    assert watching.points == 4, "and nothing is lost"


@pytest.mark.parametrize("name", ["slow", "ahead", "behind"])
def test_what_is_only_odd_is_borne(store, proxy, name):
    proxy.fault = Fault(name)
    watching = Watching(proxy.address, store)
    watching.tick()
    watching.log(2, 3)
    assert watching.tick().state == "live"
    assert watching.points == 4
    assert watching.watch.state.at == watching.clock.time(), "the age of the data is counted on the kernel's clock"


@pytest.mark.parametrize("name", ["busy", "away"])
@pytest.mark.parametrize("said", ["120", "Wed, 15 Nov 2023 22:15:20 GMT"])
def test_a_server_that_asks_for_peace_gets_it(watching, proxy, name, said, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_700_086_400.0)  # two minutes before the date
    proxy.fault = Fault(name, retry_after=said)
    health = watching.tick()
    assert health.retry_at == pytest.approx(watching.clock.time() + 120)
    asked = len(proxy.requests)
    watching.watch.hurry()
    watching.clock.advance(119)
    watching.monitor.run_due()
    assert len(proxy.requests) == asked
    proxy.fault = Fault()
    assert watching.tick().state == "live"


def test_a_server_that_is_restarted_is_waited_for(watching, proxy):
    with proxy.down():
        watching.log(2)
        assert ROWS["down"] in watching.tick().message
        assert watching.tick().state == "stale"
    assert watching.tick().state == "live"
    assert watching.points == 3


def test_a_name_that_nobody_knows(store):
    health = Watching("http://mlflow.invalid:5000", store).tick()
    assert ROWS["dns"] in health.message
    assert health.retry_at is not None


def test_a_certificate_that_nobody_trusts(store, tmp_path, monkeypatch):
    certificate = make_certificate(tmp_path)
    with FaultProxy(store.uri, certificate=certificate) as proxy:
        watching = Watching(proxy.address, store)
        assert ROWS["tls"] in watching.tick().message
        monkeypatch.setenv("MLFLOW_TRACKING_SERVER_CERT_PATH", str(certificate))
        assert watching.tick().state == "live", "and it heals as the sentence says"
        assert watching.points == 2


def test_a_new_token_is_taken_up(watching, proxy, monkeypatch):
    proxy.fault = Fault("unauthorized", unless=f"Bearer {SECRET}-new")
    watching.log(2)
    assert ROWS["unauthorized"] in watching.tick().message
    assert isinstance(watching.watch.error, AuthExpired)
    for _ in range(9):
        watching.tick()
    waits = watching.watch.due - watching.clock.monotonic()
    assert waits == pytest.approx(60), "a minute at most: somebody is signing in"
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", f"{SECRET}-new")
    assert watching.tick().state == "live"
    assert watching.points == 3


def test_a_fault_of_the_bulk_alone_loses_nothing(watching, proxy):
    """The run is read, its points are not: the next read must not believe that it has them."""
    proxy.fault = Fault("broken", path="get-history")
    watching.log(2, 3)
    assert watching.tick().state == "stale"
    assert watching.points == 2
    proxy.fault = Fault()
    assert watching.tick().state == "live"
    assert watching.points == 4


def test_a_proxied_server_is_asked_as_seldom(watching, proxy):
    before = len(proxy.requests)
    for _ in range(3):
        watching.tick()
    assert proxy.requests[before:] == ["GET /api/2.0/mlflow/runs/get"] * 3


def test_the_program_for_people(store):
    """`python tests/faults.py` as it is typed."""
    import subprocess
    import sys
    import urllib.error
    import urllib.request

    command = [sys.executable, str(Path(__file__).parents[1] / "faults.py"), store.uri]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as program:
        address = re.search(r"is at (\S+) as well", program.stdout.readline())[1]
        with urllib.request.urlopen(f"{address}/health") as answer:
            assert answer.status == 200
        program.stdin.write("busy 30\n")
        assert program.stdout.readline() == "Now: busy 30\n"
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(f"{address}/health")
        assert (caught.value.code, caught.value.headers["Retry-After"]) == (429, "30")
        program.stdin.write("?\n")
        assert "endless" in program.stdout.readline()
        program.stdin.close()
