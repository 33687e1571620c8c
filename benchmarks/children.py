"""Ten thousand runs below one: read, told to a page, sorted and scrolled there; MLflow's client beside it."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import time
from contextlib import closing
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser.jupyter import Server, jupyter
from browser.page import launch
from rundetails.facts import Run
from rundetails.monitor.children import Children
from rundetails.sources import open_source
from rundetails.wire_children import children_facts, pieces

from . import data
from .data import Store
from .page import EMPTY, SHOW, _open
from .table import Table

COUNT = 10_000
RUNNING = 20
RAW = """
    SELECT l.run_uuid, l.key, l.value FROM {table} AS l
    JOIN tags AS t ON t.run_uuid = l.run_uuid WHERE t.key = 'mlflow.parentRunId' AND t.value = ?
"""


def measure(table: Table, folder: Path) -> None:
    store, parent = family(folder)
    _read(table, store, parent)
    _page(table, folder, store, parent)


def family(folder: Path, count: int = COUNT, metrics: int = 20, parameters: int = 10) -> tuple[Store, str]:
    """D3: a parent, and so many children with so many single values and parameters; the last ones run."""
    store = Store(folder, "d3")
    parent = store.run("search")
    chance = random.Random(3)
    began = int(time.time() * 1000) - 3_600_000
    with closing(sqlite3.connect(store.path)) as connection:
        connection.execute("BEGIN")
        for number in range(count):
            run = f"{chance.getrandbits(128):032x}"
            start = began + number * 300
            is_running = number >= count - RUNNING
            connection.execute(
                "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status,"
                " start_time, end_time, source_version, lifecycle_stage, artifact_uri, experiment_id)"
                " VALUES (?, ?, 'UNKNOWN', '', '', 'ada', ?, ?, ?, '', 'active', '', ?)",
                (
                    *(run, f"trial {number}", "RUNNING" if is_running else "FINISHED", start),
                    *(None if is_running else start + 250, int(store.experiment)),
                ),
            )
            connection.execute("INSERT INTO tags VALUES ('mlflow.parentRunId', ?, ?)", (parent, run))
            texts = [(f"param_{each}", repr(chance.random()), run) for each in range(parameters - 1)]
            texts.append(("optimizer", chance.choice(["adam", "sgd", "lion"]), run))
            connection.executemany("INSERT INTO params VALUES (?, ?, ?)", texts)
            rows = [(f"metric_{each:02}", chance.random(), start, run, 0, 0) for each in range(metrics)]
            for name in ("metrics", "latest_metrics"):
                connection.executemany(
                    f"INSERT INTO {name} (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608
                    rows,
                )
        connection.execute("COMMIT")
    return store, parent


def _read(table: Table, store: Store, parent: str) -> None:
    times, firsts = [], []
    for _ in range(3):
        source = open_source(str(store.path), own=True)
        began, cursor, children = time.perf_counter(), None, Children()
        first: float | None = None
        while True:
            delta = source.read_children(parent, cursor)
            cursor = delta.cursor
            children.take(Run(parent), delta, None)
            first = first or time.perf_counter() - began
            if not delta.remaining:
                break
        times.append(time.perf_counter() - began)
        firsts.append(first)
        if len(children.all) != COUNT:
            raise RuntimeError(f"Only {len(children.all):,} of {COUNT:,} children were read.")
    raw = min(_raw(store, parent) for _ in range(3))
    ours = min(times)
    table.add("10,000 children × 20 metrics: sqlite3 fetching their values and parameters", 1000 * raw, "ms")
    table.add("the first 50 of them, read", 1000 * min(firsts), "ms")
    table.add("all of them with parameters, read and taken in", 1000 * ours, "ms", None, "600 ms there")
    table.add("the same in floors", ours / raw, "×", 2.3, "0.26 s there")
    ticks = []
    with closing(sqlite3.connect(store.path)) as connection:
        running = [row[0] for row in connection.execute("SELECT run_uuid FROM runs WHERE status = 'RUNNING'")]
        for tick in range(5):
            connection.executemany(
                "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
                " VALUES ('metric_00', 0.5, ?, ?, ?, 0)",
                [(int(time.time() * 1000), run, tick + 1) for run in running],
            )
            connection.execute(
                "UPDATE latest_metrics SET step = ?"
                " WHERE run_uuid IN (SELECT run_uuid FROM runs WHERE status = 'RUNNING')",
                (tick + 1,),
            )
            connection.commit()
            began = time.perf_counter()
            delta = source.read_children(parent, cursor)
            cursor = delta.cursor
            change = children.take(Run(parent), delta, None)
            facts, buffer = children_facts(children, change.moved, family=change.family)
            ticks.append(time.perf_counter() - began)
    table.add(
        "a tick over them, 20 running and moving, read and encoded",
        1000 * statistics.median(ticks),
        "ms",
        None,
        "50 ms there",
    )
    table.add("the same in floors", statistics.median(ticks) / raw, "×", 0.19)
    table.add(
        "bytes of that tick's cells",
        buffer.nbytes,
        "B",
        None,
        f"{len(facts['ids'])} rows × {len(facts['columns'])} columns",
    )
    idle = _seconds(lambda: source.read_children(parent, cursor))
    table.add("a tick over them with nothing new", 1000 * idle, "ms", 1)
    encoded = _seconds(lambda: [children_facts(children, part) for part in pieces(children, list(children.all))])
    table.add("all 10,000 encoded for a page", 1000 * encoded, "ms")
    began = time.perf_counter()
    token, found = None, 0
    while True:
        page = store.client.search_runs(
            [store.experiment], f"tags.`mlflow.parentRunId` = '{parent}'", max_results=1000, page_token=token
        )
        found, token = found + len(page), page.token
        if not token:
            break
    client = time.perf_counter() - began
    table.add("the same 10,000 with MLflow's client", 1000 * client, "ms", None, f"{client / ours:.0f} × ours")


def _raw(store: Store, parent: str) -> float:
    with closing(sqlite3.connect(f"file:{store.path}?mode=ro", uri=True)) as connection:
        queries = [RAW.format(table=table) for table in ("latest_metrics", "params")]
        return _seconds(lambda: [connection.execute(query, (parent,)).fetchall() for query in queries])


def _seconds(act: object) -> float:
    assert callable(act)
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _compared(table: Table, root: Path, server: Server, window: object, floor: float) -> None:
    """D4: 50 children with 5 metrics × 10,000 points each, one metric of all of them drawn."""
    store = Store(root, "d4")
    parent = store.run("compared")
    curves = list(data.curves(5, 10_000).values())
    for number in range(50):
        run = store.run(f"run {number}", ended=True)
        store.client.set_tag(run, "mlflow.parentRunId", parent)
        store.client.log_param(run, "lr", number)
        store.client.log_param(run, "layers", number % 4)
        for place, curve in enumerate(curves):
            store.fill(run, f"val/loss_{place}", curve + number / 100)
    times = []
    for index in range(3):
        show = SHOW.format(run=parent, store=str(store.path), refresh=3600)
        opened = _open(server, window, f"compared-{index}", "import rundetails; rundetails.RunDetails", show)
        opened.run(0)
        opened.page.evaluate("window.__began = performance.now()")
        opened.start(1)
        opened.page.get_by_role("button", name="Curves", exact=True).click()
        opened.page.wait_for_function(
            "() => document.querySelector('.rd-sweep')?.textContent.includes('50 curves to the end')", polling=20
        )
        opened.page.wait_for_selector(".rd-sweep .bqplot path.line")
        times.append(opened.page.evaluate("performance.now() - window.__began"))
        opened.page.close()
        server.reset()
    shown = statistics.median(times)
    table.add(
        "50 children × 5 metrics × 10,000 points, one metric of all drawn", shown / 1000, "s", None, "1.5 s there"
    )
    table.add("the same in floors", shown / floor, "×", 16)


# Shows them on a clock of its own, so that a tick comes when it is asked for.
STEADY = """
import gc, json, os, random, sqlite3, time
from rundetails import RunDetails
from rundetails.monitor import ManualClock, Monitor
clock = ManualClock(time.time())
monitor = Monitor(clock, random.random, threaded=False)
details = RunDetails({run!r}, store={store!r}, monitor=monitor)
details.show()
while monitor.run_due() == 0:
    pass

def tick(times):
    for _ in range(times):
        with sqlite3.connect({store!r}) as connection:
            connection.execute(
                "UPDATE latest_metrics SET value = ?, step = step + 1"
                " WHERE run_uuid IN (SELECT run_uuid FROM runs WHERE status = 'RUNNING')", (random.random(),)
            )
        connection.close()
        clock.advance(15)
        while monitor.run_due() == 0:
            pass
    gc.collect()
    resident = int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    with open("steady.json", "w") as file:
        json.dump([resident, details._presenter.watch.state.seq], file)
"""


def _steady(table: Table, server: Server, window: object, store: Store, parent: str) -> None:
    """What is kept of ticks in which 20 of them move; the first forty hold the first look at all of them again."""
    show = STEADY.format(run=parent, store=str(store.path))
    opened = _open(server, window, "steady", "import rundetails; rundetails.RunDetails", show, "tick(40)", "tick(200)")
    for cell in (0, 1):
        opened.run(cell)
    opened.page.wait_for_function("() => document.querySelector('.rd-loaded')?.textContent.startsWith('10,000 of')")
    found = []
    for cell in (2, 3):
        opened.run(cell, seconds=300)
        resident, seq = json.loads((server.folder / "steady.json").read_text())
        opened.page.wait_for_function(
            "(seq) => Number(document.querySelector('.rundetails')?.dataset.seq) >= seq", arg=seq
        )
        found.append((resident, opened.screen.heap() / 1e6))
    (kernel, page), (kernel_after, page_after) = found
    table.add("kernel with 10,000 children open", kernel, "MB")
    table.add("its growth over 200 ticks, 20 of them moving", kernel_after - kernel, "MB", 5)
    table.add("heap of the page with them", page, "MB")
    table.add("its growth over the same ticks", page_after - page, "MB", 5)
    opened.page.close()
    server.reset()


SORT = """async (title) => {
  const button = [...document.querySelectorAll('.rd-child-head .rd-sort')].find((one) => one.title.includes(title));
  const began = performance.now();
  button.click();
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
  return performance.now() - began;
}"""

COLUMNS = 30
SHOW_COLUMNS = """async (wanted) => {
  const frame = () => new Promise(requestAnimationFrame);
  const shown = () => document.querySelectorAll('.rd-child-head .rd-sort').length;
  [...document.querySelectorAll('.rd-children .rd-tools button')].find((one) => one.textContent === 'Columns').click();
  for (let wait = 0; wait < 5; wait++) await frame();
  for (const button of document.querySelectorAll('.rd-choices button[aria-pressed="false"]')) {
    if (shown() >= wanted) break;
    button.click();
    for (let wait = 0; wait < 3; wait++) await frame();
  }
  document.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
  await frame();
  return shown();
}"""

SCROLL = """async () => {
  const box = document.querySelector('.rd-child-scroll');
  const frames = [];
  let last = performance.now();
  for (let frame = 0; frame < 120; frame++) {
    box.scrollTop += 400;
    await new Promise(requestAnimationFrame);
    const now = performance.now();
    frames.push(now - last);
    last = now;
  }
  frames.sort((one, other) => one - other);
  return [frames[60], frames[114], frames[119]];
}"""


def _page(table: Table, folder: Path, store: Store, parent: str) -> None:
    root, state = folder / "notebooks", folder / "jupyter"
    root.mkdir()
    state.mkdir()
    with jupyter(root, state) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        window = browser.new_context(viewport={"width": 1400, "height": 1500})
        try:
            times, floors, frames = [], [], []
            for index in range(3):
                show = SHOW.format(run=parent, store=str(store.path), refresh=3600)
                opened = _open(
                    server,
                    window,
                    f"children-{index}",
                    "import rundetails, anywidget; rundetails.RunDetails",
                    EMPTY,
                    show,
                )
                opened.run(0)
                opened.page.evaluate("window.__began = performance.now()")
                opened.start(1)
                opened.page.wait_for_selector(".rd-empty", state="attached")
                floors.append(opened.page.evaluate("performance.now() - window.__began"))
                opened.page.evaluate("window.__began = performance.now()")
                opened.screen.reset_meter()
                opened.start(2)
                opened.page.wait_for_function(
                    "() => document.querySelector('.rd-loaded')?.textContent === '10,000 of 10,000 loaded'", polling=20
                )
                times.append(opened.page.evaluate("performance.now() - window.__began"))
                frames.append(opened.screen.meter().longest_frame)
                if index < 2:
                    opened.page.close()
                    server.reset()
            floor, shown, longest = (statistics.median(each) for each in (floors, times, frames))
            table.add(
                "10,000 children all sortable in the cell, from run-cell",
                shown / 1000,
                "s",
                None,
                "1.5 s there is 16 floors",
            )
            table.add("the same in floors", shown / floor, "×", 16)
            table.add("longest frame meanwhile", longest, "ms", None, "100 ms there")
            table.add("the same, scaled by the floor", longest * min(1, 93 / floor), "ms", 100)
            sorts = [opened.page.evaluate(SORT, f"Sort by metric_{each:02}") for each in (0, 1, 2, 3, 0)]
            table.add(
                "a sort of all 10,000, click to frame: median of 5",
                statistics.median(sorts),
                "ms",
                None,
                "100 ms there",
            )
            table.add("the same, scaled by the floor", statistics.median(sorts) * 93 / floor, "ms", 100)
            if opened.page.evaluate(SHOW_COLUMNS, COLUMNS) != COLUMNS:
                raise RuntimeError(f"The table does not show {COLUMNS} columns.")
            median, most, worst = opened.page.evaluate(SCROLL)
            what = f"scrolling through them, {COLUMNS} columns"
            table.add(f"{what}: median frame", median, "ms", None, "17 ms where the floor is 93 ms or less")
            table.add(f"{what}: the same, scaled by the floor", median * min(1, 93 / floor), "ms", 17)
            table.add(f"{what}: 95 % of frames within", most, "ms", None, f"34 ms there; the longest {worst:.0f} ms")
            table.add(f"{what}: the same, scaled by the floor", most * min(1, 93 / floor), "ms", 34)
            opened.page.close()
            server.reset()
            _steady(table, server, window, store, parent)
            _compared(table, root, server, window, floor)
        finally:
            browser.close()
