"""What a model logged about itself, drawn in a real page: confusion matrix, accuracy table, residuals, predictions."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from browser.test_live import SECOND, view
from rundetails import Experiment, Workspace

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture
def run(server, empty_store, request):
    path = server.folder / f"{request.node.name.replace('[', '-').rstrip(']')}.db"
    shutil.copy(empty_store, path)
    with Experiment(Workspace(path), "digits").start_logging(display_name="trial") as opened:
        opened.store = path.name
        yield opened


def show(run) -> str:
    return f"from rundetails import RunDetails\nRunDetails({run.id!r}, store={run.store!r}, refresh=0.2).show()"


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
    bins = [predicted[(truth >= low) & (truth < high)] for low, high in zip(edges[:-1], edges[1:], strict=True)]
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
