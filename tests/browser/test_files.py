"""What a run logged beside numbers, and its files, in a real page."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from browser.training import show
from browser.view import SECOND, view

EVIL = "<img src=x onerror=alert(1)>"
MATRIX = {"class_labels": ["cat", "dog"], "matrix": [[5, 1], [2, 9]]}


def tab(page: Page, name: str) -> None:
    view(page).get_by_role("tab", name=name).click()


def column(page: Page, place: int) -> Locator:
    return page.locator(f".rd-sheet tbody tr td:nth-child({place})")


def picture(step: int) -> np.ndarray:
    pixels = np.zeros((60, 90, 3), np.uint8)
    pixels[:, : step + 1] = [40, 120, 220]
    return pixels


def test_tables_are_shown_sorted_searched_and_grow(notebook, run):
    for layer, mean in enumerate([0.5, float("nan"), -2.0, 10.0]):
        run.log_row("layers", layer=layer, mean=mean, note=f"layer {layer}")
    run.log_list("words", ["b", "a"])
    run.log_confusion_matrix("cm", {"schema_type": "confusion_matrix", "schema_version": "1.0.0", "data": MATRIX})
    run.log_residuals(
        "residuals",
        {"schema_type": "residuals", "schema_version": "1.0.0", "data": {"bin_edges": [0, 1, 2], "bin_counts": [3, 4]}},
    )
    run.log("loss", 0.5)
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tab(page, "Tables")
    files = page.locator(".rd-log-files")
    expect(files.get_by_role("button")).to_have_count(4)
    files.get_by_role("button", name="layers").click()
    expect(page.locator(".rd-sheet tbody tr")).to_have_count(4)
    opened.screen.screenshot("files-tables", ".rundetails")
    header = page.get_by_role("columnheader", name="mean").get_by_role("button")
    header.click()
    expect(column(page, 2)).to_have_text(["10", "0.5", "-2", "NaN"])
    header.click()
    expect(column(page, 2)).to_have_text(["-2", "0.5", "10", "NaN"])
    expect(page.get_by_role("columnheader", name="mean")).to_have_attribute("aria-sort", "ascending")
    run.log_row("layers", layer=4, mean=1.0, note="late")
    run.flush()
    expect(page.locator(".rd-sheet tbody tr")).to_have_count(5, timeout=30 * SECOND)
    # What the reader sorted stays sorted.
    expect(column(page, 2)).to_have_text(["-2", "0.5", "1", "10", "NaN"])
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download CSV").click()
    assert Path(saved.value.path()).read_text("utf-8-sig").splitlines()[:2] == ["layer,mean,note", "2,-2,layer 2"]
    files.get_by_role("button", name="cm").click()
    page.locator(".rd-panel").get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".rd-sheet thead")).to_contain_text("predicted")
    expect(column(page, 3)).to_have_text(["1", "9"])
    files.get_by_role("button", name="residuals").click()
    page.locator(".rd-panel").get_by_role("button", name="Table", exact=True).click()
    expect(page.locator(".rd-sheet tbody tr")).to_have_count(2)
    files.get_by_role("button", name="words").click()
    expect(page.locator(".rd-sheet tbody tr")).to_have_count(2)
    expect(column(page, 1)).to_have_text(["b", "a"])


def test_images_have_a_slider_and_follow_the_latest(notebook, run):
    for step in range(60):
        run.log_image("weights", plot=picture(step), step=step)
    run.log_image("other", plot=picture(3))
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tab(page, "Images")
    page.locator(".rd-log-files").get_by_role("button", name="weights").click()
    status = page.locator(".rd-log-status")
    expect(status).to_contain_text("step 59 (60 of 60)")
    image = page.locator("img.rd-image")
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 90
    opened.screen.screenshot("files-images", ".rundetails")
    assert page.locator(".rd-thumbnail img").count() < 60, "only thumbnails in sight are fetched"
    run.log_image("weights", plot=picture(60), step=60)
    run.flush()
    expect(status).to_contain_text("step 60 (61 of 61)", timeout=30 * SECOND)
    slider = page.get_by_role("slider", name="Step")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(status).to_contain_text("step 57 (58 of 61)")
    run.log_image("weights", plot=picture(61), step=61)
    run.flush()
    expect(status).to_contain_text("step 57 (58 of 62)", timeout=30 * SECOND)


def test_files_are_a_tree_with_previews_and_a_zip(notebook, run):
    run.upload_file("notes/read me.txt", io.BytesIO(b"hello\n" * 3))
    run.upload_file("notes/deep/data.csv", io.BytesIO(b'name,value\n"a, b",1.5\nc,-2\n'))
    run.upload_file("config.json", io.BytesIO(json.dumps({"lr": 0.1}).encode()))
    run.upload_file("model.bin", io.BytesIO(bytes(range(256)) * 9_000))
    run.upload_file("empty.txt", io.BytesIO(b""))
    run.log_image("weights", plot=picture(3))
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    tab(page, "Files")
    tree = page.get_by_role("tree")
    expect(tree.get_by_role("treeitem")).to_have_count(5)
    tree.get_by_role("treeitem").first.focus()
    # By keyboard: down to the folder, into it, into the one below, to its file.
    names = [name.split("\n")[0].strip("▸▾ ") for name in tree.get_by_role("treeitem").all_inner_texts()]
    for _ in range(names.index("notes")):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="read me.txt")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_role("treeitem", name="data.csv")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".rd-sheet tbody tr")).to_have_count(2)
    expect(column(page, 1)).to_have_text(["a, b", "c"])
    opened.screen.screenshot("files-tree", ".rundetails")
    tree.get_by_role("treeitem", name="config.json").click()
    expect(page.locator(".rd-preview")).to_have_text('{\n  "lr": 0.1\n}')
    tree.get_by_role("treeitem", name="model.bin").click()
    expect(view(page)).to_contain_text("no text and no picture")
    tree.get_by_role("treeitem", name="empty.txt").click()
    expect(view(page)).to_contain_text("This file is empty.")
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download all as zip").click()
    assert saved.value.suggested_filename == "trial.zip"
    with zipfile.ZipFile(saved.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.read("model.bin") == bytes(range(256)) * 9_000
        assert set(archive.namelist()) == set(run.get_file_names())
    tree.get_by_role("treeitem", name="model.bin").click()
    with page.expect_download() as saved:
        page.locator(".rd-log-status").get_by_role("button", name="Download").click()
    assert Path(saved.value.path()).read_bytes() == bytes(range(256)) * 9_000


def test_hostile_names_are_text(notebook, run):
    run.log_row("evil", **{EVIL: EVIL})
    run.upload_file("evil.svg", io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'))
    run.upload_file("page.html", io.BytesIO(EVIL.encode()))
    run.tag("rundetails.detail", EVIL)
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    page.on("dialog", lambda dialog: pytest.fail(f"A script ran: {dialog.message}"))
    opened.run(0)
    expect(view(page)).to_contain_text(EVIL)
    tab(page, "Tables")
    expect(page.locator(".rd-sheet thead")).to_contain_text(EVIL)
    tab(page, "Files")
    for name in ("evil.svg", "page.html"):
        page.get_by_role("treeitem", name=name).click()
        expect(page.locator(".rd-preview")).to_be_visible()
    expect(page.locator(".rundetails img")).to_have_count(0)


def test_it_reads_well_in_the_dark_and_in_a_narrow_page(notebook, run):
    run.log_table("rows", {"step": list(range(300)), "value": [one / 7 for one in range(300)]})
    run.log_table("other", {"a": [1]})
    for step in range(8):
        run.log_image("weights", plot=picture(step * 9), step=step)
    run.upload_file("notes/a.txt", io.BytesIO(b"hello\n"))
    run.flush()
    opened = notebook(show(run))
    page = opened.page
    opened.run(0)
    for theme in ("Light", "Dark"):
        opened.theme(theme)
        for width in (1400, 640):
            page.set_viewport_size({"width": width, "height": 1000})
            for name in ("Tables", "Images", "Files"):
                tab(page, name)
                part = {"Tables": ".rd-sheet", "Images": "img.rd-image", "Files": ".rd-tree, .rd-log-select"}[name]
                expect(page.locator(part).first).to_be_attached(timeout=20 * SECOND)
                opened.screen.screenshot(f"files-{name}-{theme}-{width}".lower(), ".rundetails")
                overflow = view(page).evaluate("(root) => root.scrollWidth - root.clientWidth")
                assert overflow <= 0, f"{name} is wider than the view at {width} in {theme}"
