"""A day of watching in a minute: a real kernel, a real store, a clock that is moved."""

import json

import pytest
from benchmarks.kernel import Kernel

from stores import BEGAN, Store

HOURS = 24
METRICS = 5

WATCH = """
import gc, json, os, random, sqlite3, threading
from concurrent.futures import ThreadPoolExecutor
import ipywidgets
from rundetails import RunDetails
from rundetails.monitor import ManualClock, Monitor

clock = ManualClock({began})
monitor = Monitor(clock, random.Random(0).random, threaded=False)
views = [RunDetails({run!r}, store={store!r}, monitor=monitor) for _ in range(2)]
for view in views:
    view.show()
worker = ThreadPoolExecutor(1)  # one thread for all ticks, as the monitor has it
step, ticks, said = 0, 0, set()

def log():
    global step
    with sqlite3.connect({store!r}) as connection:
        step += 1
        connection.executemany(
            "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, {run!r}, ?, 0)",
            [(f"metric_{{one}}", 1 / (step + one), int(clock.time() * 1000), step) for one in range({metrics})],
        )
    connection.close()

def hour(number):
    # Points come in all the time. The store is away for some minutes of each hour; once the machine sleeps for one.
    global ticks
    ends = clock.monotonic() + 3600
    while clock.monotonic() < ends:
        passed = 3600 - (ends - clock.monotonic())
        is_away = 1200 < passed < 1500
        if is_away and os.path.exists({store!r}):
            os.rename({store!r}, {store!r} + ".away")
        if not is_away and not os.path.exists({store!r}):
            os.rename({store!r} + ".away", {store!r})
        if not is_away:
            log()
        pause = monitor.run_due()
        ticks += 1
        said.add(views[0]._presenter.watch.state.health.state)
        clock.advance(pause)
    if number == 5:
        clock.sleep(3600)

def held():
    gc.collect()
    return {{
        "memory": int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6,
        "threads": threading.active_count(),
        "handles": len(os.listdir("/proc/self/fd")),
        "models": len(ipywidgets.widgets.widget._instances),
        "watches": len(monitor._watches),
    }}
"""


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_day_of_watching_keeps_nothing(tmp_path):
    store = Store(tmp_path / "mlflow.db")
    run = store.create_run("a long one")
    kernel = Kernel()
    try:
        kernel.run(WATCH.format(began=BEGAN, run=run, store=str(store.path), metrics=METRICS))
        held = []
        for number in range(HOURS):
            kernel.run(f"worker.submit(hour, {number}).result()")
            held.append(kernel.json("print(json.dumps(held()))"))
        ticks, steps, said = kernel.json("print(json.dumps([ticks, step, sorted(said)]))")
        counts = kernel.json("print(json.dumps([m['count'] for m in views[1].get_widget_data()['metrics'].values()]))")
    finally:
        kernel.close()
    assert ticks > 1_000
    assert said == ["live", "stale"], "the store was away, and came back"
    assert counts == [steps] * METRICS, "every point arrived, the faults notwithstanding"
    warm, last = held[1], held[-1]
    print(json.dumps({"ticks": ticks, "second hour": warm, "last hour": last}))
    for name in ("threads", "handles", "models", "watches"):
        # A file may be open at the end of one hour and closed at the end of another; a leak goes on for 18 more.
        assert last[name] <= max(hour[name] for hour in held[1:6]), name
    assert last["memory"] - warm["memory"] < 10, "MB in 22 hours"
