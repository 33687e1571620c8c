"""MLflow's client, which the SDK writes through: loaded late, and never let loose on a store of another version."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..errors import StoreError
from ..sources.opening import sqlite_path

if TYPE_CHECKING:
    from mlflow import MlflowClient

_clients: dict[str, MlflowClient] = {}

_engines: dict[str, Any] = {}
"""The database engine behind each client, where it has one. MLflow forgets its stores beyond a hundred, and asked for
one again it would open it: not what a forked child may do with its parent's connections."""


def client_of(tracking_uri: str) -> MlflowClient:
    """The client for a store; its model registry is there too.

    Raises StoreError for a sqlite store of another version: MLflow would migrate it, and lock out whoever wrote it.
    """
    if tracking_uri not in _clients:
        from mlflow import MlflowClient

        _refuse_to_migrate(tracking_uri)
        client = MlflowClient(tracking_uri, registry_uri=tracking_uri)
        _engines[tracking_uri] = getattr(getattr(client._tracking_client, "store", None), "engine", None)
        _clients[tracking_uri] = client
    return _clients[tracking_uri]


def forget_connections() -> None:
    """In a forked child: its parent's connections are not its own, and closing them would close the parent's."""
    for engine in _engines.values():
        if engine is not None:
            engine.dispose(close=False)
    _engines.clear()
    _clients.clear()


def _refuse_to_migrate(tracking_uri: str) -> None:
    path = sqlite_path(tracking_uri)
    if path is None or not path.exists():
        return
    from mlflow.store.db import utils

    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        # MLflow's own words are better: it is locked, or no store of MLflow's.
        return
    latest: Callable[[], str] = utils._get_latest_schema_revision
    if found is not None and found[0] != latest():
        raise StoreError(
            f"{path} was written by another version of MLflow than the one installed here, which would change it for "
            "good. Runs in it can be watched as they are. To write to it, use the version that made it, or make a copy "
            f"and bring that up to date: mlflow db upgrade sqlite:///{path.name}"
        )
