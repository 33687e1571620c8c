"""Real MLflow stores for tests: made once by MLflow, copied for each test, written to as MLflow writes."""

from __future__ import annotations

import atexit
import functools
import math
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from rundetails.facts import Status

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

LARGEST = 1.7976931348623157e308
BEGAN = 1_700_000_000.0
"""When the first run of a store begins: seconds since 1970-01-01 UTC."""


@functools.cache
def template() -> Path:
    """An empty store, as rundetails makes it."""
    from rundetails.sdk.store import create_store

    folder = Path(tempfile.mkdtemp(prefix="rundetails-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create_store(folder / "mlflow.db")
    return folder / "mlflow.db"


class Store:
    """One store, and the means to write to it without the time that MLflow takes."""

    def __init__(self, path: Path, journal: str = "wal") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template(), path)
        self.path = path
        self.uri = f"sqlite:///{path}"
        self._runs = 0
        with closing(self.connect()) as connection:
            connection.execute(f"PRAGMA journal_mode = {journal}")

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, isolation_level=None)

    def execute(self, sql: str, *values: object) -> None:
        with closing(self.connect()) as connection:
            connection.execute(sql, values)

    def create_experiment(self, name: str) -> str:
        """By MLflow itself; returns its ID."""
        from mlflow import MlflowClient

        return str(MlflowClient(self.uri).create_experiment(name))

    def create_run(
        self, name: str = "a run", *, run_id: str | None = None, parent: str | None = None, experiment_id: str = "0"
    ) -> str:
        run_id = run_id or uuid.uuid4().hex
        began = BEGAN + self._runs
        self._runs += 1
        self.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time,"
            " source_version, lifecycle_stage, artifact_uri, experiment_id)"
            " VALUES (?, ?, 'UNKNOWN', '', '', 'ada', 'RUNNING', ?, '', 'active', ?, ?)",
            *(run_id, name, int(began * 1000), self.artifact_uri(run_id), int(experiment_id)),
        )
        self.tag(run_id, "mlflow.runName", name)
        if parent:
            self.tag(run_id, "mlflow.parentRunId", parent)
        return run_id

    def log(self, run_id: str, metric: str, points: Iterable[tuple[int, float, float]]) -> None:
        """Points as (step, seconds since 1970, value), one transaction for all."""
        self.log_all(run_id, ((metric, *point) for point in points))

    def log_all(self, run_id: str, points: Iterable[tuple[str, int, float, float]]) -> None:
        """Points as (metric, step, seconds since 1970, value), one transaction for all."""
        latest: dict[str, tuple[int, int, float, bool]] = {}

        def rows() -> Iterable[tuple[object, ...]]:
            for metric, step, time, value in points:
                stored = 0.0 if math.isnan(value) else max(-LARGEST, min(LARGEST, value))
                point = (step, round(time * 1000), stored, math.isnan(value))
                latest[metric] = max(latest.get(metric, point), point)
                yield (metric, run_id, *point)

        with closing(self.connect()) as connection:
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO metrics (key, run_uuid, step, timestamp, value, is_nan)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                rows(),
            )
            connection.executemany(
                "INSERT INTO latest_metrics (key, run_uuid, step, timestamp, value, is_nan) VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (key, run_uuid) DO UPDATE SET step = excluded.step, timestamp = excluded.timestamp,"
                " value = excluded.value, is_nan = excluded.is_nan"
                " WHERE (excluded.step, excluded.timestamp, excluded.value)"
                " >= (latest_metrics.step, latest_metrics.timestamp, latest_metrics.value)",
                [(metric, run_id, *point) for metric, point in latest.items()],
            )
            connection.execute("COMMIT")

    def parameter(self, run_id: str, name: str, value: str) -> None:
        self.execute("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", name, value, run_id)

    def tag(self, run_id: str, name: str, value: str) -> None:
        self.execute(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)"
            " ON CONFLICT (key, run_uuid) DO UPDATE SET value = excluded.value",
            *(name, value, run_id),
        )

    def end(self, run_id: str, status: str = "FINISHED", at: float = BEGAN + 100) -> None:
        self.execute("UPDATE runs SET status = ?, end_time = ? WHERE run_uuid = ?", status, int(at * 1000), run_id)

    def delete(self, run_id: str) -> None:
        """Into the bin."""
        self.execute("UPDATE runs SET lifecycle_stage = 'deleted' WHERE run_uuid = ?", run_id)

    def purge(self, run_id: str) -> None:
        """For good, as `mlflow gc` does."""
        for table in ("metrics", "latest_metrics", "params", "tags", "runs"):
            self.execute(f"DELETE FROM {table} WHERE run_uuid = ?", run_id)  # noqa: S608

    def artifact_uri(self, run_id: str) -> str:
        return str(self.path.parent / "artifacts" / run_id)

    def artifact_folder(self, run_id: str) -> Path:
        folder = self.path.parent / "artifacts" / run_id
        folder.mkdir(parents=True, exist_ok=True)
        return folder


WORDS = {Status.COMPLETED: "FINISHED", Status.FAILED: "FAILED", Status.CANCELED: "KILLED"}


class StoreSubject:
    """A subject of the conformance suite whose runs are in a real store; what reads them is the subclass's."""

    def __init__(self, folder):
        self.store = self.make(folder)
        self.source = self.open()

    def make(self, folder):
        return Store(folder / "mlflow.db")

    def experiment(self, name):
        return self.store.create_experiment(name)

    def create(self, name="a run", parent=None, experiment="0"):
        return self.store.create_run(name, parent=parent, experiment_id=experiment)

    def log(self, run_id, metric, points):
        self.store.log(run_id, metric, points)

    def parameter(self, run_id, name, value):
        self.store.parameter(run_id, name, value)

    def tag(self, run_id, name, value):
        self.store.tag(run_id, name, value)

    def end(self, run_id, status):
        self.store.end(run_id, WORDS[status])

    def delete(self, run_id):
        self.store.delete(run_id)

    def write(self, run_id, path, data):
        file = self.store.artifact_folder(run_id) / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def folder(self, run_id):
        return self.store.artifact_folder(run_id)
