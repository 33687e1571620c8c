"""Charts in the hands of a reader: compared, followed with the pointer, saved, and drawn anew in Python."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

SECOND = 1_000

BUSY = """
import pathlib, time
print("begun")
while not pathlib.Path({name!r}).exists():
    time.sleep(0.02)
"""


def points_drawn(page: Page, figure: str = ".jp-OutputArea-output .bqplot") -> str:
    """A function of the page: how many points the first line of a figure has."""
    return f"(document.querySelector({figure!r} + ' path.line')?.getAttribute('d') ?? '').split(/[MLC]/).length - 1"


def card(page: Page, metric: str) -> Locator:
    return page.locator(f'.rd-chart[data-metric="{metric}"]')


def value(page: Page, metric: str) -> Locator:
    """What the head of a chart says: the last value, or the one where the reader points."""
    return card(page, metric).locator(".rd-last").first


def tool(page: Page, metric: str, name: str) -> Locator:
    """A button that is there while the head of a chart is pointed at."""
    card(page, metric).locator(".rd-title").hover()
    return card(page, metric).get_by_role("button", name=name)


def menu(page: Page, metric: str, *entry: str) -> None:
    """Opens the menu of a chart, and chooses from it."""
    card(page, metric).get_by_role("button", name="More for").click()
    for name in entry:
        page.get_by_role("menuitem", name=name, exact=True).click()


@pytest.fixture
def shown(notebook, training):
    """A view of a run with a few curves, in a tall page."""

    def show(**curves: list[float]):
        for name, values in curves.items():
            training.log(name.replace("__", "/"), *values)
        opened = notebook(training.show())
        opened.page.set_viewport_size({"width": 1400, "height": 1500})
        opened.run(0)
        expect(opened.page.locator(".rd-chart[data-points]")).to_have_count(len(curves))
        return opened

    return show


CURVES = {
    "train__loss": [1.3 * 0.93**step + 0.1 for step in range(40)],
    "val__loss": [1.4 * 0.94**step + 0.2 for step in range(30)],
    "accuracy": [1 - 0.9 * 0.95**step for step in range(40)],
}


def test_one_crosshair_for_all_charts(shown):
    opened = shown(**CURVES)
    page = opened.page
    last = value(page, "train/loss").inner_text()
    area = card(page, "train/loss").locator(".rd-area")
    box = area.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 20 / 39, box["y"] + 60)
    for metric, name in (("train/loss", "train__loss"), ("val/loss", "val__loss"), ("accuracy", "accuracy")):
        expect(card(page, metric).locator(".rd-cross")).to_be_visible()
        expect(value(page, metric)).to_have_text(f"{CURVES[name][20]:.4g}")
    expect(card(page, "train/loss").locator(".rd-readout")).to_contain_text("step 20")
    expect(page.locator(".rd-readout")).to_have_count(1)
    opened.screen.screenshot("crosshair", ".rundetails")
    # Where one series has no points, it says so and shows no line.
    page.mouse.move(box["x"] + box["width"] * 38 / 39, box["y"] + 60)
    expect(value(page, "val/loss")).to_have_text("–")
    expect(card(page, "val/loss").locator(".rd-cross")).to_be_hidden()
    expect(card(page, "accuracy").locator(".rd-cross")).to_be_visible()
    page.mouse.move(5, 5)
    expect(page.locator(".rd-cross:visible")).to_have_count(0)
    expect(value(page, "train/loss")).to_have_text(last)


def test_the_crosshair_follows_the_keyboard_and_the_axis(shown):
    page = shown(**CURVES).page
    area = card(page, "train/loss").locator(".rd-area")
    area.focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(value(page, "accuracy")).to_have_text(f"{CURVES['accuracy'][2]:.4g}")
    page.get_by_role("button", name="Wall").click()
    expect(page.locator(".rd-cross:visible")).to_have_count(0)
    area.focus()
    page.keyboard.press("End")
    expect(card(page, "train/loss").locator(".rd-cross")).to_be_visible()
    expect(card(page, "val/loss").locator(".rd-cross")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator(".rd-cross:visible")).to_have_count(0)


def test_a_partner_is_one_click_away_and_both_are_followed(shown, training):
    opened = shown(**CURVES)
    page = opened.page
    chart = card(page, "train/loss")
    tool(page, "train/loss", "+ val/loss").click()
    legend = chart.locator(".rd-legend li")
    expect(legend).to_have_count(2)
    expect(legend.nth(1)).to_contain_text("val/loss")
    expect(chart.locator(".bqplot path.line")).to_have_count(4)
    training.log("val/loss", 7.5, start=30)
    expect(legend.nth(1)).to_contain_text("7.5", timeout=20 * SECOND)
    # The chart of the other metric is on the same axis: its tick at 6 is new.
    expect(chart.locator(".axis text", has_text=re.compile("^6$"))).to_be_visible()
    expect(chart).to_have_attribute("data-points", "40")
    training.log("train/loss", 0.01, start=40)
    expect(chart).to_have_attribute("data-points", "41", timeout=20 * SECOND)
    box = chart.locator(".rd-area").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    expect(chart.locator(".rd-readout")).to_have_text(re.compile(r"^step 20\d\d:"))
    expect(legend.nth(0)).to_contain_text(f"{CURVES['train__loss'][20]:.4g}")
    expect(legend.nth(1)).to_contain_text(f"{CURVES['val__loss'][20]:.4g}")
    opened.screen.screenshot("overlay", '.rd-chart[data-metric="train/loss"]')
    page.mouse.move(5, 5)
    chart.get_by_role("button", name="Take out val/loss").click()
    expect(chart.locator(".rd-legend")).to_have_count(0)
    expect(chart.locator(".bqplot path.line")).to_have_count(2)


def test_the_menu_is_for_the_keyboard_too_and_is_cut_off_by_nothing(shown):
    opened = shown(**CURVES)
    page = opened.page
    dots = card(page, "accuracy").get_by_role("button", name="More for")
    expect(dots).to_have_attribute("aria-expanded", "false")
    dots.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("menu")
    expect(box.get_by_role("menuitem", name="Compare with…")).to_be_focused()
    expect(box).to_be_in_viewport(ratio=1)
    on_top = """(box) => {
        const { x, width, bottom } = box.getBoundingClientRect();
        return box.contains(document.elementFromPoint(x + width / 2, bottom - 8));
    }"""
    assert box.evaluate(on_top)
    opened.screen.screenshot("menu")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(dots).to_be_focused()
    dots.click()
    page.locator(".rd-name").click()
    expect(box).to_have_count(0)
    menu(page, "accuracy", "Compare with…")
    search = page.get_by_role("searchbox", name="Search metrics to compare with")
    expect(search).to_be_focused()
    search.fill("val")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(card(page, "accuracy").locator(".rd-legend li")).to_have_count(2)
    opened.screen.screenshot("compare")
    page.keyboard.press("Escape")
    menu(page, "accuracy")
    page.get_by_role("menuitemcheckbox", name="Log axis").click()
    expect(card(page, "accuracy").get_by_role("button", name="Log", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_chart_is_saved_as_svg_and_png(shown, tmp_path):
    opened = shown(**CURVES)
    page = opened.page
    tool(page, "train/loss", "+ val/loss").click()
    expect(card(page, "train/loss").locator(".rd-legend li")).to_have_count(2)
    saved = {}
    for ending in ("SVG", "PNG"):
        with page.expect_download() as coming:
            menu(page, "train/loss", f"Save as {ending}")
        assert coming.value.suggested_filename == f"train-loss.{ending.lower()}"
        saved[ending] = Path(tmp_path / coming.value.suggested_filename)
        coming.value.save_as(saved[ending])
    root = ET.parse(saved["SVG"]).getroot()
    words = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"train/loss, val/loss", "train/loss", "val/loss", "step"} <= set(words)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) == 4
    picture = Image.open(saved["PNG"]).convert("RGB")
    assert picture.size == (1520, 860)
    assert picture.getpixel((3, 3)) == (255, 255, 255)
    colors = {color for _, color in picture.getcolors(1_000_000)}
    assert {(0x24, 0x64, 0xCF), (0xA8, 0x38, 0x0B)} <= colors
    (Path(opened.screen.screenshot("saved-page")).parent / "saved-chart.png").write_bytes(saved["PNG"].read_bytes())
    with page.expect_download() as coming:
        menu(page, "train/loss", "Save points as CSV")
    coming.value.save_as(tmp_path / "points.csv")
    lines = (tmp_path / "points.csv").read_text("utf-8-sig").splitlines()
    assert len(lines) == 1 + 40 + 30
    assert lines[0] == "metric,step,time,value"


def test_a_figure_made_in_python_grows_while_a_cell_runs_and_stays_as_it_was_restyled(notebook, training, server):
    training.log("train/loss", 1.0, 0.8, 0.6)
    training.log("val/loss", 1.2, 1.0, 0.9)
    stop = server.folder / "figure-stop"
    opened = notebook(
        "import ipywidgets\n"
        + training.show().rsplit("\n", 1)[0]
        + "\nfigure = details.figure('train/loss', 'val/loss')\nipywidgets.HBox([figure])",
        "figure.marks[0].colors = ['rgb(200, 0, 100)']\nfigure.title = 'mine <b>own</b>'",
        BUSY.format(name=stop.name),
        "details.close(); figure.close(); len(details._figures)",
    )
    opened.run(0)
    page = opened.page
    line = page.locator(".bqplot path.line").first
    expect(line).to_be_attached(timeout=20 * SECOND)
    opened.run(1)
    expect(line).to_have_css("stroke", "rgb(200, 0, 100)")
    expect(page.locator(".bqplot .mainheading")).to_have_text("mine <b>own</b>")
    busy = opened.start(2)
    expect(opened.output(2)).to_have_text("begun")
    for update in range(5):
        training.log("train/loss", 0.5 - update / 20, start=3 + update)
        page.wait_for_function(f"{points_drawn(page)} === {4 + update}", timeout=20 * SECOND)
    # Not the status: any message on a subshell makes a kernel look idle in the middle of a cell.
    assert opened.is_running(busy)
    expect(line).to_have_css("stroke", "rgb(200, 0, 100)")
    opened.screen.screenshot("figure", ".jp-OutputArea-output .bqplot")
    stop.touch()
    opened.wait(busy)
    opened.run(3)
    expect(opened.output(3)).to_have_text("0")
    assert not opened.errors()


def test_a_figure_of_what_comes_later_starts_empty(notebook, training):
    training.log("loss", 1.0, 0.5)
    opened = notebook(
        training.show().rsplit("\n", 1)[0] + "\nfigure = details.figure('accuracy', later=True, x='time'); figure"
    )
    opened.run(0)
    expect(opened.page.locator(".bqplot .axislabel").first).to_have_text("time")
    training.log("accuracy", 0.2, float("nan"), 0.4, float("inf"))
    opened.page.wait_for_function(f"{points_drawn(opened.page)} >= 2", timeout=20 * SECOND)
    opened.screen.screenshot("figure-later", ".jp-OutputArea-output .bqplot")
