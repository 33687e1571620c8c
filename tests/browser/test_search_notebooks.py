"""The notebooks of AutoML and of sweeps, as a reader runs them: real searches, watched."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from browser.notebook import Notebook
from browser.view import SECOND, view

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def opened(name: str, screen, server, shorter: dict[str, str]) -> tuple[Notebook, list[int]]:
    """The notebook, with these texts in place of longer searches, and its cells of code."""
    written = nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)
    for cell in written.cells:
        for before, after in shorter.items():
            cell.source = cell.source.replace(before, after)
    folder = server.folder / name
    folder.mkdir()
    nbformat.write(written, folder / f"{name}.ipynb")
    shown = Notebook(screen, server, f"{name}/{name}").show()
    return shown, [place for place, cell in enumerate(written.cells) if cell.cell_type == "code"]


def rows(page) -> int:
    said = page.locator(".rd-loaded").first.inner_text()
    return int(said.split(" of ")[0].replace(",", ""))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_automl_is_watched_live_and_opened_again_in_a_fresh_kernel(screen, server):
    pytest.importorskip("flaml")
    notebook, cells = opened(
        "automl", screen, server, {"45": "30", "RunDetails(search)": "RunDetails(search, refresh=1)"}
    )
    page = notebook.page
    notebook.run(cells[0], 120)
    notebook.run(cells[1])
    expect(view(page)).to_have_attribute("data-health", "live")
    fitting = notebook.start(cells[2])
    expect(view(page).get_by_role("tab", name="Iterations")).to_have_attribute(
        "aria-selected", "true", timeout=60 * SECOND
    )
    first = rows(page)
    page.wait_for_function(
        "(before) => Number(document.querySelector('.rd-loaded').textContent.split(' of ')[0]) > before + 3",
        arg=first,
        timeout=60 * SECOND,
    )
    assert not page.evaluate("(id) => window.__notebook.ran(id)", fitting), "they come while the cell runs"
    notebook.screen.screenshot("automl-live")
    notebook.wait(fitting, 120)
    expect(view(page)).to_have_attribute("data-status", "Completed", timeout=60 * SECOND)
    for place in cells[3:5]:
        notebook.run(place, 120)
    assert notebook.errors() == []
    expect(notebook.output(cells[3]).last).to_contain_text("roc_auc")
    run_id = view(page).first.get_attribute("data-run")
    notebook.restart_kernel()
    notebook.run(cells[0], 120)
    notebook.page.evaluate(
        """([index, text]) => { window.__notebook.panel().content.widgets[index].model.sharedModel.setSource(text) }""",
        [cells[5], f'RunDetails("{run_id}", store="automl.db").show()'],
    )
    notebook.run(cells[5])
    again = page.locator(".rundetails").last
    expect(again.locator(".rd-labels")).to_contain_text("lgbm", timeout=60 * SECOND)
    expect(again).to_have_attribute("data-run", run_id)
    assert notebook.errors() == []
    notebook.screen.screenshot("automl-again")


@pytest.mark.timeout(900)
def test_a_sweep_is_watched_live_with_its_pruned_trials(screen, server):
    pytest.importorskip("optuna")
    notebook, cells = opened(
        "sweep", screen, server, {"n_trials=40": "n_trials=25", "RunDetails(parent)": "RunDetails(parent, refresh=1)"}
    )
    page = notebook.page
    for place in cells[:3]:
        notebook.run(place, 120)
    searching = notebook.start(cells[3])
    expect(view(page).get_by_role("tab", name="Trials")).to_be_visible(timeout=60 * SECOND)
    notebook.wait(searching, 240)
    expect(page.locator(".rd-loaded")).to_have_text("25 of 25 loaded", timeout=60 * SECOND)
    expect(page.locator(".rd-chips")).to_contain_text("Pruned")
    notebook.screen.screenshot("sweep-parallel")
    page.get_by_role("button", name="Curves").click()
    expect(page.locator(".rd-sweep")).to_contain_text("pruned or failed (red)", timeout=30 * SECOND)
    notebook.screen.screenshot("sweep-curves")
    notebook.run(cells[4], 120)
    assert notebook.errors() == []
    best = page.locator(".rd-best").first
    expect(best).to_be_visible()
