"""Reading a store: ours, and MLflow's own client beside it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from rundetails.facts import Run
from rundetails.monitor import RunState
from rundetails.sources import open_source
from rundetails.sources.protocol import RunSource

from .data import Store, many_metrics, spike
from .table import Table


def measure(table: Table, folder: Path) -> None:
    store, run = many_metrics(folder)
    ours = min(_whole(open_source(str(store.path)), run)[0] for _ in range(3))
    began = time.perf_counter()
    for index in range(20):
        store.client.get_metric_history(run, f"{'train' if index % 2 else 'val'}/metric_{index:02}")
    client = time.perf_counter() - began
    table.add("20 metrics × 10,000 points: our read", 1000 * ours, "ms")
    table.add("the same with MLflow's client", 1000 * client, "ms", None, f"{client / ours:.0f} × ours")
    table.add("our read as part of MLflow's client's", ours / client, "×", 0.1)

    store, run = spike(folder)
    source = open_source(str(store.path))
    first, extremes, exact = [], [], []
    for _ in range(3):
        total, seen, highest = _whole(source, run)
        first.append(seen)
        extremes.append(highest)
        exact.append(total)
    raw = min(_raw(store, run) for _ in range(3))
    table.add(
        "1,000,000 rows fetched by sqlite3 itself: the floor here",
        1000 * raw,
        "ms",
        None,
        "470 ms where budgets were set",
    )
    table.add(
        "1,000,000 points with one spike: provisional", 1000 * min(first), "ms", None, "50 ms there is 0.11 floors"
    )
    table.add("the same in floors", min(first) / raw, "×", 0.11)
    table.add(
        "until the spike is there and extremes are exact", 1000 * min(extremes), "ms", None, "500 ms: 1.06 floors"
    )
    table.add("the same in floors", min(extremes) / raw, "×", 1.06)
    table.add("until all points are read and all numbers exact", 1000 * min(exact), "ms")


def _raw(store: Store, run: str) -> float:
    """Seconds."""
    with closing(sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)) as connection:
        began = time.perf_counter()
        connection.execute("SELECT step, timestamp, value FROM metrics WHERE run_uuid = ?", (run,)).fetchall()
        return time.perf_counter() - began


def _whole(source: RunSource, run: str) -> tuple[float, float, float]:
    """Seconds until all is read, until something can be drawn, and until the spike (100) is in it."""
    state = RunState(Run(run))
    began = time.perf_counter()
    cursor, seen, spiked = None, 0.0, 0.0
    while True:
        delta = source.read(run, cursor)
        state.merge(delta, 2_000)
        cursor = delta.cursor
        seen = seen or time.perf_counter() - began
        if not spiked and max((one.stats.max or 0 for one in state.series.values()), default=0) == 100:
            spiked = time.perf_counter() - began
        if not delta.remaining:
            return time.perf_counter() - began, seen, spiked or float("inf")
