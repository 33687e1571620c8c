"""How far a run is, what looks wrong, whether it lives, and its end on request: in a real notebook."""

from __future__ import annotations

import time

import pytest
from mlflow.entities import Metric
from playwright.sync_api import Locator, expect

from browser.view import SECOND, chart, view

SCRIPTED = """
import math, pathlib, time
from rundetails import MemorySource, RunDetails
from rundetails.facts import Points, Run, Status
import numpy as np

now = time.time()
# What comes within seconds comes when the test has seen what is before it.
source = MemorySource(clock=lambda: now + 60 * pathlib.Path("{later}").exists())
script = source.add(Run("scripted", "resnet-cosine", "digits", status=Status.RUNNING, started=now - 410,
    parameters={{"max_steps": "1000", "lr": "0.1"}}))
steps = np.arange(400)
def curve(name, values):
    script.log_points(name, Points(steps * 1, now - 401 + steps, np.asarray(values, float)))
{code}
details = RunDetails("scripted", store=source, refresh=0.2)
details.show()
"""


@pytest.fixture
def later(server, request):
    """A file: once it is there, a scripted run's time has gone on."""
    return server.folder / f"{request.node.name}.later"


def finding(page, kind: str) -> Locator:
    return page.locator(f'.rd-finding[data-kind="{kind}"]')


def test_progress_moves_and_ends_with_the_run(notebook, training):
    training.client.log_param(training.id, "epochs", 40)
    opened = notebook(training.show())
    # Slowly until just now: its end is minutes away, however long it takes until it is drawn.
    training.clock = int((time.time() - 100) * 1000)
    for epoch in range(10):
        training.clock += 9_000
        training.log("epoch", epoch, start=epoch)
    opened.run(0)
    page = opened.page
    progress = page.locator(".rd-progress")
    expect(progress).to_contain_text("Epoch 10 of 40")
    expect(progress).to_contain_text(" left")
    expect(page.locator(".rd-done")).to_have_attribute("aria-valuenow", "25")
    for epoch in range(10, 14):
        training.log("epoch", epoch, start=epoch)
        expect(progress).to_contain_text(f"Epoch {epoch + 1} of 40", timeout=20 * SECOND)
    expect(page.locator(".rd-done")).to_have_attribute("aria-valuenow", "35")
    training.end()
    expect(view(page)).to_have_attribute("data-status", "Completed", timeout=20 * SECOND)
    expect(page.locator(".rd-bar")).to_have_count(0)
    expect(progress).to_have_count(0)


def test_a_run_of_which_nothing_says_how_far_it_goes(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(opened.page.locator(".rd-progress")).to_have_text("Time left unknown")
    expect(opened.page.locator(".rd-done")).to_have_count(0)


def test_a_number_that_is_none_is_found_while_it_happens(notebook, training):
    opened = notebook(training.show())
    opened.page.set_viewport_size({"width": 1280, "height": 1400})
    # Until just now: a minute without a point would be found as well.
    training.clock = int((time.time() - 30) * 1000)
    training.log("train/loss", *[1 / (1 + step) for step in range(30)])
    opened.run(0)
    expect(chart(opened.page, "train/loss")).to_have_attribute("data-points", "30")
    expect(opened.page.locator(".rd-finding")).to_have_count(0)
    training.log("train/loss", float("nan"), start=30)
    chip = finding(opened.page, "not_finite")
    expect(chip).to_contain_text("step 30", timeout=20 * SECOND)
    chip.click()
    words = opened.page.locator(".rd-finding-words")
    expect(words).to_contain_text("train/loss was NaN first at step 30, in 1 point")
    expect(words).to_contain_text("Rule: A value is NaN or infinite")
    words.get_by_role("button", name="Show chart").click()
    expect(chart(opened.page, "train/loss")).to_have_class("rd-chart rd-expanded")
    opened.screen.screenshot("insight-nan", ".rundetails")


def asks_to_cancel(opened) -> None:
    """The question, and that one answer of it changes nothing."""
    page = opened.page
    button = page.get_by_role("button", name="Cancel run")
    button.click()
    expect(page.get_by_role("button", name="Keep running")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(button).to_be_focused()
    expect(view(page)).to_have_attribute("data-status", "Running")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alertdialog")).to_contain_text("What it has logged stays.")


def cancels(opened, later) -> None:
    page = opened.page
    # Twice, as an impatient hand does.
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel run").dblclick()
    expect(page.locator(".rd-cancel-note")).to_contain_text("ends within 5 s", timeout=20 * SECOND)
    expect(view(page)).to_have_attribute("data-status", "CancelRequested", timeout=20 * SECOND)
    expect(page.get_by_role("button", name="Cancel run")).to_have_count(0)
    later.touch()
    expect(view(page)).to_have_attribute("data-status", "Canceled", timeout=20 * SECOND)
    expect(page.locator(".rd-cancel-note")).to_have_count(0)


def test_a_run_is_cancelled_after_a_question(notebook, later):
    opened = notebook(SCRIPTED.format(code='curve("loss", np.exp(-steps / 90))', later=later.name))
    opened.run(0)
    asks_to_cancel(opened)
    opened.screen.screenshot("insight-cancel", ".rundetails")
    cancels(opened, later)


def test_a_run_is_cancelled_while_a_cell_blocks_the_kernel(notebook, busy, later):
    code, free = busy
    opened = notebook(SCRIPTED.format(code='curve("loss", np.exp(-steps / 90))', later=later.name) + code)
    started = opened.start(0)
    expect(opened.page.get_by_role("button", name="Cancel run")).to_be_visible(timeout=20 * SECOND)
    asks_to_cancel(opened)
    cancels(opened, later)
    assert opened.is_running(started)
    free()
    opened.wait(started)


def test_a_source_that_cannot_cancel_offers_no_button(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(training.show())
    opened.run(0)
    expect(view(opened.page)).to_have_attribute("data-status", "Running")
    expect(opened.page.get_by_role("button", name="Cancel run")).to_have_count(0)


def test_a_run_whose_process_died_says_when_it_was_seen_last(notebook, training):
    died = time.time() - 2 * 3600 - 60
    points = [Metric("loss", 1 / (1 + step), int((died - 4 * (99 - step)) * 1000), step) for step in range(100)]
    training.log_points(points)
    opened = notebook(training.show(), "import json; print(json.dumps(details.get_widget_data()))")
    opened.run(0)
    note = opened.page.locator(".rd-stale")
    expect(note).to_contain_text("Stale, last seen 2 h ago (a guess: it logged every 4 s before).")
    expect(opened.page.locator(".rd-chip")).to_contain_text("Running?")
    opened.run(1)
    expect(opened.output(1)).to_contain_text('"is_guess": true')
    opened.screen.screenshot("insight-stale", ".rundetails")
    # It was only slow after all.
    training.log_points([Metric("loss", 0.001, int(time.time() * 1000), 100)])
    expect(note).to_have_count(0, timeout=20 * SECOND)
    expect(opened.page.locator(".rd-chip")).to_contain_text("Running")


SICK = """
r = np.random.default_rng(1)
curve("train/loss", 2.3 * np.exp(-steps / 90) + 0.02 * r.normal(size=400))
curve("val/loss", 2.3 * np.exp(-steps / 60) + 0.02 * r.normal(size=400) + np.maximum(0, (steps - 200) / 250))
curve("val/accuracy", 0.95 - 0.8 * np.exp(-steps / 25) + 0.001 * r.normal(size=400))
curve("aux/loss", np.where(steps < 250, np.exp(-steps / 90), steps / 100) + 0.02 * r.normal(size=400))
curve("grad_norm", np.where(steps == 312, np.nan, 2 + r.normal(size=400)))
curve("throughput", np.where(steps < 300, 1200, 430) + 20 * r.normal(size=400))
"""


@pytest.mark.parametrize(("theme", "size"), [("Light", 1280), ("Dark", 1280), ("Light", 640)])
def test_all_that_looks_wrong_is_said_in_one_row(notebook, theme, size):
    opened = notebook(SCRIPTED.format(code=SICK, later="never"))
    opened.theme(theme)
    opened.page.set_viewport_size({"width": size, "height": 1400})
    opened.run(0)
    for kind in ("not_finite", "divergence", "gap", "throughput", "plateau"):
        expect(finding(opened.page, kind)).to_have_count(1)
    order = opened.page.locator(".rd-finding").evaluate_all("(chips) => chips.map((chip) => chip.dataset.kind)")
    assert order[0] == "divergence"
    assert order[-1] == "plateau"
    expect(opened.page.locator(".rd-progress")).to_contain_text("Step 400 of 1,000")
    finding(opened.page, "gap").click()
    expect(opened.page.locator(".rd-finding-words")).to_contain_text("val/loss rose")
    chart(opened.page, "val/loss").scroll_into_view_if_needed()
    expect(chart(opened.page, "val/loss")).to_have_attribute("data-points", "400")
    view(opened.page).evaluate("(root) => root.scrollIntoView()")
    wide = opened.page.locator(".rd-findings").evaluate("(row) => row.scrollWidth - row.clientWidth")
    assert wide <= 0
    opened.screen.screenshot(f"insight-{theme.lower()}-{size}", ".rundetails")
