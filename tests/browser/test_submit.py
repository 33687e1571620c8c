"""Scripts submitted in a notebook: watched while they wait, run, fail and are canceled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from browser.notebook import Notebook
from browser.view import SECOND, view
from queues import until, workers
from rundetails import LocalQueue, RunDetails, Workspace

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "submit.ipynb"
SETUP = """
from pathlib import Path
from rundetails import *
Path(FOLDER).mkdir(exist_ok=True)
Path(FOLDER, "train.py").write_text(CODE)
experiment = Experiment(Workspace(FOLDER + ".db"), "digits")
run = experiment.submit(ScriptRunConfig(FOLDER, "train.py"))
RunDetails(run, refresh=0.2).show()
"""


def setup(request, code):
    return SETUP.replace("FOLDER", repr(request.node.name)).replace("CODE", repr(code))


@pytest.fixture
def queue():
    """The one of these tests' kernels, which is emptied after each test."""
    local = LocalQueue(slots=2)
    yield local
    for job in local.jobs():
        local.cancel(job.run_id)
    until(lambda: not list(workers(local.folder)))


def test_output_comes_below_while_the_view_keeps_up(notebook, queue, request):
    code = (
        "import time, pathlib\nfrom rundetails import Run\nrun = Run.get_context()\n"
        "for step in range(1000):\n    run.log('loss', 1 / (step + 1)); print('step', step); time.sleep(0.1)\n"
        f"    if pathlib.Path({str(request.config.rootpath / 'test-output' / 'enough')!r}).exists(): break\n"
    )
    enough = request.config.rootpath / "test-output" / "enough"
    enough.parent.mkdir(exist_ok=True)
    enough.unlink(missing_ok=True)
    opened = notebook(setup(request, code), "run.wait_for_completion(show_output=True)['status']")
    page = opened.page
    opened.run(0)
    expect(view(page)).to_have_attribute("data-status", "Running", timeout=60 * SECOND)
    waiting = opened.start(1)
    seen = 0
    for _ in range(3):
        page.wait_for_function(
            "(n) => Number(document.querySelector('.rd-chart[data-metric=\"loss\"]')?.dataset.points ?? 0) > n",
            arg=seen,
            timeout=60 * SECOND,
        )
        seen = int(page.locator('.rd-chart[data-metric="loss"]').get_attribute("data-points"))
        expect(opened.output(1)).to_contain_text(f"step {seen}", timeout=60 * SECOND)
    view(page).get_by_role("tab", name="Logs").click()
    expect(page.locator(".rd-log-scroll")).to_contain_text(re.compile(r"step \d{2}"), timeout=20 * SECOND)
    expect(page.locator(".rd-log-status")).to_contain_text("the output of your script")
    opened.screen.screenshot("submit-waiting")
    enough.touch()
    opened.wait(waiting)
    expect(opened.output(1).last).to_contain_text("'Completed'")
    expect(view(page)).to_have_attribute("data-status", "Completed")


def test_a_run_in_the_queue_says_its_place_and_is_canceled_by_its_button(notebook, queue, request):
    LocalQueue(slots=1)
    sleep = "import time\nprint('here', flush=True)\ntime.sleep(300)"
    second_cell = (
        f"second = experiment.submit(ScriptRunConfig({request.node.name!r}, 'train.py'))\n"
        "RunDetails(second, refresh=0.2).show()"
    )
    opened = notebook(setup(request, sleep), second_cell)
    page = opened.page
    opened.run(0)
    expect(view(page).first).to_have_attribute("data-status", "Running", timeout=60 * SECOND)
    opened.run(1)
    second = view(page).nth(1)
    expect(second).to_have_attribute("data-status", "Queued")
    expect(second).to_contain_text("1st of 1 in the queue of local.")
    opened.screen.screenshot("submit-queued")
    second.get_by_role("button", name="Cancel run").click()
    second.get_by_role("alertdialog").get_by_role("button", name="Cancel run").click()
    expect(second).to_have_attribute("data-status", "Canceled", timeout=60 * SECOND)
    expect(second).to_contain_text("It was canceled before it began.")
    first = view(page).first
    first.get_by_role("button", name="Cancel run").click()
    first.get_by_role("alertdialog").get_by_role("button", name="Cancel run").click()
    expect(first).to_have_attribute("data-status", "Canceled", timeout=60 * SECOND)


def test_a_failed_script_opens_on_its_error(notebook, queue, request):
    opened = notebook(setup(request, "print('fine so far')\ndef learn():\n    raise ValueError('no data')\nlearn()"))
    page = opened.page
    opened.run(0)
    expect(view(page)).to_have_attribute("data-status", "Failed", timeout=60 * SECOND)
    expect(view(page)).to_contain_text("ValueError: no data")
    expect(view(page)).to_contain_text("The script ended with exit code 1.")
    expect(page.locator(".rd-log-status")).to_contain_text("70_driver_log.txt")
    opened.screen.screenshot("submit-failed")


def test_training_outlives_a_restart_of_the_kernel(notebook, queue, request):
    code = (
        "import time\nfrom rundetails import Run\nrun = Run.get_context()\n"
        "while True:\n    run.log('loss', 1.0)\n    time.sleep(0.1)"
    )
    name = request.node.name
    opened = notebook(
        setup(request, code) + "print(run.id)",
        f"from rundetails import *\nws = Workspace('{name}.db')\nrun = next(ws.experiments['digits'].get_runs())\n"
        "RunDetails(run, refresh=0.2).show()",
    )
    page = opened.page
    # Charts out of sight are not drawn.
    page.set_viewport_size({"width": 1400, "height": 2200})
    opened.run(0)
    page.wait_for_function(
        "Number(document.querySelector('.rd-chart[data-metric=\"loss\"]')?.dataset.points ?? 0) > 1",
        timeout=60 * SECOND,
    )
    opened.restart_kernel()
    opened.run(1)
    expect(view(page).last).to_have_attribute("data-status", "Running", timeout=60 * SECOND)
    before = int(page.locator('.rd-chart[data-metric="loss"]').last.get_attribute("data-points") or 0)
    page.wait_for_function(
        "(n) => Number([...document.querySelectorAll('.rd-chart')].at(-1)?.dataset.points ?? 0) > n",
        arg=before,
        timeout=60 * SECOND,
    )


@pytest.mark.timeout(900)
def test_the_submit_notebook_runs_from_its_first_line_to_its_last(screen, server, queue):
    pytest.importorskip("sklearn", reason="The notebook needs scikit-learn.")
    folder = server.folder / "submit-notebook"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(NOTEBOOK.parent / "submit", folder / "submit")
    written = nbformat.read(NOTEBOOK, 4)
    code = [index for index, cell in enumerate(written.cells) if cell.cell_type == "code"]
    nbformat.write(written, folder / "submit.ipynb")
    opened = Notebook(screen, server, "submit-notebook/submit", "lab").show()
    page = opened.page
    page.set_viewport_size({"width": 1400, "height": 1800})
    for place, cell in enumerate(code):
        opened.run(cell, 240)
        opened.screen.screenshot(f"submit-notebook-{place}")
    assert opened.errors() == []
    workspace = Workspace(folder / "digits.db")
    runs = {run.name: run.get_status() for run in workspace.experiments["digits"].get_runs()}
    rates = {f"lr {rate}": "Completed" for rate in (0.1, 0.01, 0.001, 0.0001)}
    assert runs == {"first": "Completed", "too much to ask": "Failed", "slow": "Canceled", **rates}
    (first,) = (run for run in workspace.experiments["digits"].get_runs() if run.name == "first")
    metrics = first.get_metrics()
    assert metrics["val/accuracy"][-1] > 0.8
    assert metrics["by digit"]["digit"] == list(range(10))
    details = RunDetails(first)
    assert details.get_widget_data()["metrics"]["train/loss"]["count"] == 40
    details.close()
