"""Points of a run out of MLflow's `metrics` table, in the order in which they arrived: that of their rowids.

Reading a million rows one by one takes a second, and much longer while a cell keeps Python busy, for `sqlite3` lets go
of the interpreter's lock between any two rows. So rows that lie side by side are read 32 at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..facts import Points
from .mlflow_facts import LARGEST, meant

PIECE = 32 * 1024
"""Rows read in one transaction: where the store is not in WAL mode, nobody can write during it."""

PACKED = 32
"""Rows that are read as one; sqlite joins 64 at most, and more than 32 gain nothing."""

VALUE = "CASE WHEN {row}.is_nan THEN 'nan' ELSE {row}.value END"

Row = tuple[Any, ...]


class KeyIds(dict[str, int]):
    """Small numbers for the names of metrics, given out as they come."""

    def __missing__(self, key: str) -> int:
        self[key] = number = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one run, as columns."""

    key: NDArray[np.int32]
    """Number of the metric of each row, as `KeyIds` gave it out."""
    step: NDArray[np.int64]
    time: NDArray[np.int64]
    """Milliseconds, as stored."""
    value: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """Rows of one run between two rowids, both included."""

    first: int
    last: int
    count: int
    """How many of the rows between belong to the run, or about how many."""

    @property
    def width(self) -> int:
        """How many rows of any run have room between."""
        return self.last - self.first + 1


class PointsTable:
    """The rows of one run. Only for as long as the connection is good."""

    def __init__(self, connection: sqlite3.Connection, run_id: str, by_run: str, by_step: str) -> None:
        """`by_run`, `by_step`: the hints of `SqliteFile`."""
        self._connection = connection
        self._by_step = by_step
        self._run_id = run_id
        self._from = f"FROM metrics AS m {by_run} WHERE m.run_uuid = ?"

    def mark(self, rowid: int) -> Row | None:
        """What stands in this row, when it is the run's: tells whether a rowid still means the same point."""
        return self._one("SELECT key, step, timestamp, value, is_nan {rows} AND m.rowid = ?", rowid)

    def ends(self) -> tuple[int, int] | None:
        """First and last rowid; None when there are no rows."""
        first = self._one("SELECT m.rowid {rows} ORDER BY m.rowid LIMIT 1")
        last = self._one("SELECT m.rowid {rows} ORDER BY m.rowid DESC LIMIT 1")
        return None if first is None or last is None else (first[0], last[0])

    def has_more_than(self, count: int) -> bool:
        return self._one("SELECT m.rowid {rows} ORDER BY m.rowid LIMIT 1 OFFSET ?", count) is not None

    def at_or_after(self, rowid: int) -> Row | None:
        """The next row from here: rowid, key, step, timestamp, value (`'nan'` for NaN)."""
        return self._one(
            f"SELECT m.rowid, key, step, timestamp, {VALUE.format(row='m')} {{rows}} AND m.rowid >= ? "
            "ORDER BY m.rowid LIMIT 1",
            rowid,
        )

    def only_metric(self) -> str | None:
        """The name of the run's only metric; None when there are more, or to find out would take long."""
        if not self._by_step:
            return None
        rows = f"FROM metrics {self._by_step} WHERE run_uuid = :run_id"
        low, high = self._connection.execute(
            f"SELECT (SELECT min(key) {rows}), (SELECT max(key) {rows})",
            {"run_id": self._run_id},
        ).fetchone()
        return low if low == high else None

    def extremes(self, kind: str, rows: Range, only: str | None) -> list[Row]:
        """Of each metric the row with the lowest (`kind` "min") or highest ("max") finite value among `rows`:
        rowid, key, step, timestamp, value and, last, how many values were compared.

        `only`: name of the run's only metric; None when there are more.
        """
        # Where most rows are the run's, passing the others by is quicker than an index.
        where = "FROM metrics AS m NOT INDEXED WHERE run_uuid = ?" if 2 * rows.count > rows.width else "{rows}"
        # Bare columns beside one min() or max() come from its row: https://sqlite.org/lang_select.html#bareagg
        select = f"SELECT m.rowid, key, step, timestamp, {kind}(value), count(*) {where} AND m.rowid BETWEEN ? AND ? "
        finite = "AND NOT is_nan AND " + ("value > -1.79e308 " if kind == "min" else "value < 1.79e308 ")
        if only is None:
            return self._all(select + finite + "GROUP BY key", rows.first, rows.last)
        row = self._one(select, rows.first, rows.last)
        if row and row[0] is not None and (row[4] == 0 or abs(row[4]) >= LARGEST):
            # Perhaps not a number: NaN is stored as 0 with a flag, ±inf as the largest number. Looks again without.
            row = self._one(select + finite, rows.first, rows.last)
        return [row] if row and row[0] is not None else []

    def read(self, after: int, limit: int) -> tuple[dict[str, Points], Range | None]:
        """At most `limit` points behind rowid `after`, by metric, and which rows they were."""
        ids, pieces, read = KeyIds(), list[Piece](), None
        while read is None or read.count < limit:
            with _transaction(self._connection):
                wanted = min(PIECE, limit - (read.count if read else 0))
                found = self._next(read.last if read else after, wanted)
                if found is None:
                    break
                pieces.extend(self._pieces(found, ids))
            read = Range(read.first, found.last, read.count + found.count) if read else found
            if found.count < wanted:
                break
        return _by_metric(pieces, ids), read

    def _next(self, after: int, limit: int) -> Range | None:
        """The next rows: `limit` of them, or all that there are."""
        first = self._one("SELECT m.rowid {rows} AND m.rowid > ? ORDER BY m.rowid LIMIT 1", after)
        if first is None:
            return None
        last = self._one("SELECT m.rowid {rows} AND m.rowid > ? ORDER BY m.rowid LIMIT 1 OFFSET ?", after, limit - 1)
        if last is not None:
            return Range(first[0], last[0], limit)
        rest = self._one("SELECT max(m.rowid), count(*) {rows} AND m.rowid > ?", after)
        return None if rest is None else Range(first[0], *rest)

    def _pieces(self, rows: Range, ids: KeyIds) -> Iterator[Piece]:
        only = self.only_metric()
        packs = rows.count // PACKED if rows.width == rows.count else 0
        if packs:
            end = rows.first + packs * PACKED
            sql = _PACKED_SELECT_OF_ONE if only else _PACKED_SELECT
            yield _columns(self._connection.execute(sql, (rows.first, end - PACKED)).fetchall(), PACKED, only, ids)
            rows = Range(end, rows.last, rows.count - packs * PACKED)
        if rows.count:
            columns = f"{'' if only else 'key, '}step, timestamp, {VALUE.format(row='m')}"
            found = self._all(
                f"SELECT {columns} {{rows}} AND m.rowid BETWEEN ? AND ? ORDER BY m.rowid", rows.first, rows.last
            )
            yield _columns(found, 1, only, ids)

    def _one(self, sql: str, *values: object) -> Row | None:
        row: Row | None = self._connection.execute(self._sql(sql), (self._run_id, *values)).fetchone()
        return row

    def _all(self, sql: str, *values: object) -> list[Row]:
        return self._connection.execute(self._sql(sql), (self._run_id, *values)).fetchall()

    def _sql(self, sql: str) -> str:
        return sql.replace("{rows}", self._from)


def latest(connection: sqlite3.Connection, run_id: str) -> list[Row]:
    """Of each metric the point that MLflow calls the latest: key, step, timestamp, value (`'nan'` for NaN)."""
    value = VALUE.format(row="m")
    return connection.execute(
        f"SELECT key, step, coalesce(timestamp, 0), {value} FROM latest_metrics AS m WHERE run_uuid = ?",  # noqa: S608
        (run_id,),
    ).fetchall()


def steps(
    connection: sqlite3.Connection, hint: str, run_id: str, metric: str, first_step: int, last_step: int
) -> Points:
    """All points of one metric between two steps. `hint`: which index to go by."""
    return points_of(
        connection.execute(
            f"SELECT step, timestamp, {VALUE.format(row='m')} FROM metrics AS m {hint} "  # noqa: S608
            "WHERE run_uuid = ? AND key = ? AND step BETWEEN ? AND ? ORDER BY m.rowid",
            (run_id, metric, first_step, last_step),
        ).fetchall()
    )


def points_of(rows: Sequence[Row]) -> Points:
    """Out of rows that begin with step, timestamp, value."""
    return Points(
        np.fromiter((row[0] for row in rows), np.int64, len(rows)),
        np.fromiter((row[1] for row in rows), np.float64, len(rows)) / 1000,
        meant(np.fromiter((row[2] for row in rows), np.float64, len(rows))),
    )


def _packed_select(columns: str) -> str:
    """Reads the rows from one rowid on, 32 as one, the last of these beginning at another: all must be there."""
    rows = [f"m{index}" for index in range(PACKED)]
    selected = ", ".join(columns.format(row=row) for row in rows)
    joins = " ".join(f"CROSS JOIN metrics AS {row} ON {row}.rowid = begin + {at}" for at, row in enumerate(rows))
    return (
        f"WITH RECURSIVE pack(begin) AS (VALUES (?) UNION ALL SELECT begin + {PACKED} FROM pack WHERE begin < ?) "  # noqa: S608
        f"SELECT {selected} FROM pack {joins}"
    )


_PACKED_SELECT_OF_ONE = _packed_select("{row}.step, {row}.timestamp, " + VALUE)
_PACKED_SELECT = _packed_select("{row}.key, {row}.step, {row}.timestamp, " + VALUE)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All statements within see the store at one moment."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _columns(found: list[Row], packed: int, only: str | None, ids: KeyIds) -> Piece:
    """Rows of (key, step, timestamp, value) × `packed` as columns; without the key when there is only one."""
    columns = list(zip(*found, strict=True))
    width = len(columns) // packed
    steps, times, values = (columns[at::width] for at in range(width - 3, width))
    count = len(found)
    if only is None:
        key = _woven(np.fromiter(map(ids.__getitem__, keys), np.int32, count) for keys in columns[::width])
    else:
        key = np.full(count * packed, ids[only], np.int32)
    return Piece(
        key,
        _woven(np.fromiter(step, np.int64, count) for step in steps),
        _woven(np.fromiter(time, np.int64, count) for time in times),
        _woven(np.fromiter(value, np.float64, count) for value in values),
    )


def _woven(columns: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """The first of each, the second of each, …"""
    return np.stack(list(columns), axis=1).ravel()


def _by_metric(pieces: Sequence[Piece], ids: KeyIds) -> dict[str, Points]:
    """The points of each metric in their order; metrics by first appearance."""
    if not pieces:
        return {}
    step = np.concatenate([piece.step for piece in pieces])
    time = np.concatenate([piece.time for piece in pieces]) / 1000
    value = meant(np.concatenate([piece.value for piece in pieces]))
    names = list(ids)
    if len(names) == 1:
        return {names[0]: Points(step, time, value)}
    key = np.concatenate([piece.key for piece in pieces])
    # numpy sorts 16 bits by radix, and longer ones several times slower.
    order = np.argsort(key.astype(np.uint16) if len(names) <= 1 << 16 else key, kind="stable")
    step, time, value, key = step[order], time[order], value[order], key[order]
    begins = np.flatnonzero(np.r_[True, key[1:] != key[:-1]])
    ends = np.r_[begins[1:], len(key)]
    groups = {
        int(order[begin]): (names[number], slice(begin, end))
        for number, begin, end in zip(key[begins].tolist(), begins.tolist(), ends.tolist(), strict=True)
    }
    return {name: Points(step[part], time[part], value[part]) for _, (name, part) in sorted(groups.items())}
