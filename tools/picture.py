"""Makes the pictures of the docs out of the notebooks as they really run: the README's moving one, and two that stand
still. Names as arguments (quickstart, automl, sweep) make only those."""

import contextlib
import io
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from PIL import Image  # noqa: E402  # after the path to the tests' harness
from playwright.sync_api import sync_playwright  # noqa: E402

from browser.jupyter import jupyter  # noqa: E402
from browser.notebook import Notebook  # noqa: E402
from browser.page import Screen, context, launch  # noqa: E402

DOCS = ROOT / "docs"
WIDTH, HEIGHT = 1180, 860
EVERY = 2.5
"""Seconds of training between two frames."""
SHOWN = 160
"""Milliseconds that a frame is shown: about sixteen times as fast."""
LAST = 4_000
FRAMES = 80


STILLS = {"automl": (1, 3, 4), "sweep": (1, 2, 4, 5)}
"""Cells of these notebooks: those that lead to the view, and the search last."""


@contextlib.contextmanager
def opened(name: str) -> Iterator[Notebook]:
    """A copy of the notebook in a JupyterLab of its own."""
    with tempfile.TemporaryDirectory(prefix="rundetails-picture-") as folder:
        work, state = Path(folder, "notebooks"), Path(folder, "jupyter")
        work.mkdir()
        state.mkdir()
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", work)
        with jupyter(work, state) as server, sync_playwright() as playwright:
            browser = launch(playwright)
            page = context(browser).new_page()
            page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            notebook = Notebook(Screen(page), server, name).show()
            notebook.command("application:toggle-left-area")
            yield notebook
            browser.close()


def in_sight(page, drawn: str) -> dict[str, float]:
    """Where the view is, from its top to the bottom of the window, once this is drawn in it."""
    # Charts are drawn where they can be seen, and JupyterLab scrolls to the cell that was started.
    page.wait_for_function(
        "(drawn) => { document.querySelector('.rundetails').scrollIntoView({block: 'start'});"
        " return document.querySelector(drawn); }",
        arg=drawn,
        polling=500,
        timeout=300_000,
    )
    box = page.locator(".rundetails").first.bounding_box()
    top = max(box["y"], 60)
    return {"x": box["x"], "y": top, "width": box["width"], "height": min(box["height"], HEIGHT - 40 - top)}


def moving(name: str) -> None:
    """The view of a training, from its first chart to its end."""
    pictures = []
    with opened(name) as notebook:
        page = notebook.page
        for cell in (1, 3, 5):
            notebook.run(cell, 120)
        training = notebook.start(6)
        page.wait_for_selector('.rundetails[data-health="live"]')
        area = in_sight(page, ".rd-chart[data-points]")
        while len(pictures) < FRAMES:
            pictures.append(shot(page, area))
            ended = page.locator('.rundetails[data-health="ended"]').count()
            if ended and not notebook.is_running(training):
                break
            page.wait_for_timeout(EVERY * 1000)
        pictures.append(shot(page, area))
    # One palette for all: colours must not flicker.
    palette = pictures[-1].quantize(96)
    reduced = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [SHOWN] * (len(reduced) - 1) + [LAST]
    target = DOCS / f"{name}.gif"
    reduced[0].save(target, save_all=True, append_images=reduced[1:], duration=durations, loop=0, optimize=True)
    told(target)


def still(name: str) -> None:
    """The view of a search when it has ended."""
    with opened(name) as notebook:
        for cell in STILLS[name]:
            notebook.run(cell, 900)
        area = in_sight(notebook.page, ".rd-child-row.rd-best")
        # What has just come into sight is drawn in the next frames.
        notebook.page.wait_for_timeout(2_000)
        picture = shot(notebook.page, area)
    target = DOCS / f"{name}.png"
    picture.quantize(128, dither=Image.Dither.NONE).save(target, optimize=True)
    told(target)


def shot(page, area: dict[str, float]) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=area))).convert("RGB")


def told(target: Path) -> None:
    print(f"{target.relative_to(ROOT)}: {target.stat().st_size / 1e3:.0f} kB")


def main(names: list[str]) -> None:
    for name in names or ["quickstart", *STILLS]:
        (still if name in STILLS else moving)(name)


if __name__ == "__main__":
    main(sys.argv[1:])
