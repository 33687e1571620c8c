"""What a model logged about itself, drawn in a real page: confusion matrix, accuracy table, residuals, predictions."""

from __future__ import annotations

import io
import itertools
import json
import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from browser.training import show
from browser.view import SECOND, view

EVIL = "<img src=x onerror=alert(1)>"


def logged(kind: str, data: dict) -> dict:
    return {"schema_type": kind, "schema_version": "1.0.0", "data": data}


def tables(page: Page) -> None:
    view(page).get_by_role("tab", name="Tables").click()


def choose(page: Page, name: str) -> None:
    page.locator(".rd-log-files").get_by_role("button", name=name).click()


def told(page: Page) -> Locator:
    return page.locator(".rd-told")


def stage(page: Page) -> Locator:
    return page.locator(".rd-stage .rd-area")


def confusion(labels: list[str], scale: int = 40) -> dict:
    random = np.random.default_rng(3)
    size = len(labels)
    matrix = random.poisson(0.6, (size, size)) + np.diag(random.integers(scale // 2, scale, size))
    matrix[min(3, size - 1), 0] = scale * 2
    return logged("confusion_matrix", {"class_labels": labels, "matrix": matrix.tolist()})


def accuracy(classes: int = 3, rows: int = 400) -> dict:
    random = np.random.default_rng(5)
    truth = random.integers(0, classes, rows)
    raw = random.normal(size=(rows, classes)) + 1.6 * np.eye(classes)[truth] * np.linspace(1, 2, classes)
    scores = np.exp(raw) / np.exp(raw).sum(1, keepdims=True)

    def tables(thresholds_of) -> list:
        found = []
        for one in range(classes):
            is_true = truth == one
            taken = scores[:, [one]] >= thresholds_of(one)[None, :]
            hits, misses = (taken & is_true[:, None]).sum(0), (taken & ~is_true[:, None]).sum(0)
            counts = np.stack([hits, misses, (~is_true).sum() - misses, is_true.sum() - hits], axis=1)
            found.append(counts.tolist())
        return found

    thresholds = np.linspace(0, 1, 101)
    return logged(
        "accuracy_table",
        {
            "class_labels": [f"class {one}" for one in range(classes)],
            "probability_tables": tables(lambda _: thresholds),
            "percentile_tables": tables(lambda one: np.quantile(scores[:, one], thresholds)),
            "probability_thresholds": thresholds.tolist(),
            "percentile_thresholds": thresholds.tolist(),
        },
    )


def residuals() -> dict:
    counts, edges = np.histogram(np.random.default_rng(7).normal(0.4, 2, 500), bins=24)
    return logged("residuals", {"bin_edges": edges, "bin_counts": counts})


def predictions() -> dict:
    random = np.random.default_rng(9)
    truth = random.gamma(4, 20, 600)
    predicted = truth * 0.9 + 8 + random.normal(0, 9, 600)
    edges = np.linspace(0, 220, 12)
    bins = [predicted[(truth >= low) & (truth < high)] for low, high in itertools.pairwise(edges)]
    return logged(
        "predictions",
        {
            "bin_edges": edges,
            "bin_averages": [float(one.mean()) if len(one) else 0.0 for one in bins],
            "bin_errors": [float(one.std()) if len(one) else 0.0 for one in bins],
            "bin_counts": [len(one) for one in bins],
        },
    )


ANIMALS = ["cat", "dog", "horse", "a very long name of a class", "sheep", "cow", EVIL, "bird"]


def log_all(run) -> None:
    run.log_confusion_matrix("confusions", confusion(ANIMALS))
    run.log_accuracy_table("accuracy", accuracy())
    run.log_residuals("residuals", residuals())
    run.log_predictions("predictions", predictions())
    run.flush()


def test_each_kind_is_drawn_in_both_themes(notebook, run):
    log_all(run)
    opened = notebook(show(run))
    page = opened.page
    page.on("dialog", lambda dialog: pytest.fail(f"A script ran: {dialog.message}"))
    opened.run(0)
    tables(page)
    expect(page.locator(".rd-log-files button")).to_have_count(4)
    for theme in ("Light", "Dark"):
        opened.theme(theme)
        for name in ("confusions", "accuracy", "residuals", "predictions"):
            choose(page, name)
            expect(page.locator(".rd-stage .bqplot")).to_have_count(1)
            mark = "image.heatmap" if name == "confusions" else ".bqplot .curve path.line"
            expect(page.locator(f".rd-stage {mark}").first).to_be_attached()
            page.wait_for_timeout(400)
            opened.screen.screenshot(f"model-{name}-{theme}".lower(), ".rundetails")
            overflow = view(page).evaluate("(root) => root.scrollWidth - root.clientWidth")
            assert overflow <= 0, f"{name} is wider than the view in {theme}"
    expect(page.locator(".rundetails img")).to_have_count(0)


def test_a_confusion_matrix_tells_of_its_cells(notebook, run):
    run.log_confusion_matrix("confusions", confusion(ANIMALS))
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tables(page)
    expect(page.locator("image.heatmap")).to_be_attached()
    expect(page.locator(".rd-cell")).to_have_count(64)
    matrix = confusion(ANIMALS)["data"]["matrix"]
    assert page.locator(".rd-cell").nth(9).text_content() == str(matrix[1][1])
    cell = page.locator(".rd-cell").nth(3 * 8)
    box = cell.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(told(page)).to_contain_text(f"true {ANIMALS[3]} → predicted cat: 80 of {sum(matrix[3])}")
    page.mouse.move(5, 5)
    stage(page).focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    expect(told(page)).to_contain_text(f"true dog → predicted dog: {matrix[1][1]} of {sum(matrix[1])}")
    page.get_by_role("button", name="Normalised").click()
    share = 100 * matrix[1][1] / sum(matrix[1])
    expect(page.locator(".rd-cell").nth(9)).to_have_text(str(math.floor(share + 0.5)))
    expect(page.get_by_role("list", name="Largest confusions").get_by_role("listitem").first).to_contain_text("→ cat")
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".rd-sheet thead")).to_contain_text("predicted")
    page.get_by_role("button", name="Chart", exact=True).click()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download SVG").click()
    text = Path(saved.value.path()).read_text()
    assert "var(" not in text
    assert "data:image/png" in text
    assert "&lt;img" in text
    assert "<img" not in text


def test_a_thousand_classes_are_usable(notebook, run):
    value = confusion([f"n{one:04}" for one in range(1000)])
    value["data"]["matrix"][17][803] = 999
    run.log_confusion_matrix("big", value)
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tables(page)
    expect(page.locator("image.heatmap")).to_be_attached(timeout=30 * SECOND)
    expect(page.locator(".rd-cell")).to_have_count(0)
    opened.screen.screenshot("model-thousand", ".rundetails")
    largest = page.get_by_role("list", name="Largest confusions").get_by_role("button")
    expect(largest).to_have_count(10)
    opened.screen.reset_meter()
    largest.first.click()
    expect(page.locator(".rd-stage")).to_have_attribute("data-classes", "21")
    expect(page.locator(".rd-cell")).to_have_count(441)
    expect(told(page)).to_contain_text("true n0017 → predicted n0803: 999 of")
    page.wait_for_timeout(500)
    opened.screen.screenshot("model-thousand-near", ".rundetails")
    page.get_by_placeholder("Search 1,000 classes").fill("n0500")
    page.get_by_role("list", name="Classes found").get_by_role("button").click()
    expect(told(page)).to_contain_text("true n0500 → predicted n0500")
    page.get_by_role("button", name="All 1,000 classes").click()
    expect(page.locator(".rd-stage")).to_have_attribute("data-classes", "1000")


def test_curves_are_chosen_and_told(notebook, run):
    run.log_accuracy_table("accuracy", accuracy())
    run.log_predictions("predictions", predictions())
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tables(page)
    choose(page, "accuracy")
    expect(page.locator(".rd-stage .bqplot .curve")).to_have_count(7)
    curves = page.get_by_role("list", name="Curves")
    curves.get_by_role("button", name="class 1").click()
    expect(page.locator(".rd-stage .bqplot .curve")).to_have_count(6)
    for name in ("Precision-recall", "Calibration", "Lift", "Gain"):
        page.get_by_role("button", name=name, exact=True).click()
        expect(told(page)).to_contain_text(name)
        page.wait_for_timeout(400)
        opened.screen.screenshot(f"model-{name}".lower(), ".rundetails")
    page.get_by_role("button", name="ROC", exact=True).click()
    stage(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(told(page)).to_contain_text("micro average: false positive rate")
    page.keyboard.press("ArrowDown")
    expect(told(page)).to_contain_text("macro average: false positive rate")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").click()
    assert Path(saved.value.path()).read_text("utf-8-sig").startswith("curve,false positive rate,true positive rate")
    choose(page, "predictions")
    stage(page).hover()
    expect(told(page)).to_contain_text("rows")
    expect(told(page)).to_contain_text("±")
    page.set_viewport_size({"width": 640, "height": 1000})
    page.wait_for_timeout(500)
    opened.screen.screenshot("model-narrow", ".rundetails")
    assert view(page).evaluate("(root) => root.scrollWidth - root.clientWidth") <= 0


def test_each_kind_is_drawn_where_bqplot_is_missing(notebook, run, screen):
    log_all(run)
    for value in (1.0, 0.5):
        run.log("loss", value)
    run.flush()
    # JupyterLab passes over an extension that it cannot load: as if bqplot were not installed.
    screen.page.route(re.compile("/lab/extensions/(bqplot|bqscales)/"), lambda route: route.abort())
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    notes = page.locator(".rd-notes")
    expect(notes).to_contain_text("bqplot could not be loaded")
    expect(page.locator(".rd-chart .rd-plain")).to_have_count(1)
    tables(page)
    for theme in ("Light", "Dark"):
        opened.theme(theme)
        for name, marks, readout in (
            ("confusions", "image", "true"),
            ("accuracy", ".rd-drawn", "average"),
            ("residuals", ".rd-drawn", "from"),
            ("predictions", "circle", "rows"),
        ):
            choose(page, name)
            expect(page.locator(".rd-stage-column .rd-under")).to_contain_text("bqplot could not be loaded")
            expect(page.locator(f".rd-over {marks}").first).to_be_attached()
            opened.screen.screenshot(f"model-plain-{name}-{theme}".lower(), ".rundetails")
            stage(page).focus()
            page.keyboard.press("ArrowRight")
            expect(told(page)).to_contain_text(readout)
            page.keyboard.press("Escape")
    page.get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".rd-sheet tbody tr").first).to_be_attached()
    expect(page.get_by_text("javascript error")).to_have_count(0)


def test_one_click_leads_from_a_parent_to_the_charts_of_its_best_model(notebook, run):
    scores = [0.7, 0.9, 0.8]
    for number, score in enumerate(scores):
        with run.child_run(f"model {number}") as child:
            child.log("accuracy", score)
            child.log_table("leaderboard", {"fold": [0, 1], "accuracy": [score, score]})
            child.log_accuracy_table("scores", accuracy(2))
            child.log_confusion_matrix("truth and prediction", confusion(["no", "yes"], scale=20 * (number + 1)))
        if score == max(scores):
            run.tag("automl_best_child_run_id", child.id)
    run.log_residuals("residuals of all", residuals())
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    page.get_by_role("button", name="Open the best").click()
    expect(page.locator(".rd-trail")).to_contain_text("model 1")
    expect(view(page).get_by_role("tab", selected=True)).to_have_text(re.compile("^Charts & tables"))
    expect(stage(page)).to_be_visible()
    expect(page.locator(".rd-stage .bqplot .curve").first).to_be_attached()
    opened.screen.screenshot("model-best", ".rundetails")
    choose(page, "truth and prediction")
    matrix = confusion(["no", "yes"], scale=40)["data"]["matrix"]
    expect(page.locator(".rd-cell")).to_have_text([f"{one:,}" for row in matrix for one in row])
    # Whoever has chosen a tab stays there.
    view(page).get_by_role("tab", name="Metrics").click()
    expect(view(page).get_by_role("tab", selected=True)).to_have_text(re.compile("^Metrics"))
    page.locator(".rd-trail").get_by_role("button").first.click()
    tables(page)
    expect(view(page).get_by_role("tab", selected=True)).to_have_text(re.compile("^Charts & tables"))
    expect(page.locator(".rd-stage .bqplot")).to_have_count(1)
    expect(told(page)).to_contain_text("500 rows, mean")
    opened.screen.screenshot("model-parent", ".rundetails")


def test_what_has_nothing_to_draw_says_so(notebook, run):
    nothing = logged("confusion_matrix", {"class_labels": [], "matrix": []})
    run.upload_file("logged/nothing.confusion_matrix.json", io.BytesIO(json.dumps(nothing).encode()))
    matrix = [[5, float("nan")], [0, 7]]
    missing = logged("confusion_matrix", {"class_labels": ["a", EVIL], "matrix": matrix})
    run.upload_file("logged/missing.confusion_matrix.json", io.BytesIO(json.dumps(missing).encode()))
    zero = logged("residuals", {"bin_edges": [0, 1, 2], "bin_counts": [0, 0]})
    run.upload_file("logged/zero.residuals.json", io.BytesIO(json.dumps(zero).encode()))
    run.log_table("rows", {"a": [1]})
    run.log_residuals("residuals", residuals())
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tables(page)
    choose(page, "nothing")
    expect(view(page)).to_contain_text("There are no classes in it.")
    choose(page, "missing")
    expect(page.locator(".rd-cell")).to_have_text(["5", "–", "0", "7"])
    expect(view(page)).to_contain_text("1 cell holds no count")
    choose(page, "zero")
    expect(told(page)).to_have_text("no rows")


CORPUS = Path(os.environ.get("RUNDETAILS_CORPUS", Path(__file__).parents[3] / "shared" / "corpus")) / "aml-widget-v1"


def charts_in(value: object) -> Iterator[dict]:
    if isinstance(value, dict) and "schema_type" in value:
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from charts_in(one)


def test_what_azure_logged_is_drawn(notebook, run):
    if not CORPUS.is_dir():
        pytest.skip(f"There is no corpus at {CORPUS}: set RUNDETAILS_CORPUS to where it is.")
    found = []
    for path in sorted(CORPUS.glob("*.json")):
        output = json.loads(path.read_text("utf-8"))
        found += charts_in(json.loads(output) if isinstance(output, str) else output)
    assert {one["schema_type"] for one in found} >= {"predictions", "residuals"}
    for place, chart in enumerate(found):
        getattr(run, f"log_{chart['schema_type']}")(f"chart {place}", chart)
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tables(page)
    for place, chart in enumerate(found):
        choose(page, f"chart {place}")
        expect(page.locator(".rd-log-status")).to_contain_text(f"chart {place}")
        expect(page.locator(".rd-stage .bqplot")).to_have_count(1)
        if "bin_counts" in chart["data"]:
            rows = sum(chart["data"]["bin_counts"])
            expect(told(page)).to_contain_text(f"{rows:,} rows")
            assert rows == chart["data"].get("res_count", rows)
        opened.screen.screenshot(f"model-azure-{chart['schema_type']}-{place}", ".rundetails")
