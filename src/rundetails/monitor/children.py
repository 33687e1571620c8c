"""The runs below a watched run: what is known of them, and what they are to each other."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from ..errors import RunDetailsError
from ..facts import Child, ChildrenDelta, Points, Run
from ..runtypes import Family, Generic, Place, RunType, listed_children, run_type_of
from ..sources.protocol import RunSource

LARGEST_TABLE = 4 << 20
"""Bytes of a file that tells of children, at most."""


@dataclass(frozen=True, slots=True)
class ChildrenChange:
    """What one read of the children changed."""

    moved: tuple[str, ...] = ()
    """IDs of those that are new or changed, in order."""
    gone: tuple[str, ...] = ()
    """IDs of those that are no longer there."""
    family: bool = False
    """Whether something about all of them changed."""

    def __bool__(self) -> bool:
        return bool(self.moved or self.gone or self.family)


@dataclass(slots=True)
class Children:
    """All runs below one run. Whoever reads or changes it holds the watch's lock."""

    all: dict[str, Child] = field(default_factory=dict)
    """By ID: in the order in which they began, as far as they came that way."""
    left: int = 0
    """About how many are still to be read."""
    kind: RunType = field(default_factory=lambda: run_type_of(Run("")))
    """The kind of the run above them."""
    family: Family = field(default_factory=Family)
    has_extremes: bool = False
    """Whether the store tells the lowest and highest values of their curves."""
    error: str = ""
    """Why they could not be read, in a sentence; empty while they can."""
    _runs: dict[str, Child] = field(default_factory=dict)
    """Those that the store has."""
    _told: Sequence[Child] = ()
    """Those that the run above tells of."""
    _shown: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    """Lowest and highest values that curves showed, by run and metric."""

    def place(self, child: Child) -> Place:
        """What one of them is; an ordinary one where its tags make no sense to its kind."""
        try:
            return self.kind.place(child)
        except Exception:
            return Place()

    def take(self, run: Run, delta: ChildrenDelta, told: Sequence[Child] | None) -> ChildrenChange:
        """Takes in what a read found. `told`: what the run above tells of; None: as before."""
        had_extremes = self.has_extremes
        self.has_extremes |= any(one.lowest for one in delta.children)
        delta = replace(delta, children=[self._with_extremes(one) for one in delta.children])
        for one in delta.children:
            self._runs[one.run.id] = one
        for name in delta.gone:
            self._runs.pop(name, None)
        left, self.left = self.left, delta.remaining
        before = self._told
        self._told = before if told is None else told
        sample = list(islice(_direct(self._runs), 300)) or self._told
        self.kind = _kind_of(run, sample)
        moved, gone = self._joined(run, delta, is_told_new=told is not None and told != before)
        family = self._family(run)
        is_new = (family, left, had_extremes) != (self.family, self.left, self.has_extremes)
        self.family = family
        return ChildrenChange(tuple(moved), tuple(gone), is_new)

    def learn(self, metric: str, curves: Mapping[str, Points]) -> ChildrenChange:
        """Takes in the lowest and highest values of curves, of runs whose store does not tell them."""
        moved = []
        for name, points in curves.items():
            child, finite = self._runs.get(name), points.value[np.isfinite(points.value)]
            if child is None or len(points) < 2 or not len(finite):
                continue
            self._shown.setdefault(name, {})[metric] = (float(finite.min()), float(finite.max()))
            known = self._with_extremes(child)
            if known != child:
                self._runs[name] = known
                # What the run above tells of it beyond that stays.
                self.all[name] = replace(self.all.get(name, known), lowest=known.lowest, highest=known.highest)
                moved.append(name)
        return ChildrenChange(tuple(moved))

    def _with_extremes(self, child: Child) -> Child:
        """With what curves showed of it, as far as its store does not tell."""
        shown = self._shown.get(child.run.id)
        if not shown:
            return child
        lowest, highest = dict(child.lowest), dict(child.highest)
        for metric, (low, high) in shown.items():
            latest = child.metrics.get(metric, math.nan)
            beyond = [latest] if math.isfinite(latest) else []
            lowest[metric] = min(low, *beyond, child.lowest.get(metric, low))
            highest[metric] = max(high, *beyond, child.highest.get(metric, high))
        return replace(child, lowest=lowest, highest=highest)

    def signs(self) -> tuple[float, float]:
        """When the latest of them began or ended, and how long the next such event may take: an hour at least."""
        times, lasted = [0.0], 0.0
        for child in self.all.values():
            started, ended = child.run.started, child.run.ended
            times += [time for time in (started, ended) if time is not None]
            if started is not None and ended is not None:
                lasted = max(lasted, ended - started)
        # Of one that never says that it ended, when all is over, silence means nothing.
        return max(times), float("inf") if self.family.is_over else max(3600.0, 3 * lasted)

    def _family(self, run: Run) -> Family:
        """What they are together. Tags are anybody's text: what makes no sense to a kind must not stop the reading."""
        children = list(_direct(self.all))
        try:
            return self.kind.family(run, children)
        except Exception:
            self.kind = Generic()
            return self.kind.family(run, children)

    def _all(self, run: Run, told: Sequence[Child], runs: Sequence[Child]) -> Sequence[Child]:
        try:
            return self.kind.joined(run, told, runs)
        except Exception:
            return [*runs, *told]

    def _joined(self, run: Run, delta: ChildrenDelta, *, is_told_new: bool) -> tuple[list[str], list[str]]:
        if not self._told and not is_told_new:
            changed = {one.run.id: one for one in self._all(run, [], delta.children)}
            self.all.update(changed)
            gone = [name for name in delta.gone if self.all.pop(name, None) is not None]
            return list(changed), gone
        if delta.is_empty and not is_told_new:
            return [], []
        now = {one.run.id: one for one in self._all(run, self._told, [*self._runs.values()])}
        gone = [name for name in self.all if name not in now]
        moved = [name for name, one in now.items() if self.all.get(name) != one]
        self.all = now
        return moved, gone


def _direct(children: Mapping[str, Child]) -> Iterator[Child]:
    """Those that lie below no other: what the run above them is, these tell."""
    return (one for one in children.values() if one.run.parent not in children)


def _kind_of(run: Run, sample: Sequence[Child]) -> RunType:
    try:
        return run_type_of(run, sample)
    except Exception:
        return Generic()


def told_children(source: RunSource, run: Run) -> list[Child]:
    """Children that the run itself tells of."""

    def read(path: str) -> bytes | None:
        if "files" not in source.capabilities:
            return None
        with contextlib.suppress(RunDetailsError):
            chunk = source.read_file(run.id, path, 0, LARGEST_TABLE)
            return chunk.data if chunk.size <= LARGEST_TABLE else None
        return None

    return listed_children(run, read)
