"""`Workspace`: a store of runs, and where scripts run."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InvalidConfig
from ..redact import redact
from ..sources.opening import open_source, sqlite_path
from ..sources.protocol import RunSource
from .client import client_of
from .store import create_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from ..compute.target import ComputeTarget
    from .experiment import Experiment
    from .run import Run

CONFIG_PLACES = ("config.json", ".rundetails/config.json", ".azureml/config.json", "aml_config/config.json")
"""Where `Workspace.from_config` looks, in each folder from here to the top."""


class Workspace:
    """Experiments, runs and models of one MLflow store, and the compute targets that scripts run on.

    `store`: a path, `sqlite:///…`, or any MLflow tracking URI (`"http://mlflow.example:5000"`, `"databricks"`); left
    out, the store that MLflow would use here. A sqlite store that is not there is made.

    Raises StoreError when it cannot be used.
    """

    def __init__(self, store: str | os.PathLike[str] | None = None) -> None:
        address = create_store(store)
        path = sqlite_path(address)
        self.tracking_uri = address if path is None else f"sqlite:///{path}"
        self._source: RunSource | None = None
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"Workspace({redact(self.tracking_uri)!r})"

    @classmethod
    def from_config(cls, path: str | os.PathLike[str] | None = None) -> Workspace:
        """The workspace that a `config.json` names: {"store": "http://mlflow.example:5000"}.

        `path`: that file or its folder; left out, it is looked for in this folder and those above it (also in
        `.rundetails` and `.azureml`). A relative path in it counts from where it lies. Azure ML's own file
        (subscription_id, resource_group, workspace_name) needs `tracking_uri` beside these.

        Raises InvalidConfig when there is none, or it names no store.
        """
        found = _config_file(Path.cwd() if path is None else Path(path), upwards=path is None)
        try:
            config = json.loads(found.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidConfig(f'{found} cannot be read as JSON ({error}). It should be: {{"store": "…"}}') from error
        store = config.get("store") or config.get("tracking_uri") if isinstance(config, dict) else None
        if not isinstance(store, str):
            hint = (
                ' It is Azure ML\'s: add "tracking_uri" with what `Workspace.get_mlflow_tracking_uri()` or the studio '
                "says (azureml://…), and pip install azureml-mlflow."
                if isinstance(config, dict) and "workspace_name" in config
                else ""
            )
            raise InvalidConfig(f'{found} names no store. It should be: {{"store": "http://…" or a path}}.{hint}')
        local = sqlite_path(store)
        if local is not None and not store.startswith("sqlite:") and not Path(store).expanduser().is_absolute():
            store = str(found.parent / store)
        return cls(store)

    def write_config(self, path: str | os.PathLike[str] | None = None, file_name: str = "config.json") -> str:
        """Writes the file that `from_config` reads into the folder `path` (default: this one); returns its path. An
        address with a password in it is refused."""
        if redact(self.tracking_uri) != self.tracking_uri:
            raise InvalidConfig(
                "The address of this workspace holds a password, which does not belong into a file. Give the password "
                "by MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, and the address without it to Workspace."
            )
        file = Path(path or ".").absolute() / file_name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"store": self.tracking_uri}, indent=2) + "\n", "utf-8")
        return str(file)

    @property
    def name(self) -> str:
        """For people, without secrets."""
        with self.reading() as source:
            return source.name

    @property
    def client(self) -> MlflowClient:
        """MLflow's client for this store, for whatever is not here."""
        return client_of(self.tracking_uri)

    @property
    def experiments(self) -> dict[str, Experiment]:
        """All experiments by name, the latest used first."""
        from .experiment import Experiment

        found, token = dict[str, Experiment](), None
        while True:
            page = self.client.search_experiments(page_token=token)
            found |= {one.name: Experiment._of(self, one) for one in page}
            token = page.token
            if not token:
                return found

    @property
    def compute_targets(self) -> dict[str, ComputeTarget]:
        """What scripts can be submitted to, by name: the queue of this machine."""
        from ..compute.local import LocalQueue

        local = LocalQueue()
        return {local.name: local}

    def get_run(self, run_id: str) -> Run:
        """The run of this ID, whatever made it. Raises RunNotFound with the nearest IDs."""
        from .run import Run

        return Run.get(self, run_id)

    def source(self) -> RunSource:
        """What `RunDetails` reads this workspace through: the store, and what the queue of this machine knows."""
        from ..compute.attended import attended

        return attended(open_source(self.tracking_uri))

    @contextmanager
    def reading(self) -> Iterator[RunSource]:
        """A source of this workspace's own, used by one thread at a time."""
        from ..compute.attended import attended

        with self._lock:
            if self._source is None:
                self._source = attended(open_source(self.tracking_uri, own=True))
            yield self._source

    def __reduce__(self) -> tuple[type[Workspace], tuple[str]]:
        return Workspace, (self.tracking_uri,)


def _config_file(path: Path, *, upwards: bool) -> Path:
    if path.is_file():
        return path
    for folder in [path, *path.absolute().parents] if upwards else [path]:
        for place in CONFIG_PLACES:
            if (folder / place).is_file():
                return folder / place
    raise InvalidConfig(
        f"There is no config.json in {path.absolute()}{' or above it' if upwards else ''}. "
        'Write one, {"store": "…"}, with Workspace("…").write_config(), or name the store: Workspace("http://…").'
    )
