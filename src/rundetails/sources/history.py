"""Everything that a run has logged, read from the beginning."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from ..facts import Cursor, Points
from .protocol import RunSource


def all_points(source: RunSource, run_id: str, turn: AbstractContextManager[object] | None = None) -> dict[str, Points]:
    """The whole history of every metric, in the order in which they appeared; it blocks while it reads.

    `turn`: entered for each read, where others read through the same source. Raises as the source's `read`.
    """
    parts: dict[str, list[Points]] = {}
    cursor: Cursor | None = None
    while True:
        with turn or nullcontext():
            delta = source.read(run_id, cursor)
        if delta.reset:
            parts.clear()
        for name, points in delta.points.items():
            parts.setdefault(name, []).append(points)
        cursor = delta.cursor
        if not delta.remaining:
            return {name: Points.joined(listed) for name, listed in parts.items()}
