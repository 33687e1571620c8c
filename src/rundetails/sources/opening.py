"""From an address to the source that reads there."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote
from weakref import WeakValueDictionary

from ..errors import SourceUnavailable, StoreError, StoreTooNew
from ..redact import redact
from .protocol import RunSource
from .server_http import is_server
from .sqlite import SqliteSource
from .sqlite_file import ForeignSchema

if TYPE_CHECKING:
    from .client import MlflowClientSource
    from .server import MlflowServerSource

DEFAULT = "sqlite:///mlflow.db"
"""MLflow's own default, in the current folder."""

_shared: WeakValueDictionary[str, SqliteSource | MlflowClientSource | MlflowServerSource] = WeakValueDictionary()


def open_source(store: str | os.PathLike[str] | RunSource | None = None, *, own: bool = False) -> RunSource:
    """The source for a store, the same one for as long as somebody holds it.

    `store`: the path of a sqlite file, any MLflow tracking URI, or a source, which is returned as it is; left out, the
    store that MLflow would use here: the one set with `mlflow.set_tracking_uri`, else MLFLOW_TRACKING_URI, else
    `mlflow.db` in this folder. A store that does not answer for the moment is opened, its reads will tell.
    `own`: one that nobody else gets, for whoever reads beside the monitor's thread.

    Raises StoreNotFound, StoreDamaged, StoreTooNew or another StoreError.
    """
    if isinstance(store, RunSource):
        return store
    address = default_address() if store is None else os.fspath(store)
    path = sqlite_path(address)
    if path is not None:
        return _open_sqlite(path, own)
    if is_server(address):
        return _open_server(address, own)
    _refuse_folder_of_files(address)
    return _open_client(address, own)


def default_address() -> str:
    """The tracking URI that MLflow would use here. Does not import MLflow; when it is there already, it is asked."""
    ask = getattr(sys.modules.get("mlflow"), "get_tracking_uri", None)
    if callable(ask):
        return str(ask())
    return os.environ.get("MLFLOW_TRACKING_URI") or ("file:mlruns" if _has_files_of_old() else DEFAULT)


def sqlite_path(address: str) -> Path | None:
    """The file of a sqlite store; None for any other address.

    >>> sqlite_path("https://mlflow.example") is None
    True
    """
    found = re.match(r"sqlite(?:\+\w+)?://(?:/(?P<path>[^?]*))?(?:\?.*)?$", address)
    if found:
        text = found["path"] or ""
        # MLflow quotes the default's path, and SQLAlchemy takes it as it stands: both spellings occur.
        literal, plain = Path(text).absolute(), Path(unquote(text)).absolute()
        return literal if literal.exists() or not plain.exists() else plain
    path = Path(address).expanduser().absolute()
    is_address = re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address) or address in ("databricks", "databricks-uc")
    return None if is_address or (path.is_dir() and _is_folder_of_files(path)) else path


def _open_sqlite(path: Path, own: bool) -> RunSource:
    source = SqliteSource(path)
    if source.key in _shared and not own:
        return _shared[source.key]
    try:
        source.check()
    except ForeignSchema as error:
        if _is_current(error.revision):
            return _open_client(f"sqlite:///{path}", own)
        raise _explained(error, path) from error
    except SourceUnavailable:
        pass
    return source if own else _shared.setdefault(source.key, source)


def _open_client(address: str, own: bool) -> RunSource:
    from .client import MlflowClientSource

    if own:
        return MlflowClientSource(address)
    # By the whole address: with new credentials it is a new source, though its key, which holds none, is the same.
    if address not in _shared:
        source = _shared[address] = MlflowClientSource(address)
        return source
    return _shared[address]


def _open_server(address: str, own: bool) -> RunSource:
    from .server import MlflowServerSource

    source = MlflowServerSource(address)
    # Its key tells apart who asks, too.
    return source if own else _shared.setdefault(f"{source.key} {address}", source)


def _is_current(revision: str | None) -> bool:
    """Whether the installed MLflow opens a store of this schema as it is, without migrating it."""
    if revision is None:
        return False
    from mlflow.store.db import utils

    latest: Callable[[], str] = utils._get_latest_schema_revision
    return revision == latest()


def _explained(error: ForeignSchema, path: Path) -> StoreError:
    import mlflow

    versions = Path(mlflow.__file__).parent / "store" / "db_migrations" / "versions"
    if error.revision is None or any(versions.glob(f"{error.revision}_*.py")):
        return StoreError(
            f"{error} It is an old one, and is not changed by looking at it: make a copy, and "
            f"`mlflow db upgrade sqlite:///{path.name}` brings the copy up to date."
        )
    return StoreTooNew(
        f"{error} It was written by an MLflow newer than {mlflow.__version__}, which is installed here. "
        "Upgrade both: pip install --upgrade mlflow-skinny rundetails"
    )


def _refuse_folder_of_files(address: str) -> None:
    """MLflow itself refuses `mlruns` folders since 3.13, unless told otherwise."""
    is_folder = address.startswith("file:") or not re.match(r"[A-Za-z][A-Za-z0-9+.-]+:", address)
    is_allowed = os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() in ("1", "true")
    if is_folder and not is_allowed and address not in ("databricks", "databricks-uc"):
        raise StoreError(
            f"{redact(address)} is a folder of MLflow files, which MLflow no longer reads since 3.13. Convert it with "
            "`mlflow migrate-filestore` and point MLFLOW_TRACKING_URI to the database, or set "
            "MLFLOW_ALLOW_FILE_STORE=true to read it as it is."
        )


def _has_files_of_old() -> bool:
    """Whether MLflow takes `./mlruns` for its default: there are experiments in it."""
    return _is_folder_of_files(Path("mlruns"))


def _is_folder_of_files(folder: Path) -> bool:
    try:
        return any(item.name.isdigit() and (item / "meta.yaml").exists() for item in folder.iterdir())
    except OSError:
        return False
