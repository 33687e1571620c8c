"""The first charts of a run behind an MLflow server, in JupyterLab, beside what MLflow's own client takes for them."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser.jupyter import jupyter
from browser.page import launch
from servers import start, stop

from .data import many_metrics
from .page import EMPTY, SHOW, WATCH, _open
from .table import Table

CHARTS = 6


def measure(table: Table, folder: Path) -> None:
    root, state = folder / "notebooks", folder / "jupyter"
    root.mkdir()
    state.mkdir()
    store, run = many_metrics(folder, name="remote")
    server = start(folder, f"sqlite:///{store.path}")
    try:
        client = min(_client(server.address, run) for _ in range(3))
        with jupyter(root, state) as jupyter_server, sync_playwright() as playwright:
            browser = launch(playwright)
            window = browser.new_context(viewport={"width": 1400, "height": 1500})
            try:
                floor, drawn = _first_charts(jupyter_server, window, server.address, run)
            finally:
                browser.close()
    finally:
        stop(server)
    table.add("over HTTP: first six charts of 20 × 10,000 points, from run-cell", drawn, "s")
    table.add("the same in floors (an empty widget)", drawn / floor, "×", 16)
    table.add("MLflow's client reading the points of six metrics over HTTP, nothing drawn", client, "s")
    table.add("ours, drawn, in MLflow's client's, not drawn", drawn / client, "×", 1)


def _client(address: str, run: str) -> float:
    from mlflow import MlflowClient

    client = MlflowClient(address)
    names = sorted(client.get_run(run).data.metrics)[:CHARTS]
    began = time.perf_counter()
    for name in names:
        client.get_metric_history(run, name)
    return time.perf_counter() - began


def _first_charts(server, window, address: str, run: str) -> tuple[float, float]:
    """(an empty widget, the charts), in seconds."""
    floor, times = [], []
    for index in range(3):
        show = SHOW.format(run=run, store=address, refresh=3600)
        warm = "import rundetails, anywidget, mlflow; rundetails.RunDetails"
        opened = _open(server, window, f"remote-{index}", warm, EMPTY, show)
        opened.run(0)
        opened.page.evaluate("window.__began = performance.now()")
        opened.start(1)
        opened.page.wait_for_selector(".rd-empty", state="attached")
        floor.append(opened.page.evaluate("performance.now() - window.__began"))
        opened.page.evaluate(WATCH)
        opened.start(2)
        opened.page.wait_for_function(f"() => window.__drawn.length >= {CHARTS}")
        times.append(opened.page.evaluate(f"Math.max(...window.__drawn.slice(0, {CHARTS}).map(([ms]) => ms))"))
        opened.page.close()
        server.reset()
    return statistics.median(floor) / 1000, statistics.median(times) / 1000
