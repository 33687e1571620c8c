"""Real MLflow servers for tests: each started once a session, written to as MLflow writes, empty for each test."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from stores import Store, StoreSubject, template

SERVERS = Path(sys.prefix) / "servers"
"""What `tools/servers.py` installs."""

PATIENCE = 120.0
"""Seconds for a server to start, on a machine with much else to do."""


@dataclass(frozen=True)
class LiveServer:
    """A running `mlflow server`."""

    address: str
    database: str
    """The tracking URI of what is behind it."""
    artifacts: Path
    process: subprocess.Popen[bytes]


@functools.cache
def sqlite_server() -> LiveServer:
    """The newest MLflow on sqlite."""
    folder = _folder("sqlite")
    shutil.copyfile(template(), folder / "mlflow.db")
    return start(folder, f"sqlite:///{folder}/mlflow.db")


@functools.cache
def old_server() -> LiveServer:
    """MLflow 3.10 on sqlite."""
    folder = _folder("sqlite-310")
    return start(folder, f"sqlite:///{folder}/mlflow.db", "3.10")


@functools.cache
def postgres_server() -> LiveServer:
    """The newest MLflow on PostgreSQL. Skips the test where there is none."""
    folder = _folder("postgres")
    return start(folder, postgres())


def start(folder: Path, database: str, release: str = "", *, port: int | None = None) -> LiveServer:
    """Starts a server; it is stopped when the process ends, or by `stop`. `release`: empty for the newest MLflow."""
    installed = SERVERS / (release or version("mlflow-skinny"))
    if not (installed / ".installed").exists():
        pytest.skip(f"there is no MLflow server in {installed}: `make setup` installs one")
    port = port or free_port()
    artifacts = folder / "artifacts"
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command += ["--backend-store-uri", database, "--artifacts-destination", str(artifacts)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
    environment |= {
        "PYTHONPATH": f"{installed}{os.pathsep}{SERVERS / 'shared'}",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        # Otherwise it is ten processes and two gigabytes.
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    server = LiveServer(f"http://127.0.0.1:{port}", database, artifacts, process)
    atexit.register(stop, server)
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        # A run of the tests that is told to end does not leave its servers behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.address}/health", timeout=5):
            return server
        time.sleep(0.1)
    stop(server)
    raise RuntimeError(f"mlflow server did not start:\n{(folder / 'server.log').read_text()[-3_000:]}")


def stop(server: LiveServer) -> None:
    """Ends the server and all that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(server.process.pid, signal.SIGKILL)
    server.process.wait()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@functools.cache
def postgres() -> str:
    """The address of a PostgreSQL database of our own. Skips the test where PostgreSQL is not installed."""
    if not shutil.which("initdb") or not shutil.which("pg_ctl"):
        pytest.skip("PostgreSQL (initdb, pg_ctl) is not installed here")
    folder = _folder("postgres-data")
    data, port = folder / "data", free_port()
    become: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(folder, "nobody")
        become = ["setpriv", "--reuid", "nobody", "--clear-groups"]
    # No sync: what is lost when the machine stops is a test's.
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
    made = ["initdb", "-D", str(data), "-A", "trust", "-U", "tests", "--no-sync", "-E", "UTF8", "--no-locale"]
    subprocess.run([*become, *made], **quiet)
    options = f"-p {port} -k '' -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=off"
    control = [*become, "pg_ctl", "-D", str(data), "-s", "-w"]
    atexit.register(subprocess.run, [*control, "-m", "immediate", "stop"], cwd="/", stderr=subprocess.DEVNULL)
    subprocess.run([*control, "-l", str(folder / "log"), "-o", options, "start"], **quiet)
    return f"postgresql+psycopg2://tests@127.0.0.1:{port}/postgres"


def _folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"rundetails-{name}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class ServerStore(Store):
    """What is behind a server, emptied. Names that MLflow refuses to write get in this way too."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.uri = server.address
        self.path = Path(server.database.removeprefix("sqlite:///"))
        self._runs = 0
        for table in ("metrics", "latest_metrics", "params", "tags", "runs"):
            self.execute(f"DELETE FROM {table}")  # noqa: S608

    def artifact_uri(self, run_id: str) -> str:
        return f"mlflow-artifacts:/0/{run_id}/artifacts"

    def artifact_folder(self, run_id: str) -> Path:
        folder = self.server.artifacts / "0" / run_id / "artifacts"
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class PostgresStore(ServerStore):
    """The same, in PostgreSQL."""

    def connect(self) -> Any:
        return _Connection(self.server.database)


class _Connection:
    """As much of `sqlite3.Connection` as `Store` uses."""

    def __init__(self, address: str) -> None:
        with _on_path(SERVERS / "shared"):
            import psycopg2
            import psycopg2.extras
        self._many = psycopg2.extras.execute_batch
        self._connection = psycopg2.connect(address.replace("+psycopg2", ""))
        self._connection.autocommit = True
        self._cursor = self._connection.cursor()

    def execute(self, sql: str, values: Iterable[object] = ()) -> None:
        self._cursor.execute(sql.replace("?", "%s"), tuple(values))

    def executemany(self, sql: str, rows: Iterable[Iterable[object]]) -> None:
        self._many(self._cursor, sql.replace("?", "%s"), rows, page_size=1_000)

    def close(self) -> None:
        self._connection.close()


@contextlib.contextmanager
def _on_path(folder: Path) -> Iterator[None]:
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


class ServerSubject(StoreSubject):
    """A subject of the conformance suite behind a server. Its clock stands still, so that no read runs out of time."""

    server = staticmethod(sqlite_server)
    store_of = ServerStore

    def make(self, folder):
        self.now = 0.0
        return self.store_of(self.server())

    def open(self):
        from rundetails.sources import MlflowServerSource

        return MlflowServerSource(self.store.uri, clock=lambda: self.now)

    def write(self, run_id, path, data):
        super().write(run_id, path, data)
        # Listings are kept for a while.
        self.now += 60.0

    def folder(self, run_id):
        """Links in it would be the server's matter."""
        return
