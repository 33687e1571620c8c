"""A new MLflow store, made once however many processes start together."""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from filelock import FileLock

from ..errors import StoreError
from ..sources.opening import default_address, sqlite_path

PATIENCE = 120.0
"""Seconds to wait while another process makes the store, which takes it two."""

NETWORK = frozenset("afs beegfs ceph cifs fuse.gcsfuse fuse.s3fs fuse.sshfs gpfs lustre nfs nfs4 smb3 smbfs".split())
"""File systems of several machines: WAL needs memory that all users of the file share."""


def create_store(uri: str | os.PathLike[str] | None = None) -> str:
    """Makes the sqlite store of MLflow at `uri` if there is none, and returns its tracking URI.

    `uri`: a path or `sqlite:///…`; left out, the store that MLflow would use here. A new store is in WAL mode, so that
    whoever watches a run never holds it up; not on a network file system, where that is not safe. A store that is there
    is left as it is, and so is every other kind of address.

    Raises StoreError when it cannot be written (nothing is left then), or another process does not finish making it.
    """
    address = default_address() if uri is None else os.fspath(uri)
    path = sqlite_path(address)
    if path is None:
        return address
    if "?" in str(path):
        raise StoreError(f"MLflow cannot keep a store in {path}: choose a path without '?'.")
    found = f"sqlite:///{path}"
    if _is_there(path):
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"), timeout=PATIENCE)
    try:
        with lock:
            if not _is_there(path):
                _create(path)
    except TimeoutError as error:
        raise StoreError(
            f"{path} was not made within {PATIENCE:g} s: another process holds {lock.lock_file}. End that process, or "
            "delete that file when there is none, and try again."
        ) from error
    return found


def _is_there(path: Path) -> bool:
    """Whether there is a store, or whatever else somebody has put there. One of ours appears when it is complete."""
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _create(path: Path) -> None:
    """Makes the store elsewhere and puts it in its place in one go: nobody ever sees half of one."""
    with tempfile.TemporaryDirectory(prefix="rundetails-") as folder:
        draft = Path(folder, "mlflow.db")
        _initialise(f"sqlite:///{draft}")
        if network := network_file_system(path):
            warnings.warn(
                f"{path} lies on a network file system ({network}), where sqlite's WAL mode is not safe: watching a "
                "run may hold up whoever writes it. A store on a local disk, or an MLflow server, does not.",
                stacklevel=4,
            )
        else:
            with closing(sqlite3.connect(draft)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
        beside = path.with_name(f".{path.name}.new")
        try:
            shutil.copyfile(draft, beside)
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise StoreError(
                f"{path} could not be written: {error.strerror or error}. Nothing was left there. Make room or choose "
                "another folder, and try again."
            ) from error


def _initialise(address: str) -> None:
    """MLflow's own way of making its tables, with nothing printed, and the file closed after it."""
    from mlflow.store.tracking import DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    loggers = [logging.getLogger(name) for name in ("mlflow.store.db.utils", "alembic")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.WARNING)
        make: Callable[[str, str], Any] = SqlAlchemyStore
        make(address, DEFAULT_LOCAL_FILE_AND_ARTIFACT_PATH).engine.dispose()
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def network_file_system(path: Path, mounts: Path = Path("/proc/mounts")) -> str | None:
    """Kind of the network file system that a path lies on; None for a local disk, or when it cannot be told."""
    if str(path).startswith("\\\\"):
        return "a share"
    try:
        lines = [line.split() for line in mounts.read_text("utf-8").splitlines()]
    except OSError:
        return None
    # Spaces in mount points are written as octal escapes.
    kinds = {Path(line[1].replace("\\040", " ")): line[2] for line in lines if len(line) > 2}
    real = Path(os.path.realpath(path))
    for folder in real.parents:
        if folder in kinds:
            return kinds[folder] if kinds[folder] in NETWORK else None
    return None
