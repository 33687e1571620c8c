"""A store's runs, with what the queue of this machine knows of them."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .. import tags
from ..facts import ArtifactEntry, Child, ChildrenDelta, Cursor, Delta, Experiment, LogChunk, LogFile, Points, Run
from ..sources.protocol import Capability, RunSource
from .local import LocalQueue

TEND_EVERY = 5.0
"""Seconds between two looks whether a worker is needed: one may have been killed."""


@dataclass(frozen=True, slots=True)
class AttendedCursor:
    """Where reading the store stopped, and what was said of the run."""

    inner: Cursor
    stored: Run
    shown: Run


class AttendedSource:
    """Reads through another source. Of a run that the local queue has, it also says its place in the queue, its state
    in finer words and its heartbeat, and it can cancel it. Of all others it says what the store says."""

    def __init__(self, source: RunSource, queue: LocalQueue | None = None) -> None:
        self._source = source
        self._queue = queue or LocalQueue()
        self._tended = float("-inf")

    def __repr__(self) -> str:
        return f"<AttendedSource: {self._source!r}>"

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def key(self) -> str:
        return self._source.key

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self._source.capabilities

    @property
    def requests(self) -> int | None:
        return self._source.requests

    def find(self, run_id: str) -> Run:
        return self._attended(self._source.find(run_id))

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        known = cursor if isinstance(cursor, AttendedCursor) else None
        delta = self._source.read(run_id, None if known is None else known.inner, wanted)
        stored = delta.run or (known.stored if known else Run(run_id))
        shown = self._attended(stored)
        news = None if known is not None and shown == known.shown else shown
        return replace(delta, cursor=AttendedCursor(delta.cursor, stored, shown), run=news)

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        return self._source.read_range(run_id, metric, first_step, last_step, limit)

    def experiment(self, name: str) -> Experiment:
        return self._source.experiment(name)

    def children(self, run_id: str) -> Sequence[Run]:
        return [self._attended(run) for run in self._source.children(run_id)]

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        delta = self._source.read_children(run_id, cursor, sweep=sweep)
        return replace(delta, children=[self._attended_child(one) for one in delta.children])

    def _attended_child(self, child: Child) -> Child:
        return child if child.run.status.has_ended else replace(child, run=self._attended(child.run))

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        return self._source.curves(run_ids, metric, limit)

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        return self._source.artifacts(run_id, folder)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        return self._source.log_files(run_id)

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        return self._source.read_file(run_id, path, start, length)

    def cancel(self, run_id: str) -> str:
        if self._queue.standing(run_id) is None:
            return self._source.cancel(run_id)
        return self._queue.cancel(run_id)

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        return self._source.nearest(run_id, limit)

    def portal_url(self, run_id: str) -> str | None:
        return self._source.portal_url(run_id)

    def close(self) -> None:
        self._source.close()

    def _attended(self, run: Run) -> Run:
        standing = self._queue.standing(run.id)
        if standing is None:
            return run
        if time.monotonic() - self._tended > TEND_EVERY:
            self._tended = time.monotonic()
            self._queue.tend()
        beat = standing.heartbeat
        return replace(
            run,
            status=standing.status,
            started=standing.started,
            ended=None,
            detail=standing.detail or ("" if run.status.has_ended else run.detail),
            can_cancel=True,
            tags=run.tags if beat is None else {**run.tags, tags.HEARTBEAT: f"{beat:.0f}"},
        )


def attended(source: RunSource) -> RunSource:
    """The source, with what the queue of this machine knows."""
    return source if isinstance(source, AttendedSource) else AttendedSource(source)


if TYPE_CHECKING:
    _: type[RunSource] = AttendedSource
