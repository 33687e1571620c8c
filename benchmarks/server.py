"""What a run behind an MLflow server costs: ours, and MLflow's own client beside it, over HTTP."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from rundetails.facts import Run
from rundetails.monitor import RunState
from rundetails.sources import MlflowServerSource
from servers import start, stop

from .data import Store
from .table import Table

KEYS = [f"metric_{index:03}" for index in range(100)]
SEEN = frozenset(KEYS[:6])
POINTS = 20_000
TICKS = 5


def measure(table: Table, folder: Path) -> None:
    from mlflow import MlflowClient

    store, run = _many(folder)
    server = start(folder, f"sqlite:///{store.path}")
    try:
        source, state = MlflowServerSource(server.address), RunState(Run(run))
        client = MlflowClient(server.address)
        client.get_run(run)
        source.find(run)
        cursor = _first_read(table, source, state, run)

        idle = []
        for _ in range(4 * TICKS):
            spent, cursor = _tick(source, run, cursor)
            idle.append(spent)
        theirs = statistics.median(_timed(lambda: client.get_run(run)) for _ in range(4 * TICKS))
        table.add("a tick with no news, 100 metrics, over HTTP", 1000 * statistics.median(idle), "ms")
        table.add("as part of MLflow's client's get_run", statistics.median(idle) / theirs, "×", 2.0)

        seen = []
        for _ in range(TICKS):
            _grow(store, run)
            before = source.requests
            took, cursor = _tick(source, run, cursor)
            seen.append((took, source.requests - before))
        _grow(store, run)
        theirs = _timed(lambda: [client.get_run(run), *(client.get_metric_history(run, key) for key in SEEN)])
        took = statistics.median(seconds for seconds, _ in seen)
        table.add("10 new points in each of 100 metrics, 6 of them seen", 1000 * took, "ms")
        table.add("requests of that tick", min(count for _, count in seen), "", 7)
        table.add("the same 6 metrics with MLflow's client", 1000 * theirs, "ms", None, f"{theirs / took:.0f} × ours")
        table.add("ours as part of it", took / theirs, "×", 0.1)
    finally:
        stop(server)


def _first_read(table: Table, source: MlflowServerSource, state: RunState, run: str) -> object:
    """Until something of each chart can be drawn, until these are whole, and until all that is read is."""
    began, cursor, shown, whole = time.perf_counter(), None, 0.0, 0.0
    while True:
        delta = source.read(run, cursor, SEEN)
        state.merge(delta, 2_000)
        cursor, now = delta.cursor, time.perf_counter() - began
        if not shown and state.series.keys() >= SEEN:
            shown = now
        if not whole and all(key in state.series and state.series[key].stats.count == POINTS for key in SEEN):
            whole = now
        if not delta.remaining:
            break
    table.add("first read, 100 metrics × 20,000 points: all 6 that are seen shown", shown, "s")
    table.add("until these are exact", whole, "s")
    table.add(f"until the others are, as far as they are read ({source.requests} requests)", now, "s")
    return cursor


def _tick(source: MlflowServerSource, run: str, cursor: object) -> tuple[float, object]:
    began = time.perf_counter()
    while True:
        delta = source.read(run, cursor, SEEN)
        cursor = delta.cursor
        if not delta.remaining:
            return time.perf_counter() - began, cursor


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _many(folder: Path) -> tuple[Store, str]:
    """One run, 100 metrics × 20,000 points: two million rows, written into the tables."""
    store = Store(folder, "server")
    run = store.run()
    curve = np.exp(-np.arange(POINTS) / 5_000)
    for key in KEYS:
        store.fill(run, key, curve)
    return store, run


_length = POINTS


def _grow(store: Store, run: str) -> None:
    """Ten points more for each metric."""
    global _length
    rows = [
        (key, 1 / step, 1_700_000_000_000 + step * 1000, run, step, 0)
        for key in KEYS
        for step in range(_length, _length + 10)
    ]
    _length += 10
    with closing(sqlite3.connect(store.path)) as connection, connection:
        for table in ("metrics", "latest_metrics"):
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} (key, value, timestamp, run_uuid, step, is_nan) "  # noqa: S608
                "VALUES (?, ?, ?, ?, ?, ?)",
                rows,
            )
