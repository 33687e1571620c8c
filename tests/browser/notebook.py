"""A notebook open in JupyterLab or Notebook 7, driven as a person would, and waited for by its own word."""

import time
from typing import Any, Literal

from playwright.sync_api import Locator, expect

from browser.jupyter import Server
from browser.page import Screen

App = Literal["lab", "notebook"]

OPEN_SECONDS = 90
"""A cold JupyterLab on two shared cores; a warm one takes three seconds."""
RUN_SECONDS = 60

HELPERS = r"""
(() => {
  const widgets = () => [...(window.jupyterapp?.shell.widgets("main") ?? [])];
  const panel = () => widgets().find((one) => one.context && one.content?.widgets);
  const kernel = () => panel()?.sessionContext?.session?.kernel;
  const runs = new Map();
  window.__notebook = {
    panel, kernel,
    ready: () => !!panel()?.context.isReady && panel().content.isAttached && kernel()?.status === "idle",
    run(index) {
      const { content } = panel();
      content.deselectAll();
      content.activeCellIndex = index;
      const id = runs.size;
      runs.set(id, false);
      window.jupyterapp.commands.execute("notebook:run-cell").finally(() => runs.set(id, true));
      return id;
    },
    ran: (id) => runs.get(id),
    errors: () => [...panel().context.model.cells].flatMap((cell) => cell.type === "code" ? cell.outputs.toJSON() : [])
      .filter((output) => output.output_type === "error").map((output) => `${output.ename}: ${output.evalue}`),
    command(name, args) {
      const id = runs.size;
      runs.set(id, false);
      Promise.resolve(window.jupyterapp.commands.execute(name, args)).finally(() => runs.set(id, true));
      return id;
    },
  };
})();
"""


class Notebook:
    """`show` it first; then cells are numbered from 0."""

    def __init__(self, screen: Screen, server: Server, name: str, app: App = "lab") -> None:
        self.screen = screen
        self.page = screen.page
        self.server = server
        self.name = name
        self.app = app
        self.page.add_init_script(HELPERS)

    def show(self) -> "Notebook":
        # A workspace of its own, so that no other test's layout is restored.
        where = {
            "lab": f"lab/workspaces/w{time.time_ns()}/tree/{self.name}.ipynb?reset",
            "notebook": f"notebooks/{self.name}.ipynb",
        }[self.app]
        self.page.goto(self.server.url(where))
        self.wait_ready()
        return self

    def wait_ready(self) -> None:
        self.page.wait_for_function("window.__notebook?.ready()", timeout=OPEN_SECONDS * 1000)

    def start(self, index: int) -> int:
        """Runs a cell and does not wait: what comes back is for `wait`."""
        return self.page.evaluate("(index) => window.__notebook.run(index)", index)

    def wait(self, started: int, seconds: float = RUN_SECONDS) -> None:
        self.page.wait_for_function("(id) => window.__notebook.ran(id)", arg=started, timeout=seconds * 1000)

    def run(self, index: int, seconds: float = RUN_SECONDS) -> None:
        self.wait(self.start(index), seconds)

    def is_running(self, started: int) -> bool:
        """Whether that cell still runs: a subshell's messages make the kernel look idle meanwhile."""
        return not self.page.evaluate("(id) => window.__notebook.ran(id)", started)

    def begin(self, command: str, **arguments: Any) -> int:
        """One of the application's commands, not waited for: what comes back is for `wait`."""
        return self.page.evaluate("([name, args]) => window.__notebook.command(name, args)", [command, arguments])

    def command(self, name: str, **arguments: Any) -> None:
        """The same; done when it says so."""
        self.wait(self.begin(name, **arguments), OPEN_SECONDS)

    def errors(self) -> list[str]:
        """What cells have raised, as the page holds it."""
        return self.page.evaluate("window.__notebook.errors()")

    def output(self, index: int) -> Locator:
        """All outputs of a cell, without their prompts; `.nth(0)` is the first."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index).locator(".jp-OutputArea-output")

    def said(self, index: int) -> str:
        """What a cell has put out, once it is drawn: that may come after the cell has ended."""
        expect(self.output(index).first).not_to_be_empty()
        return self.output(index).inner_text()

    def status(self) -> str:
        """The kernel's: idle, busy, restarting, …"""
        return self.page.evaluate("window.__notebook.kernel()?.status ?? 'none'")

    def wait_idle(self, seconds: float = RUN_SECONDS) -> None:
        self.page.wait_for_function("window.__notebook.kernel()?.status === 'idle'", timeout=seconds * 1000)

    def save(self) -> None:
        """Saves until nothing is left to save: a view may write its twin while a save is under way."""
        for _ in range(5):
            self.command("docmanager:save")
            if not self.page.evaluate("window.__notebook.panel().context.model.dirty"):
                return
        raise AssertionError("the notebook was changed again after each of five saves")

    def saved_outputs(self, index: int) -> list[dict[str, Any]]:
        return self.server.saved_outputs(self.name, index)

    def reload(self, ready: bool = True) -> None:
        """Loads the page again; with a busy kernel it is not ready before the cell has ended, so pass False."""
        self.page.reload()
        if ready:
            self.wait_ready()
        else:
            self.page.wait_for_function("window.__notebook?.panel()?.context.isReady", timeout=OPEN_SECONDS * 1000)

    def restart_kernel(self) -> None:
        self.page.evaluate("window.__notebook.kernel().restart()")
        self.wait_ready()

    def interrupt_kernel(self) -> None:
        self.page.evaluate("window.__notebook.kernel().interrupt()")
        self.wait_idle()

    def shut_down_kernel(self) -> None:
        self.page.evaluate("window.__notebook.panel().sessionContext.shutdown()")

    def close_tab(self) -> None:
        """Closes the notebook and leaves JupyterLab and the kernel alive: Python is told nothing."""
        self.save()
        self.page.evaluate("window.__notebook.panel().close()")
        self.page.wait_for_function("!window.__notebook.panel()")

    def open_tab(self) -> None:
        self.command("docmanager:open", path=f"{self.name}.ipynb")
        self.wait_ready()

    def theme(self, name: Literal["Light", "Dark"]) -> None:
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        self.page.wait_for_function(
            # While its splash fades, a further change makes JupyterLab remove it twice, which throws.
            "(light) => document.body.dataset.jpThemeLight === light && !document.querySelector('#jupyterlab-splash')",
            arg=str(name == "Light").lower(),
        )
