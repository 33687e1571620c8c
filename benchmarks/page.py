"""What the person in the cell waits for: measured in JupyterLab in headless Chromium, from the cell's run on."""

from __future__ import annotations

import statistics
from pathlib import Path

from playwright.sync_api import sync_playwright

from browser.jupyter import Server, jupyter
from browser.notebook import Notebook
from browser.page import Screen, launch

from .data import Store, many_metrics, spike
from .table import Table

# Remembers when each chart was first drawn, and the highest value that any of them showed.
WATCH = """
window.__drawn = [];
window.__began = performance.now();
const note = () => {
  for (const chart of document.querySelectorAll('.rd-chart[data-points]:not([data-noted])')) {
    chart.dataset.noted = '1';
    window.__drawn.push([performance.now() - window.__began, Number(chart.dataset.points)]);
  }
};
new MutationObserver(note).observe(document.body, {
  subtree: true, childList: true, attributes: true, attributeFilter: ['data-points'],
});
"""

SHOW = """
from rundetails import RunDetails
details = RunDetails({run!r}, store={store!r}, refresh={refresh!r})
details.show()
"""

EMPTY = """
import anywidget
class Empty(anywidget.AnyWidget):
    _esm = "export default { render({ el }) { el.className = 'rd-empty' } }"
Empty()
"""


def measure(table: Table, folder: Path) -> None:
    root = folder / "notebooks"
    state = folder / "jupyter"
    root.mkdir()
    state.mkdir()
    d1, d1_run = many_metrics(root, name="d1page")
    d2, d2_run = spike(root)
    with jupyter(root, state) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        window = browser.new_context(viewport={"width": 1400, "height": 1500})
        try:
            floor = _first_charts(table, server, window, d1, d1_run)
            _spike(table, server, window, d2, d2_run, floor)
            _updating(table, server, window, root, floor)
            _saved(table, server, window, d1, d1_run)
        finally:
            browser.close()


def _open(server: Server, window, name: str, *cells: str) -> Notebook:
    server.write_notebook(name, *cells)
    return Notebook(Screen(window.new_page()), server, name).show()


def _first_charts(table: Table, server: Server, window, store: Store, run: str) -> float:
    """Returns the floor: seconds that an empty widget takes here."""
    floor, times, blocks = [], [], []
    for index in range(3):
        show = SHOW.format(run=run, store=str(store.path), refresh=3600)
        opened = _open(
            server, window, f"first-{index}", "import rundetails, anywidget; rundetails.RunDetails", EMPTY, show
        )
        opened.run(0)
        opened.page.evaluate("window.__began = performance.now()")
        opened.start(1)
        opened.page.wait_for_selector(".rd-empty", state="attached")
        floor.append(opened.page.evaluate("performance.now() - window.__began"))
        opened.page.evaluate(WATCH)
        opened.screen.reset_meter()
        opened.start(2)
        opened.page.wait_for_function("() => window.__drawn.length >= 6")
        times.append(opened.page.evaluate("Math.max(...window.__drawn.slice(0, 6).map(([ms]) => ms))"))
        blocks.append(opened.screen.meter().longest_frame)
        opened.page.close()
        server.reset()
    empty, drawn = statistics.median(floor) / 1000, statistics.median(times) / 1000
    table.add("an empty widget, from run-cell: the floor here", empty, "s", None, "0.093 s where the budgets were set")
    table.add(
        "first six charts of 20 metrics × 10,000 points, from run-cell", drawn, "s", None, "0.8 s there is 8.6 floors"
    )
    table.add("the same in floors", drawn / empty, "×", 8.6)
    table.add("longest frame meanwhile", statistics.median(blocks), "ms")
    return empty


def _spike(table: Table, server: Server, window, store: Store, run: str, floor: float) -> None:
    times = []
    for index in range(3):
        opened = _open(
            server,
            window,
            f"spike-{index}",
            "import rundetails; rundetails.RunDetails",
            SHOW.format(run=run, store=str(store.path), refresh=3600),
        )
        opened.run(0)
        opened.page.evaluate(WATCH)
        opened.start(1)
        # The title's tooltip and the tile say the highest value; the chart's axis must reach it.
        opened.page.wait_for_function(
            "() => Number(document.querySelector('.rd-chart[data-max]')?.dataset.max) === 100"
        )
        times.append(opened.page.evaluate("performance.now() - window.__began"))
        opened.page.close()
        server.reset()
    shown = statistics.median(times) / 1000
    table.add("1,000,000 points, spike visible, from run-cell", shown, "s", None, "1 s there is 10.8 floors")
    table.add("the same in floors", shown / floor, "×", 10.8)


def _updating(table: Table, server: Server, window, root: Path, floor: float) -> None:
    """30 charts on screen, all of them growing at each tick."""
    store, run = many_metrics(root, metrics=30, points=600, name="thirty")
    opened = _open(
        server,
        window,
        "thirty",
        SHOW.format(run=run, store=str(store.path), refresh=1),
    )
    opened.page.set_viewport_size({"width": 1900, "height": 3600})
    opened.run(0)
    opened.page.wait_for_function("() => document.querySelectorAll('.rd-chart[data-points=\"600\"]').length >= 30")
    longest, medians = [], []
    for tick in range(5):
        opened.screen.reset_meter()
        for index in range(30):
            store.fill(run, f"{'train' if index % 2 else 'val'}/metric_{index:02}", [0.1] * 20, start=600 + 20 * tick)
        opened.page.wait_for_function(
            '(n) => document.querySelectorAll(`.rd-chart[data-points="${n}"]`).length >= 30', arg=620 + 20 * tick
        )
        # The updates are staggered: the last is drawn a little after its number.
        opened.page.evaluate("new Promise((done) => setTimeout(done, 300))")
        reading = opened.screen.meter()
        longest.append(reading.longest_frame)
        medians.append(reading.median_frame)
    _crosshair(table, opened, floor)
    heap = opened.screen.heap()
    worst = statistics.median(longest)
    table.add(
        "30 charts updating: longest frame, median of 5 ticks", worst, "ms", None, "50 ms where the floor is 0.093 s"
    )
    table.add("the same, scaled by the floor", worst * 0.093 / floor, "ms", 50)
    table.add("30 charts updating: median frame", statistics.median(medians), "ms")
    table.add("heap of the page with 30 charts", heap / 1e6, "MB")
    opened.page.close()
    server.reset()


def _crosshair(table: Table, opened: Notebook, floor: float) -> None:
    """The pointer goes across one of the 30 charts, and all of them show where it is."""
    box = opened.page.locator(".rd-area").first.bounding_box()
    assert box is not None
    devtools = opened.page.context.new_cdp_session(opened.page)
    devtools.send("Performance.enable")

    def spent() -> float:
        """Milliseconds of script, style and layout so far, as the browser counts them."""
        counted = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return 1000 * sum(counted[f"{part}Duration"] for part in ("Script", "RecalcStyle", "Layout"))

    before = spent()
    opened.screen.reset_meter()
    for move in range(60):
        opened.page.mouse.move(box["x"] + box["width"] * (move + 1) / 62, box["y"] + 50)
    took = (spent() - before) / 60
    reading = opened.screen.meter()
    shown = opened.page.locator(".rd-cross:visible").count()
    if shown < 30:
        raise RuntimeError(f"Only {shown} of 30 charts show the crosshair.")
    table.add("crosshair in 30 charts: script, style and layout a move", took, "ms", None, "16 ms there")
    table.add("the same, scaled by the floor", took * 0.093 / floor, "ms", 16)
    table.add("crosshair in 30 charts: longest frame of 60 moves", reading.longest_frame, "ms")
    opened.page.mouse.move(2, 2)


def _saved(table: Table, server: Server, window, store: Store, run: str) -> None:
    opened = _open(server, window, "saved", SHOW.format(run=run, store=str(store.path), refresh=3600))
    opened.run(0)
    opened.page.wait_for_function("() => document.querySelector('[class^=rd-twin] table')")
    opened.save()
    table.add("saved notebook with one view", server.path("saved").stat().st_size / 1000, "kB", 50)
    opened.page.close()
    server.reset()
