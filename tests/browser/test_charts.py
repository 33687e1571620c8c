"""Charts in the hands of a reader: compared, followed with the pointer, saved, and drawn anew in Python."""

from __future__ import annotations

from playwright.sync_api import Page, expect

SECOND = 1_000

BUSY = """
import pathlib, time
while not pathlib.Path({name!r}).exists():
    time.sleep(0.02)
"""


def points_drawn(page: Page, figure: str = ".jp-OutputArea-output .bqplot") -> str:
    """A function of the page: how many points the first line of a figure has."""
    return f"(document.querySelector({figure!r} + ' path.line')?.getAttribute('d') ?? '').split(/[MLC]/).length - 1"


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
    page.wait_for_function("window.__notebook.kernel().status === 'busy'")
    for update in range(5):
        training.log("train/loss", 0.5 - update / 20, start=3 + update)
        page.wait_for_function(f"{points_drawn(page)} === {4 + update}", timeout=20 * SECOND)
    assert opened.status() == "busy"
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
