"""One sqlite file, opened read-only: found again when it was replaced, and its troubles in sentences.

The file itself is never opened by us, only by sqlite: closing a second handle would drop the locks that MLflow holds
on it in the same process (https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_).
"""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ..errors import RunDetailsError, SourceUnavailable, StoreDamaged, StoreError, StoreNotFound

COLUMNS = {
    "experiments": "experiment_id name lifecycle_stage",
    "latest_metrics": "key value timestamp step is_nan run_uuid",
    "metrics": "key value timestamp step is_nan run_uuid",
    "params": "key value run_uuid",
    "runs": "run_uuid name source_name user_id status start_time end_time lifecycle_stage artifact_uri experiment_id",
    "tags": "key value run_uuid",
}
"""What is read, by table: the same from MLflow 2.10 to 3.17."""


class ForeignSchema(StoreError):
    """An MLflow store whose tables lack what we read."""

    def __init__(self, path: Path, missing: str, revision: str | None) -> None:
        """`missing`: a column that is not there; `revision`: the schema's, as the store names it."""
        self.revision = revision
        super().__init__(
            f"{path} is an MLflow store with another layout than this package knows: {missing} is missing "
            f"(schema {revision or 'without a name'}). MLflow 2.10 to 3.17 and their like can be read."
        )


class SqliteFile:
    """A connection that heals."""

    def __init__(self, path: Path, patience: float) -> None:
        """`patience`: seconds to wait for a lock."""
        self.path = path
        self._patience = patience
        self.generation = 0
        """Rises with each new connection: what was learned from an older one may no longer hold."""
        self.by_run = ""
        """Hint for reads of `metrics`: go by the index whose order is (run, rowid), where the store has it."""
        self.by_step = ""
        """The same for an index whose order is (run, metric, step): MLflow 3.15 and later."""
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, ...] = ()
        self._frozen = False
        self._has_bad_text = False

    def __repr__(self) -> str:
        return f"<SqliteFile: {self.path.name}>"

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to the file that has this name now.

        Raises StoreNotFound, StoreDamaged, ForeignSchema or SourceUnavailable.
        """
        try:
            if self._connection is None or self._identify() != self._identity:
                self._open()
            assert self._connection is not None
            yield self._connection
        except RunDetailsError:
            raise
        except (sqlite3.Error, OSError) as error:
            # In the middle of a transaction, or with a damaged page in its cache, it is of no more use.
            self.close()
            raise self._explained(error) from error

    def version(self, connection: sqlite3.Connection) -> int:
        """Changes when anybody else has written to the file; within one `generation`."""
        return int(connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> None:
        self.close()
        self._frozen = False
        identity = self._identify()
        connection = self._connect("?mode=ro")
        try:
            try:
                self._check(connection)
            except sqlite3.OperationalError:
                if not self._is_left_in_wal_mode_where_nothing_can_be_written():
                    raise
                connection.close()
                connection, self._frozen = self._connect("?mode=ro&immutable=1"), True
                identity = self._identify()
                self._check(connection)
        except BaseException:
            connection.close()
            raise
        self._connection, self._identity = connection, identity
        self.generation += 1

    def _connect(self, query: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path.as_uri() + query, uri=True, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        if self._has_bad_text:
            connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        return connection

    def _identify(self) -> tuple[int, ...]:
        about = self.path.stat()
        if stat.S_ISDIR(about.st_mode):
            raise StoreNotFound(
                f"{self.path} is a folder, not an MLflow store. Name the file in it, such as "
                f"{self.path / 'mlflow.db'}, in store=… or MLFLOW_TRACKING_URI."
            )
        if not about.st_size and not _size(self._beside("-wal")):
            self.close()
            raise SourceUnavailable(
                f"{self.path} is empty: somebody may be creating it just now, and it is tried again. If it stays "
                "empty, delete it and let rundetails.create_store() or MLflow make a new one."
            )
        where = (about.st_dev, about.st_ino)
        if not self._frozen:
            return where
        return (*where, about.st_mtime_ns, about.st_size, _size(self._beside("-wal")))

    def _is_left_in_wal_mode_where_nothing_can_be_written(self) -> bool:
        """Whether only `immutable` opens the file: sqlite cannot make the index file that WAL mode needs beside it."""
        has_room = os.access(self.path.parent, os.W_OK) and not _is_full(self.path.parent)
        return not has_room and not _size(self._beside("-wal"))

    def _beside(self, ending: str) -> Path:
        return self.path.with_name(self.path.name + ending)

    def _check(self, connection: sqlite3.Connection) -> None:
        """Whether the tables are MLflow's, with all that is read."""
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            raise SourceUnavailable(
                f"{self.path} has no tables yet: somebody may be creating it just now, and it is tried again."
            )
        if not {"runs", "experiments"} & tables:
            raise StoreDamaged(
                f"{self.path} is a database, but not MLflow's: it has no table of runs. Name an MLflow store in "
                "store=… or MLFLOW_TRACKING_URI, or make one with rundetails.create_store()."
            )
        for table, wanted in COLUMNS.items():
            there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for column in wanted.split():
                if column not in there:
                    raise ForeignSchema(self.path, f"{table}.{column}", self._revision(connection, tables))
        indices = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        self.by_run = "INDEXED BY index_metrics_run_uuid" if "index_metrics_run_uuid" in indices else ""
        has_steps = "index_metrics_run_uuid_key_step" in indices
        self.by_step = "INDEXED BY index_metrics_run_uuid_key_step" if has_steps else ""

    @staticmethod
    def _revision(connection: sqlite3.Connection, tables: set[str]) -> str | None:
        if "alembic_version" not in tables:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])

    def _explained(self, error: Exception) -> RunDetailsError:
        path, said = self.path, str(error).lower()
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return StoreNotFound(
                f"There is no MLflow store at {path}. Set MLFLOW_TRACKING_URI or pass store=… where it is elsewhere; "
                "rundetails.create_store() makes a new one."
            )
        if isinstance(error, PermissionError) or not os.access(path, os.R_OK):
            return SourceUnavailable(
                f"{path} may not be read by this user. Ask its owner for permission to read it; it is tried again."
            )
        if "locked" in said or "busy" in said:
            return SourceUnavailable(
                f"{path} is locked: another program is writing to it and lets nobody read. It is tried again; a store "
                "made by rundetails.create_store() can be read while it is written."
            )
        if "not a database" in said or "malformed" in said or "corrupt" in said:
            return StoreDamaged(
                f"{path} is not a readable database ({error}). Put back a copy of it, or try what "
                f"`sqlite3 {path.name} .recover` can save; it is read again as soon as it is sound."
            )
        if "decode" in said:
            # The usual, quicker way with text stops at what is not UTF-8; the next connection takes the other.
            self._has_bad_text = True
        if _is_full(path.parent):
            return SourceUnavailable(
                f"The disk of {path} is full, and sqlite needs room to read it ({error}). Make room; it is tried again."
            )
        return SourceUnavailable(f"{path} cannot be read for the moment ({error}). It is tried again.")


NO_ROOM = 65_536
"""Free bytes below which sqlite cannot make the index file of WAL mode, which takes half of that."""


def _is_full(folder: Path) -> bool:
    """Whether the disk has no room left; False where it cannot be told."""
    if not hasattr(os, "statvfs"):
        return False
    try:
        about = os.statvfs(folder)
    except OSError:
        return False
    return about.f_bavail * about.f_frsize < NO_ROOM


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
