"""TensorBoard on the same data, in the same browser on the same machine, where it is installed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from playwright.sync_api import sync_playwright

from browser.jupyter import free_port
from browser.page import Screen, launch

from .data import curves, spiky
from .table import Table

# It draws on a canvas, which cannot be read; a card's table of values is filled when its line is.
DRAWN = """() => [...document.querySelectorAll('scalar-card *')].some(
  (one) => one.tagName.startsWith('TB-DATA-TABLE-CONTENT')
)"""
PATIENCE = 120


def measure(table: Table, folder: Path) -> None:
    if find_spec("tensorboard") is None:
        print("TensorBoard is not installed: `.venv/bin/pip install tensorboard` puts its figures beside ours.")
        return
    first, _ = _opened(folder / "d1", curves())
    table.add(
        "TensorBoard: first chart of 20 metrics × 10,000 points", first, "s", None, "from navigation, its server warm"
    )
    first, highest = _opened(folder / "d2", {"loss": spiky()})
    table.add("TensorBoard: first chart of 1,000,000 points", first, "s", None, "the same")
    table.add("TensorBoard: the highest value it holds, of 100", highest, "")


def _opened(folder: Path, metrics: dict[str, np.ndarray]) -> tuple[float, float]:
    """(seconds from navigation to the first chart, highest value of the first metric that it serves)"""
    _write(folder, metrics)
    tag = next(iter(metrics))
    with _server(folder) as address, sync_playwright() as playwright:
        points = _loaded(address, tag, len(metrics[tag]))
        browser = launch(playwright)
        try:
            page = Screen(browser.new_context(viewport={"width": 1400, "height": 1500}).new_page()).page
            page.goto(address, wait_until="commit")
            page.wait_for_function(DRAWN, timeout=PATIENCE * 1000)
            return page.evaluate("performance.now()") / 1000, max(value for _, _, value in points)
        finally:
            browser.close()


def _write(folder: Path, metrics: dict[str, np.ndarray]) -> None:
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    writer = EventFileWriter(str(folder))
    for name, values in metrics.items():
        for step, value in enumerate(values):
            summary = Summary(value=[Summary.Value(tag=name, simple_value=float(value))])
            writer.add_event(Event(wall_time=1_700_000_000 + step, step=step, summary=summary))
    writer.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--host", "127.0.0.1"]
    process = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _loaded(address: str, tag: str, count: int) -> list[list[float]]:
    """What it serves of a metric, once it has read the last point."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError, ValueError):
            points: Any = json.load(
                urllib.request.urlopen(
                    f"{address}/data/plugin/scalars/scalars?run=.&tag={quote(tag, safe='')}", timeout=5
                )
            )
            if points and points[-1][1] == count - 1:
                return points
        time.sleep(0.1)
    raise TimeoutError(f"TensorBoard had not read {tag} after {PATIENCE} s.")
