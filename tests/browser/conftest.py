"""One server and one browser for all browser tests, a page and a notebook's name of its own for each."""

import itertools
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from browser.jupyter import Server, jupyter
from browser.notebook import OPEN_SECONDS, App, Notebook
from browser.page import Screen, context, launch
from browser.training import Training
from faults import FaultProxy
from rundetails import Experiment, Run, Workspace, create_store
from servers import ServerStore, sqlite_server
from stores import Store

HERE = Path(__file__).parent

# Against a hang, not against slowness: two shared cores may take their time.
expect.set_options(timeout=20_000)

BUSY = "import pathlib, time\nwhile not pathlib.Path('{stop}').exists(): time.sleep(0.02)"
IPYKERNEL_6 = "python3-ipykernel6"
HARMLESS = (
    # Notebook 7.6 says these two of its own while it starts, with an empty notebook too, and not always.
    "Cannot read properties of undefined (reading 'schema')",
    "Command 'filebrowser:open-path' not registered.",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
    # Last: Playwright leaves a running event loop behind, which would refuse other tests' asyncio.run.
    items.sort(key=lambda item: HERE in item.path.parents)


def file_name(request: pytest.FixtureRequest) -> str:
    return re.sub(r"\W+", "-", request.node.name).strip("-")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with jupyter(tmp_path_factory.mktemp("notebooks"), tmp_path_factory.mktemp("jupyter")) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """Shared, so that JupyterLab's three megabytes are compiled once."""
    shared = context(chromium)
    shared.set_default_navigation_timeout(OPEN_SECONDS * 1000)
    yield shared
    shared.close()


@pytest.fixture
def screen(window: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Screen]:
    """A page; the test fails if an error went uncaught in it, or if it called another host."""
    screen = Screen(window.new_page())
    failed_before = request.session.testsfailed
    yield screen
    if request.session.testsfailed > failed_before:
        screen.screenshot(f"failed-{file_name(request)}")
    screen.page.close(run_before_unload=False)
    assert not screen.calls_outside, f"An outside address was contacted: {screen.calls_outside}"
    unknown = [error for error in screen.errors if not any(harmless in error for harmless in HARMLESS)]
    assert not unknown, "Errors in the page:\n" + "\n".join(unknown)


@pytest.fixture
def notebook(screen: Screen, server: Server, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """`notebook("cell", "cell", app="lab", kernel="python3")` writes one, opens it and waits for its kernel."""
    numbers = itertools.count()

    def open_one(*cells: str, app: App = "lab", kernel: str = "python3") -> Notebook:
        name = f"{file_name(request)}-{next(numbers)}"
        server.write_notebook(name, *cells, kernel=kernel)
        return Notebook(screen, server, name, app).show()

    yield open_one
    server.reset()


@pytest.fixture
def ipykernel_6(server: Server) -> str:
    """The name of the kernel that runs ipykernel 6."""
    if IPYKERNEL_6 not in server.ask("api/kernelspecs")["kernelspecs"]:
        pytest.skip("There is no kernel with ipykernel 6 here: .venv/bin/python tools/kernels.py makes one.")
    return IPYKERNEL_6


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of MLflow's own making, which the tests copy: making one takes seconds."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    create_store(f"sqlite:///{path}")
    return path


@pytest.fixture
def training(server: Server, empty_store: Path, request: pytest.FixtureRequest) -> Training:
    """A run in a store of its own, which lies where the notebook is."""
    path = server.folder / f"{file_name(request)}.db"
    shutil.copy(empty_store, path)
    return Training(path)


@pytest.fixture
def run(server: Server, empty_store: Path, request: pytest.FixtureRequest) -> Iterator[Run]:
    """A run that rundetails itself logs, in a store of its own; `browser.training.show` is the cell that watches it."""
    path = server.folder / f"{file_name(request)}.db"
    shutil.copy(empty_store, path)
    with Experiment(Workspace(path), "digits").start_logging(display_name="trial") as opened:
        opened.store = path.name
        yield opened


@pytest.fixture
def remote() -> Iterator[tuple[ServerStore, FaultProxy]]:
    """A store behind a real MLflow server, and a proxy before that."""
    store = ServerStore(sqlite_server())
    with FaultProxy(store.uri) as proxy:
        yield store, proxy


@pytest.fixture
def busy(server: Server, request: pytest.FixtureRequest) -> Iterator[tuple[str, Callable[[], None]]]:
    """(code that keeps the kernel busy, what ends it)"""
    stop = server.folder / f"{request.node.name}.stop".replace("/", "-")
    stop.unlink(missing_ok=True)
    yield BUSY.format(stop=stop.name), stop.touch
    stop.touch()


@pytest.fixture
def store(server: Server, request: pytest.FixtureRequest) -> Store:
    """A store for runs with others below them, which `browser.children` makes; `now` is when the test began."""
    made = Store(server.folder / f"{request.node.name.split('[')[0]}.db")
    made.now = time.time()
    return made
