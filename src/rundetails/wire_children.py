"""The runs below a run as messages: columns of cells, bounded, secrets hidden."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from . import contract
from .facts import Child
from .goals import guess_goal
from .monitor.children import Children
from .redact import redact, redact_value
from .runtypes import Place

CELLS = 90_000
"""Cells of one message, about: 0.7 MB."""

SAMPLE = 300
"""Children whose metrics are looked through for those with a direction."""

LETTERS = 160
"""Characters of a text in a cell; `details.children` has it whole."""

_NUMBER = re.compile(r"(?!.{40})-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")

Key = tuple[contract.ColumnKind, str, bool]
Value = TypeVar("Value")


def children_facts(
    children: Children, ids: Iterable[str], gone: Sequence[str] = (), *, family: bool = True
) -> tuple[contract.ChildrenFacts, memoryview]:
    """These children. The lock of the watch is held."""
    rows = [children.all[name] for name in ids if name in children.all]
    cells = _Cells()
    cells.facts(rows, [children.place(child) for child in rows])
    cells.parameters([child.run.parameters for child in rows])
    cells.numbers("metric", [child.metrics for child in rows])
    cells.numbers("lowest", [_curved(child, child.lowest) for child in rows])
    cells.numbers("highest", [_curved(child, child.highest) for child in rows])
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
    names = {name: None for child in itertools.islice(children.all.values(), SAMPLE) for name in child.metrics}
    goals: dict[str, contract.Goal] = {name: goal for name in names if (goal := guess_goal(name)) is not None}
    goals |= family.goals
    if family.metric is not None and family.goal is not None:
        goals[family.metric] = family.goal
    return {
        "kind": family.kind,
        "producer": family.producer,
        "metric": family.metric,
        "goal": family.goal,
        "goals": goals,
        "curve": family.curve,
        "best": family.best,
        "iterations": family.iterations,
        "seconds": family.seconds,
        "scales": dict(family.scales),
        "is_over": family.is_over,
        "note": family.note,
        "has_extremes": children.has_extremes,
    }


class _Cells:
    """Cells by column, in order of appearance."""

    def __init__(self) -> None:
        self._columns: dict[Key, tuple[list[int], list[float]]] = {}
        self._words: dict[Key, dict[str, int]] = {}

    def facts(self, children: Sequence[Child], places: Sequence[Place]) -> None:
        """What is known of each beside its parameters and metrics."""
        numbers = {
            "number": [place.number for place in places],
            "sampling": [place.sampling for place in places],
            "seconds": [place.seconds for place in places],
            "steps": [float(child.steps) or None for child in children],
            "reused": [1.0 if place.is_reused else None for place in places],
            "apart": [1.0 if place.is_apart else None for place in places],
        }
        for name, column in numbers.items():
            known = [(row, number) for row, number in enumerate(column) if number is not None]
            self._put(("fact", name, False), [row for row, _ in known], [number for _, number in known])
        for name in ("label", "preprocessor", "state", "after"):
            texts = [(row, text) for row, place in enumerate(places) if (text := getattr(place, name))]
            self._put_texts("fact", name, texts)

    def parameters(self, texts: Sequence[Mapping[str, str]]) -> None:
        """Texts by name, row by row; one that is a number becomes one."""
        for name, rows, column in _by_name(texts):
            words = [(row, text) for row, text in zip(rows, column, strict=True) if not _NUMBER.fullmatch(text)]
            if words:
                texts_at = dict(words)
                numbers = [(row, text) for row, text in zip(rows, column, strict=True) if row not in texts_at]
                rows, column = [row for row, _ in numbers], [text for _, text in numbers]
            self._put(("parameter", name, False), rows, list(map(float, column)))
            self._put_texts("parameter", name, words)

    def numbers(self, kind: contract.ColumnKind, values: Sequence[Mapping[str, float]]) -> None:
        """Numbers by name, row by row."""
        for name, rows, column in _by_name(values):
            self._put((kind, name, False), rows, column)

    def _put_texts(self, kind: contract.ColumnKind, name: str, texts: Sequence[tuple[int, str]]) -> None:
        words = self._words.setdefault((kind, name, True), {})
        numbers = [words.setdefault(text, len(words)) for _, text in texts]
        self._put((kind, name, True), [row for row, _ in texts], numbers)

    def _put(self, key: Key, rows: Sequence[int], numbers: Sequence[float]) -> None:
        if rows:
            there, cells = self._columns.setdefault(key, ([], []))
            there += rows
            cells += numbers

    def columns(self, count: int) -> tuple[list[contract.ChildColumn], list[np.typing.NDArray[np.float64]]]:
        """What the columns are, and their cells."""
        columns: list[contract.ChildColumn] = []
        arrays = []
        for key, (rows, cells) in self._columns.items():
            kind, name, is_text = key
            column: contract.ChildColumn = {"name": name, "kind": kind, "count": len(rows)}
            there, numbers = np.array(rows, "<f8"), np.array(cells, "<f8")
            if len(rows) < count:
                column["is_sparse"] = True
                arrays.append(there)
            else:
                numbers = numbers[np.argsort(there, kind="stable")]
            arrays.append(numbers)
            if is_text:
                column["words"] = [_shown(kind, name, word) for word in self._words[key]]
            columns.append(column)
        return columns, arrays


def _by_name(mappings: Sequence[Mapping[str, Value]]) -> Iterator[tuple[str, Sequence[int], Sequence[Value]]]:
    """Columns of rows of values by name. Rows that have the same names are taken together: most do."""
    alike: dict[tuple[str, ...], list[int]] = {}
    for row, one in enumerate(mappings):
        alike.setdefault(tuple(one), []).append(row)
    for names, rows in alike.items():
        values = (mappings[row].values() for row in rows)
        for name, column in zip(names, zip(*values, strict=True), strict=True):
            yield name, rows, column


def _curved(child: Child, values: Mapping[str, float]) -> Mapping[str, float]:
    """Those of its lowest or highest values that say something beyond the metric itself: one value is no curve."""
    if not values:
        return values
    return {
        name: value
        for name, value in values.items()
        if child.metrics.get(name) != value or child.lowest.get(name) != child.highest.get(name)
    }


def _shown(kind: str, name: str, text: str) -> str:
    safe = redact_value(name, text) if kind == "parameter" else redact(text)
    return safe if len(safe) <= LETTERS else f"{safe[:LETTERS]}… ({len(safe):,} characters in all)"
