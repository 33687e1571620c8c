"""10,000 runs below a run behind an MLflow server, over HTTP: ours, and MLflow's own client beside it."""

from __future__ import annotations

import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from rundetails.facts import Run
from rundetails.monitor.children import Children
from rundetails.sources import MlflowServerSource
from servers import start, stop

from .children import COUNT, family
from .table import Table

TICKS = 5


def measure(table: Table, folder: Path) -> None:
    from mlflow import MlflowClient

    store, parent = family(folder)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        # Those that run are the only ones of the last minute, as where each takes a while.
        connection.execute(
            "UPDATE runs SET start_time = start_time - 3600000, end_time = end_time - 3600000 WHERE status = 'FINISHED'"
        )
    server = start(folder, f"sqlite:///{store.path}")
    try:
        source, children = MlflowServerSource(server.address), Children()
        run = source.find(parent)
        reads, cursor = list[float](), None
        while True:
            spent, cursor, remaining = _read(source, run, children, cursor)
            reads.append(spent)
            if not remaining:
                break
        if len(children.all) != COUNT:
            raise RuntimeError(f"Only {len(children.all):,} of {COUNT:,} children were read.")
        ticks, requests = list[float](), list[int]()
        for _ in range(TICKS):
            before = source.requests or 0
            spent, cursor, _ = _read(source, run, children, cursor)
            ticks.append(spent)
            requests.append((source.requests or 0) - before)

        client = MlflowClient(server.address)
        pages, token = list[float](), None
        while True:
            began = time.perf_counter()
            page = client.search_runs(
                [store.experiment], f"tags.`mlflow.parentRunId` = '{parent}'", max_results=1_000, page_token=token
            )
            pages.append(time.perf_counter() - began)
            token = page.token
            if not token:
                break
    finally:
        stop(server)
    table.add("10,000 children over HTTP: the first 50", 1000 * reads[0], "ms")
    table.add("all of them, in the background", sum(reads), "s")
    table.add("the same with MLflow's client, pages of 1,000", sum(pages), "s")
    table.add("ours as part of it", sum(reads) / sum(pages), "×", 2)
    longest = max(reads)
    table.add("the longest part, in which another view waits", 1000 * longest, "ms")
    table.add("as part of a page of MLflow's client's", longest / statistics.median(pages), "×", 1)
    table.add("a tick over them, 20 running", 1000 * statistics.median(ticks), "ms")
    table.add("requests of that tick", max(requests), "", 3)


def _read(source: MlflowServerSource, run: Run, children: Children, cursor: object) -> tuple[float, object, int]:
    """(seconds, the next cursor, about how many are left) of one read that is taken in."""
    began = time.perf_counter()
    delta = source.read_children(run.id, cursor)
    children.take(run, delta, None)
    return time.perf_counter() - began, delta.cursor, delta.remaining
