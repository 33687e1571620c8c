"""The runs below a run as messages: columns of cells, bounded, secrets hidden."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from . import contract
from .facts import Child
from .goals import guess_goal
from .monitor.children import Children
from .redact import redact, redact_value
from .runtypes import Place

CELLS = 90_000
"""Cells of one message, about: 0.7 MB."""

LETTERS = 160
"""Characters of a text in a cell; `details.children` has it whole."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")

Key = tuple[contract.ColumnKind, str, bool]


def children_facts(
    children: Children, ids: Iterable[str], gone: Sequence[str] = (), *, family: bool = True
) -> tuple[contract.ChildrenFacts, memoryview]:
    """These children. The lock of the watch is held."""
    rows = [children.all[name] for name in ids if name in children.all]
    cells = _Cells()
    for row, child in enumerate(rows):
        _put(cells, row, child, children.place(child))
    facts: contract.ChildrenFacts = {
        "total": len(children.all),
        "left": children.left,
        "ids": [child.run.id for child in rows],
        "names": [redact(child.run.name)[:LETTERS] for child in rows],
        "statuses": [child.run.status.value for child in rows],
        "columns": [],
    }
    parents = {
        str(row): child.run.parent
        for row, child in enumerate(rows)
        if child.run.parent in children.all and child.run.parent
    }
    if parents:
        facts["parents"] = parents
    if closed := [row for row, child in enumerate(rows) if not child.is_run]:
        facts["closed"] = closed
    if gone:
        facts["gone"] = list(gone)
    if family:
        facts["family"] = family_facts(children)
        facts["error"] = children.error
    times = [
        np.array([np.nan if time is None else time for time in times], "<f8")
        for times in zip(*((child.run.created, child.run.started, child.run.ended) for child in rows), strict=True)
    ]
    columns, arrays = cells.columns(len(rows))
    facts["columns"] = columns
    return facts, memoryview(np.concatenate([*times, *arrays, np.empty(0, "<f8")]).astype("<f8").tobytes())


def some(children: Children, start: int = 0) -> list[str]:
    """IDs of the children from this place on, as many as one message holds."""
    names = list(children.all)
    if not names:
        return []
    first = children.all[names[0]]
    width = 12 + len(first.metrics) * (3 if first.steps else 1) + len(first.run.parameters)
    return names[start : start + max(50, CELLS // width)]


def pieces(children: Children, ids: Sequence[str]) -> list[Sequence[str]]:
    """The same IDs, in as many parts as there are messages."""
    most = max(50, len(some(children)))
    return [ids[start : start + most] for start in range(0, len(ids), most)]


def family_facts(children: Children) -> contract.FamilyFacts:
    family = children.family
    goals: dict[str, contract.Goal] = {}
    for child in list(children.all.values())[:300]:
        for name in child.metrics:
            if name not in goals and (goal := guess_goal(name)) is not None:
                goals[name] = goal
    goals |= family.goals
    if family.metric is not None and family.goal is not None:
        goals[family.metric] = family.goal
    return {
        "kind": family.kind,
        "producer": family.producer,
        "metric": family.metric,
        "goal": family.goal,
        "goals": goals,
        "best": family.best,
        "iterations": family.iterations,
        "seconds": family.seconds,
        "scales": dict(family.scales),
        "is_over": family.is_over,
        "note": family.note,
        "has_extremes": children.has_extremes,
    }


def _put(cells: _Cells, row: int, child: Child, place: Place) -> None:
    facts = {"number": place.number, "sampling": place.sampling, "seconds": place.seconds}
    if child.steps:
        facts["steps"] = float(child.steps)
    for name, value in facts.items():
        if value is not None:
            cells.number(("fact", name, False), row, value)
    texts = {"label": place.label, "preprocessor": place.preprocessor, "state": place.state, "after": place.after}
    for name, text in texts.items():
        if text:
            cells.text(("fact", name, True), row, text)
    for name, is_true in (("reused", place.is_reused), ("apart", place.is_apart)):
        if is_true:
            cells.number(("fact", name, False), row, 1.0)
    for name, text in child.run.parameters.items():
        if _NUMBER.fullmatch(text) and len(text) < 40:
            cells.number(("parameter", name, False), row, float(text))
        else:
            cells.text(("parameter", name, True), row, text)
    for name, value in child.metrics.items():
        cells.number(("metric", name, False), row, value)
    for kind, values in (("lowest", child.lowest), ("highest", child.highest)):
        for name, value in values.items():
            # One value is no curve: it says nothing beyond the metric itself.
            if child.metrics.get(name) != value or child.lowest.get(name) != child.highest.get(name):
                cells.number((kind, name, False), row, value)  # type: ignore[arg-type]


class _Cells:
    """Cells by column, in order of appearance."""

    def __init__(self) -> None:
        self._rows: dict[Key, list[int]] = {}
        self._values: dict[Key, list[float]] = {}
        self._words: dict[Key, dict[str, int]] = {}

    def number(self, key: Key, row: int, value: float) -> None:
        if key not in self._rows:
            self._rows[key], self._values[key] = [], []
        self._rows[key].append(row)
        self._values[key].append(value)

    def text(self, key: Key, row: int, text: str) -> None:
        words = self._words.setdefault(key, {})
        self.number(key, row, words.setdefault(text, len(words)))

    def columns(self, count: int) -> tuple[list[contract.ChildColumn], list[np.typing.NDArray[np.float64]]]:
        """What the columns are, and their cells."""
        columns: list[contract.ChildColumn] = []
        arrays = []
        for key, rows in self._rows.items():
            kind, name, is_text = key
            column: contract.ChildColumn = {"name": name, "kind": kind, "count": len(rows)}
            if len(rows) < count:
                column["is_sparse"] = True
                arrays.append(np.array(rows, "<f8"))
            arrays.append(np.array(self._values[key], "<f8"))
            if is_text:
                column["words"] = [_shown(kind, name, word) for word in self._words[key]]
            columns.append(column)
        return columns, arrays


def _shown(kind: str, name: str, text: str) -> str:
    safe = redact_value(name, text) if kind == "parameter" else redact(text)
    return safe if len(safe) <= LETTERS else f"{safe[:LETTERS]}… ({len(safe):,} characters in all)"
