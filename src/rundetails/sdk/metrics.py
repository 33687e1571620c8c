"""What a run logged, in the shapes that `Run.get_metrics` gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from ..errors import UnknownMetric
from ..facts import Points
from ..logged import Logged
from ..sources.history import all_points
from ..sources.logged_files import logged_files
from ..sources.protocol import RunSource
from .files import read_whole
from .tables import chart_of, rows_of


def all_metrics(source: RunSource, run_id: str, name: str | None, populate: bool) -> dict[str, Any]:
    """{name: value} as `Run.get_metrics` says; of a name that both a curve and a file have, the curve counts."""
    found = {
        metric: _shape(points.value.tolist())
        for metric, points in all_points(source, run_id).items()
        if name in (None, metric)
    }
    listed = logged_files(source, source.find(run_id))
    # An empty one was begun, and its process has not come to write it, or was killed before.
    for logged_name, files in _by_name([logged for logged, size in listed if size != 0]):
        if name in (None, logged_name) and logged_name not in found:
            found[logged_name] = _value(source, run_id, files, populate)
    return found


def one_of(every: dict[str, Points], name: str) -> Points:
    """Raises UnknownMetric."""
    if name not in every:
        raise UnknownMetric(name, "this", list(every))
    return every[name]


def _by_name(files: Sequence[Logged]) -> Iterable[tuple[str, list[Logged]]]:
    return (
        (name, list(some)) for name, some in groupby(sorted(files, key=lambda one: one.name), key=lambda one: one.name)
    )


def _value(source: RunSource, run_id: str, files: list[Logged], populate: bool) -> Any:
    kind = files[0].kind
    if kind in ("table", "list"):
        columns: dict[str, list[Any]] = {}
        count = 0
        for file in files:
            names, rows = rows_of(read_whole(source, run_id, file.path))
            for column in names:
                columns.setdefault(column, [None] * count)
            for row in rows:
                cells = dict(zip(names, row, strict=True))
                for column, values in columns.items():
                    values.append(cells.get(column))
            count += len(rows)
        if kind == "list":
            return _shape(next(iter(columns.values()), []))
        return {column: _shape(values) for column, values in columns.items()}
    if not populate:
        return _shape([f"runs:/{run_id}/{file.path}" for file in files])
    contents = [read_whole(source, run_id, file.path) for file in files]
    return _shape([data if kind == "image" else chart_of(data) for data in contents])


def _shape(values: list[Any]) -> Any:
    """One value alone is that value."""
    return values[0] if len(values) == 1 else values
