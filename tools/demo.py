"""The quickstart in JupyterLab, in a folder of its own with a store of its own; with --check, without a screen.

Checked is what a person would look for: the view draws, moves while the cell trains, and says that the run has ended.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
TRAINING_SECONDS = 600
"""Two minutes on a free machine."""


def check(folder: Path) -> None:
    sys.path.insert(0, str(ROOT / "tests"))
    from playwright.sync_api import sync_playwright

    from browser.jupyter import jupyter
    from browser.notebook import Notebook
    from browser.page import Screen, context, launch
    from browser.view import ENDED, View

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)

    began = time.monotonic()
    work = folder / "notebooks"
    work.mkdir()
    shutil.copy(NOTEBOOK, work)
    with jupyter(work, folder / "jupyter") as server, sync_playwright() as playwright:
        browser = launch(playwright)
        screen = Screen(context(browser).new_page())
        try:
            notebook = Notebook(screen, server, NOTEBOOK.stem).show()
            say(f"JupyterLab shows {NOTEBOOK.name}")
            everything = notebook.begin("notebook:run-all-cells")
            view = View(screen.page).wait_drawn()
            say(f"the view is there: {view.status()}, seq {view.seq()}")
            say(f"charts with {view.wait_charts()} points")
            updates, seq = 0, view.seq()
            while view.status() not in ENDED:
                seq = view.wait_update(seq, TRAINING_SECONDS)
                updates += 1
                if updates in (1, 2, 10):
                    say(f"update {updates}: {view.status()}, seq {seq}, charts with {view.points()} points")
                    screen.screenshot(f"demo-{updates}")
            notebook.wait(everything, TRAINING_SECONDS)
            say(f"the run has ended: {view.status()}, {updates} updates, charts with {view.points()} points")
            screen.screenshot("demo-ended")
            trouble = [*notebook.errors(), *screen.errors, *screen.calls_outside]
            if trouble:
                sys.exit("The demo ran, and something went wrong on the way:\n" + "\n".join(trouble))
            if updates < 2:
                sys.exit(f"The view drew and did not move: {updates} updates.")
            print("The view drew, moved while the cell trained, and saw the run end.")
        except BaseException:
            screen.screenshot("demo-failed")
            raise
        finally:
            browser.close()


def show(folder: Path) -> int:
    shutil.copy(NOTEBOOK, folder)
    print(f"The notebook and its store are in {folder}, and stay there.")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MLFLOW_")}
    command = [
        sys.executable,
        "-m",
        "jupyter",
        "lab",
        "--ip=127.0.0.1",
        f"--ServerApp.root_dir={folder}",
        NOTEBOOK.name,
    ]
    if os.geteuid() == 0:
        command.append("--allow-root")
    try:
        return subprocess.run(command, cwd=folder, env=environment).returncode
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    if not NOTEBOOK.exists():
        sys.exit(f"There is no {NOTEBOOK.relative_to(ROOT)} to show.")
    if "--check" in sys.argv:
        with tempfile.TemporaryDirectory(prefix="rundetails-demo-") as folder:
            check(Path(folder))
    else:
        sys.exit(show(Path(tempfile.mkdtemp(prefix="rundetails-demo-"))))
