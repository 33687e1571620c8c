"""Makes docs/quickstart.gif, the README's moving picture: the quickstart as it really runs, faster."""

import io
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from PIL import Image  # noqa: E402  # after the path to the tests' harness
from playwright.sync_api import sync_playwright  # noqa: E402

from browser.jupyter import jupyter  # noqa: E402
from browser.notebook import Notebook  # noqa: E402
from browser.page import Screen, context, launch  # noqa: E402

TARGET = ROOT / "docs" / "quickstart.gif"
WIDTH, HEIGHT = 1180, 860
EVERY = 2.5
"""Seconds of training between two frames."""
SHOWN = 160
"""Milliseconds that a frame is shown: about sixteen times as fast."""
LAST = 4_000
FRAMES = 80


def frames(folder: Path) -> list[Image.Image]:
    work, state = folder / "notebooks", folder / "jupyter"
    work.mkdir()
    state.mkdir()
    shutil.copy(ROOT / "notebooks" / "quickstart.ipynb", work)
    pictures = []
    with jupyter(work, state) as server, sync_playwright() as playwright:
        browser = launch(playwright)
        page = context(browser).new_page()
        page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        notebook = Notebook(Screen(page), server, "quickstart").show()
        notebook.command("application:toggle-left-area")
        for cell in (1, 3, 5):
            notebook.run(cell, 120)
        training = notebook.start(6)
        page.wait_for_selector('.rundetails[data-health="live"]')
        # Charts are drawn where they can be seen, and JupyterLab scrolls to the cell that was started.
        page.wait_for_function(
            "() => { document.querySelector('.rundetails').scrollIntoView({block: 'start'});"
            " return document.querySelector('.rd-chart[data-points]'); }",
            polling=500,
        )
        area = clip(page)
        while len(pictures) < FRAMES:
            pictures.append(shot(page, area))
            ended = page.locator('.rundetails[data-health="ended"]').count()
            if ended and page.evaluate("(id) => window.__notebook.ran(id)", training):
                break
            page.wait_for_timeout(EVERY * 1000)
        pictures.append(shot(page, area))
        browser.close()
    return pictures


def shot(page, area: dict[str, float]) -> Image.Image:
    return Image.open(io.BytesIO(page.screenshot(clip=area))).convert("RGB")


def clip(page) -> dict[str, float]:
    """The view, from its top to the bottom of the window."""
    box = page.locator(".rundetails").first.bounding_box()
    top = max(box["y"], 60)
    return {"x": box["x"], "y": top, "width": box["width"], "height": HEIGHT - 40 - top}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="rundetails-picture-") as folder:
        pictures = frames(Path(folder))
    # One palette for all: colours must not flicker.
    palette = pictures[-1].quantize(96)
    reduced = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    durations = [SHOWN] * (len(reduced) - 1) + [LAST]
    reduced[0].save(TARGET, save_all=True, append_images=reduced[1:], duration=durations, loop=0, optimize=True)
    print(f"{TARGET.relative_to(ROOT)}: {len(reduced)} frames, {TARGET.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
