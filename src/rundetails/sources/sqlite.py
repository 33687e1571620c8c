"""Runs of an MLflow store in a sqlite file: read directly, with neither MLflow nor a server."""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..errors import ExperimentNotFound, OnlyRecords, RunDeleted, RunNotFound
from ..facts import ArtifactEntry, ChildrenDelta, Cursor, Delta, Experiment, LogChunk, LogFile, Points, Run
from ..series import Kept, thin_to
from .artifacts import Artifacts
from .curves import curves_of
from .protocol import Capability
from .sqlite_children import ChildrenCursor, ChildrenTable
from .sqlite_file import SqliteFile
from .sqlite_points import PointsTable, Range, Row, latest, steps
from .sqlite_runs import StoredRun, child_runs, experiment_names, nearest_ids, stored_experiment, stored_run
from .sqlite_sample import MOST_METRICS, exact_extremes, quick_sample

if TYPE_CHECKING:
    from .protocol import RunSource

LONG = 200_000
"""A history of more points is sampled first."""

MOST_AT_ONCE = 250_000
"""Points that one read gives at most."""

PATIENCE = 0.5
"""Seconds to wait for a lock: the poll thread serves other runs too."""


@dataclass(frozen=True, slots=True)
class SqliteCursor:
    """Where reading stopped."""

    generation: int
    """Of the connection that `version` belongs to."""
    version: int
    """The file's, before it was read."""
    run: Run
    """Facts as last given."""
    rowid: int = 0
    """Last row given; 0 before the first."""
    mark: Row | None = None
    """What that row held."""
    phase: Literal["sampled", "reading"] = "reading"
    """`sampled`: a first sample was given, its extremes come next."""
    remaining: int = 0
    """As given."""


class SqliteSource:
    """Reads the store in `path`. Never writes, never migrates, and opens the file when it is first asked.

    A file that is replaced, deleted or locked is an error once, and is read again when it is back.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        long: int = LONG,
        most_at_once: int = MOST_AT_ONCE,
        patience: float = PATIENCE,
    ) -> None:
        """`long`: points of which a history of more is sampled first. `most_at_once`: points that one read gives at
        most. `patience`: seconds to wait for a lock."""
        self._file = SqliteFile(Path(os.path.realpath(path)), patience)
        self._long = long
        self._most_at_once = most_at_once

    def __repr__(self) -> str:
        return f"<SqliteSource: {self._file.path.name}>"

    @property
    def name(self) -> str:
        return f"sqlite · {self._file.path.name}"

    @property
    def key(self) -> str:
        return f"sqlite:{self._file.path}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"instant", "children", "experiments", "files", "range"})

    def check(self) -> None:
        """Opens the file. Raises StoreNotFound, StoreDamaged, ForeignSchema or SourceUnavailable."""
        with self._file.reading():
            pass

    @property
    def requests(self) -> int | None:
        return None

    def find(self, run_id: str) -> Run:
        return self._found(run_id).run

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        known = cursor if isinstance(cursor, SqliteCursor) else None
        with self._file.reading() as connection:
            version = self._file.version(connection)
            if known and not known.remaining and (known.generation, known.version) == (self._file.generation, version):
                return Delta(known)
            # The run before its points: when it has ended, they are all there.
            run = self._stored(connection, run_id).run
            table = PointsTable(connection, run_id, self._file.by_run, self._file.by_step)
            here = SqliteCursor(self._file.generation, version, run)
            if known is None:
                return self._first(connection, table, here)
            if known.rowid and table.mark(known.rowid) != known.mark:
                return replace(self._first(connection, table, here), reset=True)
            news = None if run == known.run else run
            here = replace(here, rowid=known.rowid, mark=known.mark, remaining=known.remaining)
            if known.phase == "sampled" and (ends := table.ends()):
                sample = exact_extremes(table, Range(*ends, known.remaining), latest(connection, run_id))
                here = replace(here, remaining=sample.count)
                return Delta(here, news, overview=sample.overview, remaining=sample.count)
            return self._next(table, here, news)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        with self._file.reading() as connection:
            self._stored(connection, run_id)
            points = steps(connection, self._file.by_step or self._file.by_run, run_id, metric, first_step, last_step)
        kept = thin_to(Kept(points, np.arange(len(points), dtype=np.float64), 1), limit)
        return kept.points, len(points)

    def experiment(self, name: str) -> Experiment:
        with self._file.reading() as connection:
            found = stored_experiment(connection, name)
            if found is None:
                raise ExperimentNotFound(name, self._place, experiment_names(connection))
        return found

    def children(self, run_id: str) -> Sequence[Run]:
        with self._file.reading() as connection:
            return child_runs(connection, run_id)

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        known = cursor if isinstance(cursor, ChildrenCursor) else None
        with self._file.reading() as connection:
            version = self._file.version(connection)
            return ChildrenTable(connection, run_id, self._file.generation, version).read(known, sweep)

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        return curves_of(self, run_ids, metric, limit)

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        return self._artifacts(run_id).entries(folder)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        return self._artifacts(run_id).log_files()

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        return self._artifacts(run_id).read(path, start, length)

    def cancel(self, run_id: str) -> str:
        raise OnlyRecords(self.name)

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        with self._file.reading() as connection:
            return nearest_ids(connection, run_id, limit)

    def portal_url(self, run_id: str) -> str | None:
        return None

    def close(self) -> None:
        self._file.close()

    def _first(self, connection: sqlite3.Connection, table: PointsTable, here: SqliteCursor) -> Delta:
        """All of a short history, a sample of a long one."""
        ends = table.ends()
        if ends is None or ends[1] - ends[0] < self._long or not table.has_more_than(self._long):
            return self._next(table, here, here.run)
        newest = latest(connection, here.run.id)
        sample = quick_sample(table, *ends, newest)
        phase: Literal["sampled", "reading"] = "sampled" if len(newest) <= MOST_METRICS else "reading"
        here = replace(here, phase=phase, remaining=sample.count)
        return Delta(here, here.run, overview=sample.overview, remaining=sample.count)

    def _next(self, table: PointsTable, here: SqliteCursor, news: Run | None) -> Delta:
        """The points behind the cursor, as many as one read gives."""
        points, rows = table.read(here.rowid, self._most_at_once)
        if rows is None:
            return Delta(replace(here, remaining=0), news)
        ends = table.ends()
        behind = max(0, ends[1] - rows.last) if ends else 0
        # Rows of other runs lie between: about as many of them ahead as there were so far.
        remaining = math.ceil(behind * rows.count / rows.width)
        here = replace(here, rowid=rows.last, mark=table.mark(rows.last), remaining=remaining)
        return Delta(here, news, points=points, remaining=remaining)

    @property
    def _place(self) -> str:
        return f"the MLflow store {self._file.path}"

    def _stored(self, connection: sqlite3.Connection, run_id: str) -> StoredRun:
        """Raises RunNotFound, or RunDeleted."""
        found = stored_run(connection, run_id)
        if found is None:
            raise RunNotFound(run_id, self._place, nearest_ids(connection, run_id, 5))
        if found.is_deleted:
            raise RunDeleted(run_id, self._place)
        return found

    def _found(self, run_id: str) -> StoredRun:
        with self._file.reading() as connection:
            return self._stored(connection, run_id)

    def _artifacts(self, run_id: str) -> Artifacts:
        return Artifacts(self._found(run_id).artifacts)


if TYPE_CHECKING:
    _: type[RunSource] = SqliteSource
