"""A Jupyter server of its own, which serves JupyterLab, Notebook 7 and Voila at one address."""

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

START_SECONDS = 120
STOP_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """Where a running server is, and what belongs to it."""

    address: str
    """Scheme, host and port, without a slash at the end."""
    token: str
    folder: Path
    """The root of its file browser, and where kernels start."""
    state: Path
    """Its configuration, data and log: nothing of the person who runs the tests is read or written."""
    pid: int

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.ipynb"

    def url(self, path: str) -> str:
        return f"{self.address}/{path}{'&' if '?' in path else '?'}token={self.token}"

    def log(self) -> str:
        return (self.state / "server.log").read_text(errors="replace")

    def ask(self, path: str, method: str = "GET") -> Any:
        """The server's REST API."""
        request = urllib.request.Request(
            f"{self.address}/{path}", method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=STOP_SECONDS) as answer:
            return json.loads(answer.read() or "null")

    def write_notebook(self, name: str, *cells: str, kernel: str = "python3") -> Path:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
        nbformat.write(notebook, self.path(name))
        return self.path(name)

    def saved_outputs(self, name: str, cell: int) -> list[dict[str, Any]]:
        """What the file on disk holds, which is all that a code host or a mail ever shows."""
        return nbformat.read(self.path(name), 4).cells[cell].get("outputs", [])

    def override(self, plugin: str, **settings: Any) -> None:
        """Settings of JupyterLab, read when a page is next loaded; `reset` takes them back."""
        package, _, part = plugin.partition(":")
        file = self.state / "settings" / package / f"{part}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    def kernels(self) -> list[dict[str, Any]]:
        return self.ask("api/kernels")

    def reset(self) -> None:
        """Ends all kernels and forgets what a page has set (its theme, say)."""
        for kernel in self.kernels():
            # Voila ends its own when the page goes, perhaps just now.
            with contextlib.suppress(urllib.error.HTTPError):
                self.ask(f"api/kernels/{kernel['id']}", "DELETE")
        shutil.rmtree(self.state / "settings", ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def quiet_voila(state: Path) -> None:
    """A template that is Voila's own without the icon font which that asks of an outside address."""
    own = Path(sys.prefix) / "share" / "jupyter" / "voila" / "templates" / "lab" / "index.html.j2"
    if not own.exists():
        return
    folder = state / "data" / "voila" / "templates" / "quiet"
    folder.mkdir(parents=True)
    (folder / "conf.json").write_text(json.dumps({"base_template": "lab"}))
    (folder / "index.html.j2").write_text(re.sub(r'<link [^>]*href="https?://[^>]*>', "", own.read_text()))


def environment(state: Path, extra: dict[str, str]) -> dict[str, str]:
    # A store that the caller has set up is none of the tests' business, nor are two environments at once.
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MLFLOW_", "JUPYTER", "IPYTHON"))}
    return {
        **kept,
        "JUPYTER_CONFIG_DIR": str(state / "config"),
        "JUPYTER_DATA_DIR": str(state / "data"),
        "JUPYTER_RUNTIME_DIR": str(state / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(state / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(state / "workspaces"),
        "IPYTHONDIR": str(state / "ipython"),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        **extra,
    }


def configure(state: Path) -> None:
    """No question about news at the start, and no look for newer versions."""
    lab = state / "config" / "labconfig"
    lab.mkdir(parents=True)
    (lab / "page_config.json").write_text(
        json.dumps(
            {
                "disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True},
                # In these words Voila is told not to fetch MathJax from an outside address; the others bundle it.
                "fullMathjaxUrl": "null",
                "mathjaxConfig": "null",
            }
        )
    )
    quiet_voila(state)


@contextlib.contextmanager
def jupyter(folder: Path, state: Path, env: dict[str, str] | None = None) -> Iterator[Server]:
    """Starts a server over `folder` and stops it, by its process number, at the end."""
    configure(state)
    token, port = secrets.token_urlsafe(16), free_port()
    command = [
        *(sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"),
        *(f"--port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}"),
        # The harness asks the page itself whether it is ready, through window.jupyterapp.
        *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        *("--LabApp.extension_manager=readonly", "--VoilaConfiguration.template=quiet"),
    ]
    with (state / "server.log").open("w") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            # The token stays out of the list of processes.
            env={**environment(state, env or {}), "JUPYTER_TOKEN": token},
            # Ctrl-C in the terminal is for the tests; the server is then stopped below.
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", token, folder, state, process.pid)
    try:
        wait_until_up(server, process)
        yield server
    finally:
        stop(server, process)


def wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The Jupyter server ended with {process.returncode} before it was up:\n{server.log()}")
        with contextlib.suppress(OSError):
            server.ask("api")
            return
        time.sleep(0.05)
    raise TimeoutError(f"The Jupyter server was not up after {START_SECONDS} s:\n{server.log()}")


def stop(server: Server, process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    with contextlib.suppress(OSError):
        server.reset()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
