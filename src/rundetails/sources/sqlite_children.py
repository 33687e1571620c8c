"""Runs below a run, with their latest values, out of MLflow's tables.

`sqlite3` lets go of the interpreter's lock between any two rows, and a busy cell gives it back when it pleases. So
sqlite joins what belongs to 250 runs into one text, which is taken apart here.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..facts import Child, ChildrenDelta, experiment_in
from .mlflow_facts import PARENT_TAG
from .sqlite_runs import experiment_id, in_order, run_rows, stored

FIRST = 50
"""Children that the first read gives."""

MOST_AT_ONCE = 2_500
"""Children that another read gives at most."""

TOGETHER = 250
"""Runs whose rows are joined into one text."""

LONGEST = 2_000
"""Characters of a tag that are read."""

POINTS_OF_A_RUN = 20_000
"""Of a run with more points the lowest and highest values are not looked for."""

ALMOST_INFINITE = 1.797e308
"""MLflow writes ±inf as ±1.7977e308, of which sqlite's text has lost the last digits."""

TABLES = ("tags", "params", "metrics", "runs")

# Signs that no name holds; in a value they are left out.
RUN, FIELD, ROW = (chr(code) for code in (28, 31, 30))


@dataclass(frozen=True, slots=True)
class ChildrenCursor:
    """Where reading stopped."""

    generation: int
    version: int
    parents: Mapping[str, str]
    """Run below which each run is that lies below the one asked for, directly or not."""
    given: Mapping[str, Child] = field(default_factory=dict)
    """As last given."""
    waiting: Sequence[str] = ()
    """Runs that are still to be given, in order."""
    rowids: tuple[int, ...] = (0, 0, 0, 0)
    """Highest rowids of `TABLES` when they were last looked at."""


class ChildrenTable:
    """The runs below one run, or in one experiment. Only for as long as the connection is good."""

    def __init__(self, connection: sqlite3.Connection, run_id: str, generation: int, version: int) -> None:
        self._connection = connection
        self._run_id = run_id
        self._generation = generation
        self._version = version

    def read(self, known: ChildrenCursor | None, sweep: bool) -> ChildrenDelta:
        """As `RunSource.read_children`."""
        if known is None:
            return self._begin({})
        if known.waiting:
            return self._give(known, known.waiting[:MOST_AT_ONCE], known.waiting[MOST_AT_ONCE:])
        if not sweep and (known.generation, known.version) == (self._generation, self._version):
            return ChildrenDelta(known)
        rowids = self._rowids()
        if sweep or any(now < before for now, before in zip(rowids, known.rowids, strict=True)):
            return self._begin(known.given)
        return self._changed(known, rowids)

    def _begin(self, given: Mapping[str, Child]) -> ChildrenDelta:
        """All of them from the beginning; of those `given`, only what differs is told again."""
        rowids = self._rowids()
        parents = self._below(self._run_id, self._pairs())
        ordered = in_order(self._connection, parents)
        here = ChildrenCursor(self._generation, self._version, parents, given, rowids=rowids)
        there = set(ordered)
        gone = [one for one in given if one not in there]
        # Those that a reader sees first: the newest.
        first = ordered if len(ordered) <= FIRST else ordered[-FIRST:]
        rest = [] if len(ordered) <= FIRST else ordered[:-FIRST]
        kept = {name: one for name, one in given.items() if name in there}
        return replace(self._give(replace(here, given=kept), first, rest), gone=gone)

    def _changed(self, known: ChildrenCursor, rowids: tuple[int, ...]) -> ChildrenDelta:
        before = known.rowids
        parents = dict(known.parents)
        new = self._pairs(before)
        if new:
            parents |= self._below(self._run_id, new, known.parents)
        moved = {one for one in parents if one not in known.given or not known.given[one].run.status.has_ended}
        for table, rowid in zip(TABLES[:3], before[:3], strict=True):
            rows = self._connection.execute(
                f"SELECT group_concat(run_uuid) FROM (SELECT DISTINCT run_uuid FROM {table} WHERE rowid > ?)",  # noqa: S608
                (rowid,),
            ).fetchone()
            moved |= {one for one in (rows[0] or "").split(",") if one in parents}
        ordered = [one for one in parents if one in moved]
        here = replace(known, version=self._version, generation=self._generation, parents=parents, rowids=rowids)
        return self._give(here, ordered[:MOST_AT_ONCE], ordered[MOST_AT_ONCE:])

    def _give(self, here: ChildrenCursor, asked: Sequence[str], rest: Sequence[str]) -> ChildrenDelta:
        given, news = dict(here.given), list[Child]()
        found = self._children(asked, given)
        for name in asked:
            one = found.get(name)
            if one is not None and given.get(name) != one:
                given[name] = one
                news.append(one)
        gone = [name for name in asked if name not in found and given.pop(name, None) is not None]
        cursor = replace(here, given=given, waiting=rest)
        return ChildrenDelta(cursor, news, gone, len(rest))

    def _children(self, ids: Sequence[str], given: Mapping[str, Child]) -> dict[str, Child]:
        found: dict[str, Child] = {}
        for start in range(0, len(ids), TOGETHER):
            some = ids[start : start + TOGETHER]
            parameters = self._texts("params", some, "t.value")
            tags = self._texts("tags", some, f"substr(t.value, 1, {LONGEST})")
            metrics = self._latest(some)
            for row in run_rows(self._connection, some):
                name = row[0]
                run = stored(row, parameters.get(name, {}), tags.get(name, {})).run
                latest, steps = metrics.get(name, ({}, 0))
                child = Child(run, latest, steps)
                found[name] = self._with_extremes(child, given.get(name)) if steps else child
        return found

    def _with_extremes(self, child: Child, before: Child | None) -> Child:
        """With the lowest and highest values of its curves, looked for when its latest values moved."""
        if before is not None and before.metrics == child.metrics and before.steps == child.steps:
            return replace(child, lowest=before.lowest, highest=before.highest)
        name = child.run.id
        rows = "FROM metrics WHERE run_uuid = ?"
        if self._connection.execute(f"SELECT 1 {rows} LIMIT 1 OFFSET ?", (name, POINTS_OF_A_RUN)).fetchone():
            return child
        low, high = (f"printf('%!.17g', {which}(value))" for which in ("min", "max"))
        text = self._connection.execute(
            f"SELECT group_concat(one, '{ROW}') FROM (SELECT key || '{FIELD}' || {low} || '{FIELD}' || {high} AS one "  # noqa: S608
            f"{rows} AND NOT is_nan AND abs(value) < 1.79e308 GROUP BY key)",
            (name,),
        ).fetchone()[0]
        lowest, highest = {}, {}
        for row in (text or "").split(ROW) if text else ():
            key, least, most = row.split(FIELD)
            lowest[key], highest[key] = float(least), float(most)
        return replace(child, lowest=lowest, highest=highest)

    def _latest(self, ids: Sequence[str]) -> dict[str, tuple[dict[str, float], int]]:
        """Latest values by metric, and the highest step, by run."""
        value = "CASE WHEN t.is_nan THEN 'nan' ELSE printf('%!.17g', t.value) END"
        found = {}
        for name, steps, keys, values in self._joined("latest_metrics", ids, value, "max(t.step)"):
            numbers = list(map(float, values.split(ROW)))
            if "e+308" in values:
                numbers = [math.copysign(math.inf, one) if abs(one) >= ALMOST_INFINITE else one for one in numbers]
            found[name] = dict(zip(keys, numbers, strict=True)), int(steps)
        return found

    def _texts(self, table: str, ids: Sequence[str], value: str) -> dict[str, dict[str, str]]:
        """Texts by name, by run."""
        value = f"replace(replace(coalesce({value}, ''), '{ROW}', ''), '{RUN}', '')"
        rows = self._joined(table, ids, value, "''")
        return {name: dict(zip(keys, values.split(ROW), strict=True)) for name, _, keys, values in rows}

    def _joined(
        self, table: str, ids: Sequence[str], value: str, more: str
    ) -> Iterator[tuple[str, str, Sequence[str], str]]:
        """Of each run that has rows: its ID, `more` of them, their names, and their values as one text."""
        # One search for each run: to group the rows of all of them, sqlite would sort these first.
        text = self._connection.execute(
            f"SELECT group_concat((SELECT t.run_uuid || '{FIELD}' || {more} || '{FIELD}' || "  # noqa: S608
            f"group_concat(t.key, '{ROW}') || '{FIELD}' || group_concat({value}, '{ROW}') "
            f"FROM {table} AS t WHERE t.run_uuid = wanted.value), '{RUN}') FROM json_each(?) AS wanted",
            (json.dumps(ids),),
        ).fetchone()[0]
        names: dict[str, Sequence[str]] = {}
        for one in text.split(RUN) if text else ():
            run_id, said, keys, values = one.split(FIELD, 3)
            if keys not in names:
                names[keys] = keys.split(ROW)
            yield run_id, said, names[keys], values

    def _pairs(self, after: Sequence[int] = (-1, -1, -1, -1)) -> list[tuple[str, str]]:
        """(run, its parent) of the store, in the order in which they were made, behind these rowids of `TABLES`. An
        experiment is a parent of each run in it, and of those that lie below one as well."""
        text = self._connection.execute(
            f"SELECT group_concat(run_uuid || '{FIELD}' || value, '{ROW}') FROM "  # noqa: S608
            "(SELECT run_uuid, value FROM tags WHERE key = ? AND rowid > ? ORDER BY rowid)",
            (PARENT_TAG, after[0]),
        ).fetchone()[0]
        pairs = [_pair(row) for row in text.split(ROW)] if text else []
        return [*((one, self._run_id) for one in self._inside(after[3])), *pairs]

    def _inside(self, after: int) -> list[str]:
        """The runs of the experiment, if one was asked for, behind this rowid."""
        name = experiment_in(self._run_id)
        found = None if name is None else experiment_id(self._connection, name)
        if found is None:
            return []
        text = self._connection.execute(
            "SELECT group_concat(run_uuid) FROM (SELECT run_uuid FROM runs WHERE experiment_id = ? AND rowid > ? "
            "ORDER BY rowid)",
            (found, after),
        ).fetchone()[0]
        return text.split(",") if text else []

    def _below(
        self, run_id: str, pairs: Iterable[tuple[str, str]], known: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """Those of the pairs that lie below the run, at any depth; `known` do already."""
        by_parent: dict[str, list[str]] = {}
        for one, parent in pairs:
            by_parent.setdefault(parent, []).append(one)
        found: dict[str, str] = {}
        above = [run_id, *(known or ())]
        while above:
            below = []
            for parent in above:
                for one in by_parent.get(parent, ()):
                    if one not in found and one != run_id:
                        found[one] = parent
                        below.append(one)
            above = below
        return found

    def _rowids(self) -> tuple[int, ...]:
        return tuple(
            self._connection.execute(f"SELECT coalesce(max(rowid), 0) FROM {table}").fetchone()[0]  # noqa: S608
            for table in TABLES
        )


def _pair(row: str) -> tuple[str, str]:
    name, _, value = row.partition(FIELD)
    return name, value
