"""What `run.log` costs a loop and its process, beside `mlflow.log_metric`; and how soon a submitted script is seen."""

from __future__ import annotations

import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

from .table import Table

POINTS = 20_000
PLAIN = 300


def measure(table: Table, folder: Path) -> None:
    from rundetails.sdk.client import client_of
    from rundetails.sdk.store import create_store
    from servers import sqlite_server

    local = create_store(folder / "mlflow.db")
    for name, uri in (("sqlite", local), ("server", sqlite_server().address)):
        client = client_of(uri)
        _ours(table, name, uri, client.create_run("0").info.run_id, is_held=name == "sqlite")
        run = client.create_run("0").info.run_id
        times = []
        for step in range(PLAIN):
            began = time.perf_counter_ns()
            client.log_metric(run, "loss", step / 7, step=step)
            times.append(time.perf_counter_ns() - began)
        table.add(f"mlflow.log_metric, {name}: median call", statistics.median(times) / 1e3, "µs")
    _submitted(table, folder)


def _ours(table: Table, name: str, uri: str, run: str, *, is_held: bool) -> None:
    """A loop that logs 2,000 points a second, and the CPU of the thread that writes them."""
    from rundetails.sdk.writer import Writer

    writer = Writer(uri, run, created_here=True)
    writer.log("first", 1.0)
    writer.flush()
    times, before = [], _spent()
    for step in range(POINTS):
        began = time.perf_counter_ns()
        writer.log("loss", step / 7, step=step)
        times.append(time.perf_counter_ns() - began)
        if step % 100 == 99:
            time.sleep(0.05)
    ends = time.monotonic() + 60
    while writer.waiting and time.monotonic() < ends:
        time.sleep(0.05)
    cpu = (_spent() - before) / POINTS
    table.add(f"run.log, {name}: median call", statistics.median(times) / 1e3, "µs", 5 if is_held else None)
    table.add(f"run.log, {name}: mean call", statistics.mean(times) / 1e3, "µs", 20 if is_held else None)
    table.add(f"run.log, {name}: writer's CPU a point", cpu * 1e6, "µs", 100 if is_held else None)
    writer.close()


def _spent() -> float:
    """Seconds of CPU of the writer's thread, as the system counts them."""
    for thread in threading.enumerate():
        if thread.name == "rundetails-writer":
            stat = Path(f"/proc/self/task/{thread.native_id}/stat").read_text().rsplit(") ", 1)[1].split()
            return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _submitted(table: Table, folder: Path) -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    from rundetails import Experiment, ScriptRunConfig, Workspace
    from rundetails.sdk.following import follow

    scripts = folder / "train"
    scripts.mkdir()
    (scripts / "train.py").write_text("print('here')")
    with tempfile.TemporaryDirectory() as home:
        os.environ["RUNDETAILS_HOME"] = home
        experiment = Experiment(Workspace(folder / "submit.db"), "bench")
        experiment.submit(ScriptRunConfig(scripts, "train.py")).wait_for_completion()
        submits, lines = [], []
        for _ in range(5):
            began = time.perf_counter()
            run = experiment.submit(ScriptRunConfig(scripts, "train.py"))
            submits.append(time.perf_counter() - began)

            def write(text: str, began: float = began) -> None:
                if text.startswith("here"):
                    lines.append(time.perf_counter() - began)

            follow(run, show_output=True, raise_on_error=True, write=write)
        table.add("submit() returns", statistics.median(submits) * 1e3, "ms")
        table.add("submit to the script's first line in the cell", statistics.median(lines) * 1e3, "ms")
