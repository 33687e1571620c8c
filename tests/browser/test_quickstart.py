"""The notebook that newcomers open, as it is: trained for real, watched live."""

from __future__ import annotations

import ast
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from browser.notebook import Notebook
from browser.view import SECOND, chart, view

QUICKSTART = Path(__file__).parents[2] / "notebooks" / "quickstart.ipynb"
LEARNED = 2_000
"""Steps after which the network has learned enough for what is asserted of it."""
CODE = ["imports", "data", "show", "train", "numbers", "reopen"]


EPOCHS = "range(EPOCHS)"
UNTIL_SEEN = "iter(lambda: pathlib.Path('seen').exists(), True)"
"""Training goes on until this test has seen enough of it: how long that takes is the machine's affair."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_quickstart_is_watched_from_the_first_point_to_the_end(screen, server, app):
    pytest.importorskip("sklearn", reason="The quickstart needs scikit-learn.")
    folder = server.folder / f"quickstart-{app}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    written = nbformat.read(QUICKSTART, 4)
    code = [index for index, cell in enumerate(written.cells) if cell.cell_type == "code"]
    cells = dict(zip(CODE, code, strict=True))
    train = written.cells[cells["train"]]
    assert EPOCHS in train.source
    train.source = "import pathlib\n" + train.source.replace(EPOCHS, UNTIL_SEEN)
    nbformat.write(written, folder / "quickstart.ipynb")
    opened = Notebook(screen, server, f"quickstart-{app}/quickstart", app).show()
    page = opened.page
    # Charts out of sight are not drawn: high enough for the view and the cell that trains below it.
    page.set_viewport_size({"width": 1400, "height": 2200})
    opened.run(cells["imports"], 120)
    opened.run(cells["data"])
    opened.run(cells["show"])
    expect(view(page)).to_have_attribute("data-status", "Running")
    expect(view(page)).to_contain_text("No metrics yet")
    opened.screen.screenshot(f"quickstart-{app}-0")
    training = opened.start(cells["train"])
    seen = [0]
    for update in range(1, 11):
        page.wait_for_function(
            "(n) => Number(document.querySelector('.rd-chart[data-metric=\"train/loss\"]')?.dataset.points ?? 0) > n",
            arg=seen[-1],
            timeout=30 * SECOND,
        )
        seen.append(int(chart(page, "train/loss").get_attribute("data-points")))
        if update in (2, 10):
            assert not page.evaluate("(id) => window.__notebook.ran(id)", training), "the cell still trains"
            expect(chart(page, "train/loss").locator("svg").first).to_be_visible()
            expect(chart(page, "val/accuracy")).to_be_attached()
            opened.screen.screenshot(f"quickstart-{app}-{update}")
    assert seen == sorted(set(seen)), "each update brought points"
    page.wait_for_function(
        "(n) => Number(document.querySelector('.rd-chart[data-metric=\"train/loss\"]')?.dataset.points ?? 0) >= n",
        arg=LEARNED,
        timeout=600 * SECOND,
    )
    (folder / "seen").touch()
    opened.wait(training, 300)
    expect(view(page)).to_have_attribute("data-status", "Completed", timeout=30 * SECOND)
    expect(view(page)).to_have_attribute("data-health", "ended", timeout=30 * SECOND)
    with closing(sqlite3.connect(folder / "mlflow.db")) as store:
        [(logged,)] = store.execute("SELECT count(*) FROM metrics WHERE key = 'train/loss'")
    expect(chart(page, "train/loss")).to_have_attribute("data-points", str(logged))
    opened.screen.screenshot(f"quickstart-{app}-end")
    opened.run(cells["numbers"], 90)
    expect(opened.output(cells["numbers"])).to_contain_text("val/accuracy")
    best = ast.literal_eval(opened.output(cells["numbers"]).inner_text())
    assert best["val/accuracy"] > 0.95, "the network has learned"
    assert best["val/loss"] < 0.2
    opened.run(cells["reopen"])
    expect(view(page)).to_have_count(2)
    expect(view(page).nth(1)).to_have_attribute("data-health", "ended", timeout=30 * SECOND)
    opened.save()
    outputs = opened.saved_outputs(cells["show"])
    twin = "".join("".join(one["data"].get("text/html", "")) for one in outputs if "data" in one)
    assert "Completed" in twin
    server.reset()
