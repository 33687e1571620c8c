"""A long history at a glance: some points at once, then all its extremes, long before it is read to the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..facts import Overview
from .sqlite_points import PointsTable, Range, Row, points_of

SEEKS = 1_000
"""Points of the first sample: 17 ms."""

RANGES = 1_000
"""Parts of a history that each give their lowest and highest value; fewer when there are many metrics."""

MOST_METRICS = 2_000
"""Of more metrics than these, looking for extremes takes as long as reading everything."""

GOLDEN = 0.6180339887498949


@dataclass(frozen=True, slots=True)
class Sample:
    """What a sample says."""

    overview: Mapping[str, Overview]
    count: int
    """Points in the history, about."""


def quick_sample(table: PointsTable, first: int, last: int, latest: Sequence[Row]) -> Sample:
    """Some hundred points between two rowids, and the latest of each metric."""
    rows: dict[int, Row] = {}
    hits = 0
    stride = (last - first) / SEEKS
    for at in range(SEEKS):
        # Evenly spread but never in step with metrics that are logged in turns, or only one of them would be seen.
        target = first + int(stride * (at + (at * GOLDEN) % 1)) if at else first
        row = table.at_or_after(target)
        if row is not None:
            hits += row[0] == target
            rows[row[0]] = row
    if (row := table.at_or_after(last)) is not None:
        rows[row[0]] = row
    count = max(len(rows), round((last - first + 1) * hits / SEEKS))
    return Sample(_overview(rows.values(), latest, count / max(len(rows), 1)), count)


def exact_extremes(table: PointsTable, history: Range, latest: Sequence[Row]) -> Sample:
    """The lowest and highest finite values of each metric in each of many parts of the history."""
    only = table.only_metric()
    first, last = history.first, history.last
    parts = min(RANGES, max(8, 2 * RANGES // max(len(latest), 1)), history.width)
    bounds = [first + history.width * at // parts for at in range(parts + 1)]
    rows: dict[int, Row] = {}
    counts: dict[str, int] = {}
    for begin, end in pairwise(bounds):
        part = Range(begin, end - 1, history.count * (end - begin) // history.width)
        for row in table.extremes("min", part, only):
            rows[row[0]] = row
            counts[row[1]] = counts.get(row[1], 0) + row[5]
        for row in table.extremes("max", part, only):
            rows[row[0]] = row
    for end in (first, last):
        if (found := table.at_or_after(end)) is not None:
            rows[found[0]] = found
    overview = _overview([rows[rowid] for rowid in sorted(rows)], latest, 1.0)
    exact = {name: Overview(part.points, max(counts.get(name, 0), len(part.points))) for name, part in overview.items()}
    return Sample(exact, sum(part.count for part in exact.values()))


def _overview(rows: Iterable[Row], latest: Sequence[Row], points_per_row: float) -> dict[str, Overview]:
    """By metric, the latest point last; rows begin with rowid, key, step, timestamp, value."""
    parts: dict[str, list[Row]] = {}
    for row in rows:
        parts.setdefault(row[1], []).append(row[2:5])
    for key, *point in latest:
        part = parts.setdefault(key, [])
        if tuple(point) not in part[-1:]:
            part.append(tuple(point))
    return {
        key: Overview(points_of(part), max(len(part), round(len(part) * points_per_row))) for key, part in parts.items()
    }
