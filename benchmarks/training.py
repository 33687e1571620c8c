"""What watching costs a training loop."""

from __future__ import annotations

import time
from pathlib import Path

from .data import many_metrics
from .kernel import Kernel
from .table import Table

SECONDS = 30

LOOP = """
import json, threading, time
from pathlib import Path
from mlflow import MlflowClient
from mlflow.entities import Metric
from rundetails import RunDetails

client = MlflowClient("sqlite:///{store}")
details = RunDetails({run!r}, store={store!r}, refresh=(10, 15))
details.show()

def spent():
    # Seconds of CPU of our thread, as the system counts them.
    for thread in threading.enumerate():
        if thread.name == "rundetails":
            stat = Path(f"/proc/self/task/{{thread.native_id}}/stat").read_text().rsplit(") ", 1)[1].split()
            return (int(stat[11]) + int(stat[12])) / 100
    return 0.0

ends, before, step = time.monotonic() + {seconds}, spent(), 20_000
while time.monotonic() < ends:
    now = int(time.time() * 1000)
    client.log_batch({run!r}, metrics=[Metric(f"val/metric_{{2 * i:02}}", 0.5, now, step) for i in range(10)])
    step += 1
    time.sleep(0.1)
print(json.dumps(spent() - before))
"""


def measure(table: Table, folder: Path) -> None:
    store, run = many_metrics(folder, name="training")
    kernel = Kernel()
    try:
        began = time.monotonic()
        cpu = kernel.json(LOOP.format(store=str(store.path), run=run, seconds=SECONDS))
        took = time.monotonic() - began
    finally:
        kernel.close()
    table.add("training loop at 100 points/s: CPU of our thread", 100 * cpu / took, "%", 1.0, "the first read included")
