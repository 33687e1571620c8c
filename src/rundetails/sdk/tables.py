"""Tables and charts as JSON, there and back."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ..errors import InvalidMetric

LONGEST = 10_000
"""Characters of a cell that are kept of what is no number, text, date or bool."""

NOT_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""How JSON, which has no such numbers, carries them: pandas reads these as numbers too."""

CHARTS: dict[str, dict[str, int]] = {
    "confusion_matrix": {"class_labels": 0, "matrix": 0},
    "accuracy_table": {
        "class_labels": 0,
        "probability_tables": 0,
        "percentile_tables": 0,
        "probability_thresholds": 0,
        "percentile_thresholds": 0,
    },
    "residuals": {"bin_edges": 1, "bin_counts": 0},
    "predictions": {"bin_edges": 1, "bin_averages": 0, "bin_errors": 0, "bin_counts": 0},
}
"""By schema type: the lists in its data, and by how many they are longer than the others (of the binned ones)."""


def table_json(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    """A table as `mlflow.log_table` writes it.

    >>> table_json(["a"], [[float("nan")], [1]])
    b'{"columns": ["a"], "data": [["NaN"], [1]]}'
    """
    data = [[_cell(value) for value in row] for row in rows]
    return json.dumps({"columns": list(columns), "data": data}, ensure_ascii=False, allow_nan=False).encode()


def rows_of(data: bytes) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a table. NaN, Infinity and -Infinity as text are numbers again in columns that hold nothing
    but numbers otherwise. Raises ValueError when it is no table."""
    try:
        found = json.loads(data)
        columns, rows = [str(name) for name in found["columns"]], [list(row) for row in found["data"]]
    except (TypeError, KeyError, ValueError) as error:
        raise ValueError(f'This is no table: {{"columns": […], "data": [[…], …]}} ({error}).') from error
    if any(len(row) != len(columns) for row in rows):
        raise ValueError(f"This is no table: not all of its rows have {len(columns)} cells.")
    for place in range(len(columns)):
        texts = {row[place] for row in rows if isinstance(row[place], str)}
        others = any(isinstance(row[place], (bool, list, dict)) for row in rows)
        if texts and texts <= NOT_FINITE.keys() and not others:
            for row in rows:
                row[place] = NOT_FINITE.get(row[place], row[place]) if isinstance(row[place], str) else row[place]
    return columns, rows


def columns_of(value: object) -> dict[str, list[object]]:
    """A table by column, all of one length; single values are one row. Raises InvalidMetric."""
    if not isinstance(value, Mapping) or not value or not all(isinstance(name, str) for name in value):
        raise InvalidMetric(f'A table is a dict of columns, such as {{"x": [1, 2], "y": [3, 4]}}, not {value!r:.80}.')
    listed = {name: _list(column) for name, column in value.items()}
    lengths = {name: len(column) for name, column in listed.items() if column is not None}
    if not lengths:
        return {name: [column] for name, column in value.items()}
    if len(lengths) != len(value) or len(set(lengths.values())) > 1:
        said = ", ".join(f"{name!r}: {lengths.get(name, 'a single value')}" for name in value)
        raise InvalidMetric(f"The columns of a table have one length; these have {said:.500}.")
    return {name: column for name, column in listed.items() if column is not None}


def chart_json(kind: str, value: object) -> bytes:
    """A chart in Azure ML's JSON (any 1.x version), checked. `value`: a dict, or JSON text. Raises InvalidMetric."""
    example = f'{{"schema_type": "{kind}", "schema_version": "1.0.0", "data": {{{", ".join(CHARTS[kind])}}}}}'
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except ValueError as error:
            raise InvalidMetric(f"This text is no JSON ({error}). A {kind} is {example}.") from error
    if not isinstance(value, Mapping) or not isinstance(value.get("data"), Mapping):
        raise InvalidMetric(f"A {kind} is {example}, not {value!r:.80}.")
    said, version = value.get("schema_type", kind), str(value.get("schema_version", "1.0.0"))
    if said != kind or version.split(".")[0] != "1":
        raise InvalidMetric(f"A {kind} has that schema_type and schema_version 1.x, not {said!r:.40} {version!r:.20}.")
    data = {name: _plain(part) for name, part in value["data"].items()}
    missing = [name for name in CHARTS[kind] if not isinstance(data.get(name), list)]
    if missing:
        raise InvalidMetric(f"This {kind} lacks {', '.join(missing)} in its data: {example}.")
    _check_lengths(kind, data)
    whole = {**value, "schema_type": kind, "schema_version": version, "data": data}
    return json.dumps(whole, ensure_ascii=False, default=str).encode()


def chart_of(data: bytes) -> Any:
    """The dict that was logged."""
    return json.loads(data)


def _check_lengths(kind: str, data: Mapping[str, Any]) -> None:
    if "class_labels" in CHARTS[kind]:
        count = len(data["class_labels"])
        for name in ("matrix", "probability_tables", "percentile_tables"):
            if name in CHARTS[kind] and len(data[name]) != count:
                raise InvalidMetric(f"This {kind} has {count} class_labels, and {len(data[name])} rows in its {name}.")
        if kind == "confusion_matrix" and any(not isinstance(row, list) or len(row) != count for row in data["matrix"]):
            raise InvalidMetric(f"The matrix of this {kind} is not {count} × {count}, as its class_labels say.")
        return
    bins = len(data["bin_counts"])
    for name, longer in CHARTS[kind].items():
        if len(data[name]) != bins + longer:
            raise InvalidMetric(f"This {kind} has {bins} bin_counts, so {bins + longer} {name}, not {len(data[name])}.")


def _list(column: object) -> list[object] | None:
    """The values of a column; None when it is a single value."""
    if isinstance(column, (str, bytes, Mapping)) or column is None:
        return None
    to_list = getattr(column, "tolist", None)
    if callable(to_list):
        found = to_list()
        return found if isinstance(found, list) else None
    return list(column) if hasattr(column, "__iter__") else None


def _plain(value: object) -> Any:
    to_list = getattr(value, "tolist", None)
    if callable(to_list):
        value = to_list()
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return value


def _cell(value: object) -> object:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else json.dumps(float(value))
    if isinstance(value, str):
        # Half a character of a pair is none that a file can hold.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "shape", ()) == ():
        return _cell(item())
    if isinstance(value, (list, tuple, Mapping)) or callable(getattr(value, "tolist", None)):
        return json.loads(json.dumps(_plain(value), default=str).replace("NaN", "null").replace("Infinity", "null"))
    return str(value)[:LONGEST]
