"""An experiment read as a run is: the runs in it are those below it."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from ..errors import ArtifactNotFound, OnlyRecords
from ..facts import (
    PREFIX,
    ArtifactEntry,
    Cursor,
    Delta,
    Experiment,
    LogChunk,
    LogFile,
    Points,
    Run,
    Status,
    experiment_in,
)
from .protocol import RunSource
from .through import SourceThrough

QUIET = (300.0, 3600.0)
"""Seconds without a run beginning or ending after which an experiment counts as completed: at least, and at most.
Between these, three times the longest pause between the newest of its runs."""


@dataclass(frozen=True, slots=True)
class ExperimentCursor:
    """What was said of the experiment."""

    run: Run


class ExperimentSource(SourceThrough):
    """Reads through another source, and takes `experiment:<name>` for a run: without metrics and files of its own,
    running while runs of it do or come one after the other, completed when none has for a while. All other IDs are
    the other source's."""

    def __init__(self, source: RunSource, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970-01-01 UTC."""
        super().__init__(source)
        self._clock = clock

    def find(self, run_id: str) -> Run:
        name = experiment_in(run_id)
        return self._source.find(run_id) if name is None else self._as_run(name)

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        name = experiment_in(run_id)
        if name is None:
            return self._source.read(run_id, cursor, wanted)
        run = self._as_run(name)
        is_news = not isinstance(cursor, ExperimentCursor) or cursor.run != run
        return Delta(ExperimentCursor(run), run if is_news else None)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        if experiment_in(run_id) is not None:
            return Points.empty(), 0
        return self._source.read_range(run_id, metric, first_step, last_step, limit)

    def children(self, run_id: str) -> Sequence[Run]:
        if experiment_in(run_id) is None:
            return self._source.children(run_id)
        found: dict[str, Run] = {}
        cursor: Cursor | None = None
        while True:
            delta = self._source.read_children(run_id, cursor)
            cursor = delta.cursor
            found |= {one.run.id: one.run for one in delta.children}
            if not delta.remaining:
                return sorted(found.values(), key=lambda run: run.started or 0)

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        return [] if experiment_in(run_id) is not None else self._source.artifacts(run_id, folder)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        return [] if experiment_in(run_id) is not None else self._source.log_files(run_id)

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        if experiment_in(run_id) is not None:
            raise ArtifactNotFound("An experiment has no files of its own: those of its runs are with each of them.")
        return self._source.read_file(run_id, path, start, length)

    def cancel(self, run_id: str) -> str:
        if experiment_in(run_id) is not None:
            raise OnlyRecords(self.name)
        return self._source.cancel(run_id)

    def portal_url(self, run_id: str) -> str | None:
        name = experiment_in(run_id)
        return self._source.portal_url(run_id) if name is None else self._source.experiment(name).portal_url

    def _as_run(self, name: str) -> Run:
        found = self._source.experiment(name)
        status = Status.NOT_STARTED
        if found.first is not None:
            status = Status.RUNNING if found.is_running or self._is_lively(found) else Status.COMPLETED
        return Run(
            f"{PREFIX}{name}",
            name,
            experiment=name,
            type="experiment",
            status=status,
            created=found.first,
            started=found.first,
            ended=found.latest if status.has_ended else None,
            may_go_on=True,
        )

    def _is_lively(self, found: Experiment) -> bool:
        """Whether runs came one after the other until now: trials that are written when they end never run."""
        pauses = [one - other for one, other in zip(found.starts, found.starts[1:], strict=False)]
        patience = min(max(QUIET[0], 3 * max(pauses, default=0.0)), QUIET[1])
        return self._clock() - (found.latest or 0.0) < patience
