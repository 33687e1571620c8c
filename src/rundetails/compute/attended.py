"""A store's runs, with what the queue of this machine knows of them."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from .. import tags
from ..facts import Child, ChildrenDelta, Cursor, Delta, Run
from ..sources.protocol import RunSource
from ..sources.through import SourceThrough
from .local import LocalQueue

TEND_EVERY = 5.0
"""Seconds between two looks whether a worker is needed: one may have been killed."""


@dataclass(frozen=True, slots=True)
class AttendedCursor:
    """Where reading the store stopped, and what was said of the run."""

    inner: Cursor
    stored: Run
    shown: Run


class AttendedSource(SourceThrough):
    """Reads through another source. Of a run that the local queue has, it also says its place in the queue, its state
    in finer words and its heartbeat, and it can cancel it. Of all others it says what the store says."""

    def __init__(self, source: RunSource, queue: LocalQueue | None = None) -> None:
        super().__init__(source)
        self._queue = queue or LocalQueue()
        self._tended = float("-inf")

    def find(self, run_id: str) -> Run:
        return self._attended(self._source.find(run_id))

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        known = cursor if isinstance(cursor, AttendedCursor) else None
        delta = self._source.read(run_id, None if known is None else known.inner, wanted)
        stored = delta.run or (known.stored if known else Run(run_id))
        shown = self._attended(stored)
        news = None if known is not None and shown == known.shown else shown
        return replace(delta, cursor=AttendedCursor(delta.cursor, stored, shown), run=news)

    def children(self, run_id: str) -> Sequence[Run]:
        return [self._attended(run) for run in self._source.children(run_id)]

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        delta = self._source.read_children(run_id, cursor, sweep=sweep)
        return replace(delta, children=[self._attended_child(one) for one in delta.children])

    def _attended_child(self, child: Child) -> Child:
        return child if child.run.status.has_ended else replace(child, run=self._attended(child.run))

    def cancel(self, run_id: str) -> str:
        if self._queue.standing(run_id) is None:
            return self._source.cancel(run_id)
        return self._queue.cancel(run_id)

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
