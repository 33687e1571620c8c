"""What the kernel pays: import, show, ticks, memory. Run in a real ipykernel, counted on its IOPub channel."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import start_new_kernel

from .data import Store, many_metrics
from .table import Table

TICKS = 1_000

FLOOR = 9.4
"""Milliseconds of the floor where the budgets were set: a million points took 0.47 s there."""

NOMINAL = f"{FLOOR:g} ms where the budgets were set"

PRELUDE = """
import gc, json, os, random, sqlite3, time
from concurrent.futures import ThreadPoolExecutor
from rundetails.details import RunDetails
from rundetails.monitor import ManualClock, Monitor
clock = ManualClock(time.time())
monitor = Monitor(clock, random.random, threaded=False)
details = RunDetails({run!r}, store={store!r}, monitor=monitor)
details.show()
monitor.run_due()

# One thread for all ticks, each of them on time: as the monitor has it.
worker = ThreadPoolExecutor(1)

def tick(times):
    def work():
        spent = []
        for _ in range(times):
            clock.advance(15)
            began = time.thread_time()
            monitor.run_due()
            spent.append(time.thread_time() - began)
        return spent
    return worker.submit(work).result()

def fetch():
    # The floor: all points of the run, by sqlite3 alone.
    def work():
        began = time.thread_time()
        connection = sqlite3.connect({store!r})
        found = connection.execute("SELECT key, step, timestamp, value FROM metrics WHERE run_uuid = ?", [{run!r}])
        assert len(found.fetchall()) == 20_000
        connection.close()
        return time.thread_time() - began
    return sorted(worker.submit(work).result() for _ in range(9))[4]

def grow_and_tick(start, times):
    # One point for each of the 20 metrics before each tick, as MLflow's own tables have them.
    names = [f"{{'train' if index % 2 else 'val'}}/metric_{{index:02}}" for index in range(20)]
    spent = []
    for step in range(start, start + times):
        with sqlite3.connect({store!r}) as connection:
            connection.executemany(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)",
                [(name, 1 / step, 1_700_000_000_000 + step * 1000, {run!r}, step) for name in names],
            )
        connection.close()
        spent += tick(1)
    return spent
"""


class Kernel:
    """A real kernel, and the bytes that it publishes."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3")
        self.sizes: list[int] = []

    @property
    def bytes(self) -> int:
        """Of all that the last cell published for the page."""
        return sum(self.sizes)

    def run(self, code: str) -> str:
        """Runs code; returns what it printed. `sizes` then has each message for the page, all its frames counted."""
        identity = self.client.execute(code)
        socket, session = self.client.iopub_channel.socket, self.client.session
        printed, self.sizes = "", []
        while True:
            frames = socket.recv_multipart()
            size = sum(len(frame) for frame in frames)
            _, parts = session.feed_identities(frames)
            message = session.deserialize(parts)
            kind, content = message["header"]["msg_type"], message["content"]
            if kind in ("comm_msg", "comm_open", "display_data", "update_display_data"):
                self.sizes.append(size)
            if kind == "stream":
                printed += content["text"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            ours = message["parent_header"].get("msg_id") == identity
            if kind == "status" and content["execution_state"] == "idle" and ours:
                return printed

    def json(self, code: str) -> Any:
        return json.loads(self.run(code))

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def measure(table: Table, folder: Path) -> None:
    bare, numpy, ours = (
        min(_python(code) for _ in range(5))
        for code in ("pass", "import numpy", "import rundetails; rundetails.RunDetails")
    )
    table.add("import rundetails, RunDetails included", ours - bare, "s", None, "0.3 s where numpy takes 0.1 s")
    table.add("the same in imports of numpy", (ours - bare) / (numpy - bare), "×", 3)
    store, run = many_metrics(folder, points=1_000, name="ticks")
    kernel = Kernel()
    try:
        _show(table, kernel, store, run)
        _ticks(table, kernel, store, run)
        _reruns(table, kernel)
    finally:
        kernel.close()


def _python(code: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - began


def _show(table: Table, kernel: Kernel, store: Store, run: str) -> None:
    kernel.run(
        "from rundetails import RunDetails; import time, json; RunDetails\n"
        "from rundetails.widget import front_end; front_end()"
    )
    times = []
    for _ in range(5):
        code = (
            "began = time.perf_counter()\n"
            f"one = RunDetails({run!r}, store={str(store.path)!r})\n"
            "one.show()\n"
            "print(time.perf_counter() - began)\n"
        )
        times.append(float(kernel.run(code)))
        kernel.run("one.get_widget_data(); one.close()")
    table.add("show() returns", 1000 * statistics.median(times[1:]), "ms", 50)
    table.add("show() returns, the first of a kernel", 1000 * times[0], "ms")


def _ticks(table: Table, kernel: Kernel, store: Store, run: str) -> None:
    kernel.run(PRELUDE.format(run=run, store=str(store.path)))
    kernel.run("tick(5)")
    floor = kernel.json("print(json.dumps(fetch()))")
    spent = kernel.json(f"print(json.dumps(tick({TICKS})))")
    table.add("idle tick, 20 metrics × 1,000 points: IOPub bytes", kernel.bytes / TICKS, "bytes", 200)
    table.add("these 20,000 points fetched by sqlite3: CPU, the floor here", 1000 * floor, "ms", None, NOMINAL)
    _cpu(table, "idle tick: CPU of the poll thread", statistics.mean(spent), floor, 5)
    bytes_: list[int] = []
    cpu: list[float] = []
    memory = []
    for index in range(TICKS // 100):
        # A hundred ticks a cell: what IPython itself keeps of each cell is not ours.
        cpu += kernel.json(f"print(json.dumps(grow_and_tick({1_000 + 100 * index}, 100)))")
        bytes_ += kernel.sizes
        memory.append(_memory(kernel))
    table.add("live tick, 20 new points: IOPub bytes, median", statistics.median(bytes_), "bytes", 1_500)
    table.add("live tick: IOPub bytes, mean (a twin each minute included)", sum(bytes_) / TICKS, "bytes")
    _cpu(table, "live tick: CPU of the poll thread", statistics.mean(cpu), floor, 10)
    grown = f"20 series grew by {20 * TICKS * 9 // 10:,} points meanwhile"
    table.add(
        f"kernel memory, growth over the last {TICKS * 9 // 10} live ticks", memory[-1] - memory[0], "MB", 5, grown
    )


def _cpu(table: Table, what: str, seconds: float, floor: float, milliseconds: float) -> None:
    table.add(what, 1000 * seconds, "ms", None, f"{milliseconds:g} ms there")
    table.add("the same in floors", seconds / floor, "×", round(milliseconds / FLOOR, 2))


def _memory(kernel: Kernel) -> float:
    """MB resident."""
    return float(
        kernel.run(
            "gc.collect(); print(int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') / 1e6)"
        )
    )


def _reruns(table: Table, kernel: Kernel) -> None:
    count = "import ipywidgets; print(len(ipywidgets.widgets.widget._instances))"
    before = int(kernel.run(count))
    again = "details.close(); details.show(); monitor.run_due()"
    for _ in range(3):
        kernel.run(again)
    memory = _memory(kernel)
    for _ in range(20):
        kernel.run(again)
    table.add("widgets left by 20 re-runs of the cell", int(kernel.run(count)) - before, "models", 0)
    table.add("kernel memory kept by 20 re-runs", _memory(kernel) - memory, "MB", 10)
