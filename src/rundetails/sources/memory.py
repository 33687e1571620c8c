"""Runs that follow a script: for tests, tutorials, and whoever writes a source of their own."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ArtifactNotFound, ExperimentNotFound, RunDeleted, RunNotFound
from ..facts import (
    ArtifactEntry,
    Child,
    ChildrenDelta,
    Cursor,
    Delta,
    Experiment,
    Known,
    LogChunk,
    LogFile,
    Points,
    Run,
    Status,
    experiment_in,
)
from ..series import Kept, thin_to
from .artifacts import is_log
from .curves import curves_of
from .protocol import Capability

if TYPE_CHECKING:
    from .protocol import RunSource

CANCELED_AFTER = 5.0
"""Seconds that a scripted run takes to end once it was asked to."""

ALWAYS = float("-inf")

_numbers = count(1)


@dataclass(frozen=True, slots=True)
class _Fault:
    error: Exception
    first: float
    last: float
    run_id: str | None


@dataclass(frozen=True, slots=True)
class _MemoryCursor:
    run: Run
    seen: int
    """Lines of the script whose points were given."""
    waiting: frozenset[int]
    """Lines among them that lay in the future."""


class RunScript:
    """What one run does, and when. Made by `MemorySource.add`.

    `at` is a time of the source's clock: from then on a line can be read. Left out, it can be read at once.
    """

    def __init__(self, source: MemorySource, run: Run) -> None:
        self.source = source
        self.id = run.id
        self._facts: list[tuple[float, Callable[[Run], Run]]] = [(ALWAYS, lambda _: run)]
        self._points: list[tuple[float, str, Points]] = []
        self._files: list[tuple[float, str, bytes]] = []
        self._deleted = float("inf")

    def __repr__(self) -> str:
        return f"<RunScript: {self.id}>"

    def log(self, metric: str, value: float, step: int = 0, at: float | None = None) -> RunScript:
        """One point, whose time is `at`, or the clock's now."""
        logged = self.source.clock() if at is None else at
        return self.log_points(metric, Points.of([(step, logged, value)]), at)

    def log_points(self, metric: str, points: Points, at: float | None = None) -> RunScript:
        """Many points in one go; they bring their own times."""
        self._points.append((ALWAYS if at is None else at, metric, points))
        return self

    def set_parameter(self, name: str, value: str, at: float | None = None) -> RunScript:
        return self.change(lambda run: replace(run, parameters={**run.parameters, name: value}), at)

    def set_tag(self, name: str, value: str, at: float | None = None) -> RunScript:
        return self.change(lambda run: replace(run, tags={**run.tags, name: value}), at)

    def end(self, status: Status = Status.COMPLETED, at: float | None = None) -> RunScript:
        """The run ends in this state."""
        ended = self.source.clock() if at is None else at
        return self.change(lambda run: replace(run, status=status, ended=ended), at)

    def change(self, how: Callable[[Run], Run], at: float | None = None) -> RunScript:
        """Anything else about the run's facts: `how` makes new ones out of those before."""
        self._facts.append((ALWAYS if at is None else at, how))
        return self

    def write(self, path: str, data: bytes | str, at: float | None = None) -> RunScript:
        """Appends to a file among the run's artifacts; text as UTF-8."""
        raw = data.encode() if isinstance(data, str) else data
        self._files.append((ALWAYS if at is None else at, path, raw))
        return self

    def delete(self, at: float | None = None) -> RunScript:
        """The run goes into the bin."""
        self._deleted = ALWAYS if at is None else at
        return self

    def is_deleted(self, now: float) -> bool:
        return now >= self._deleted

    def run(self, now: float) -> Run:
        """Its facts at this time."""
        run = Run(self.id)
        for at, how in sorted(self._facts, key=lambda line: line[0]):
            if at <= now:
                run = how(run)
        return replace(run, can_cancel=not run.status.has_ended)

    def files(self, now: float) -> dict[str, bytes]:
        """Its artifacts at this time, by path."""
        found: dict[str, bytes] = {}
        for at, path, data in sorted(self._files, key=lambda line: line[0]):
            if at <= now:
                found[path] = found.get(path, b"") + data
        return dict(sorted(found.items()))

    def news(self, now: float, seen: int, waiting: frozenset[int]) -> tuple[dict[str, Points], frozenset[int]]:
        """Points that became readable since, by metric; and the lines that still are not."""
        parts: dict[str, list[Points]] = {}
        candidates = sorted([*waiting, *range(seen, len(self._points))], key=lambda line: (self._points[line][0], line))
        still = []
        for line in candidates:
            at, metric, points = self._points[line]
            if at <= now:
                parts.setdefault(metric, []).append(points)
            else:
                still.append(line)
        return {metric: Points.joined(listed) for metric, listed in parts.items()}, frozenset(still)

    @property
    def lines(self) -> int:
        """Lines of points in the script so far."""
        return len(self._points)


class MemorySource:
    """A store in memory, whose runs do what their scripts say on a clock of your own.

    >>> now = 0.0
    >>> source = MemorySource(clock=lambda: now)
    >>> script = source.add(Run(id="demo", name="tutorial", status=Status.RUNNING))
    >>> script = script.log("loss", 0.9, step=1).log("loss", 0.3, step=2, at=10).end(at=20)
    >>> first = source.read("demo")
    >>> first.points["loss"].value.tolist()
    [0.9]
    >>> now = 15.0
    >>> second = source.read("demo", first.cursor)
    >>> second.points["loss"].value.tolist(), second.run
    ([0.3], None)
    >>> now = 20.0
    >>> str(source.read("demo", second.cursor).run.status)
    'Completed'
    """

    def __init__(self, clock: Callable[[], float] = time.time, name: str = "memory") -> None:
        """`clock` gives seconds since 1970-01-01 UTC, as far as a test cares."""
        self.clock = clock
        self.reads: list[str] = []
        """IDs of the runs that were read, in order: how a test counts."""
        self._name = name
        self._number = next(_numbers)
        self._scripts: dict[str, RunScript] = {}
        self._faults: list[_Fault] = []

    def __repr__(self) -> str:
        return f"<MemorySource: {len(self._scripts)} runs>"

    def add(self, run: Run) -> RunScript:
        """A new run, in place of one with the same ID; what it does is said to the script."""
        script = self._scripts[run.id] = RunScript(self, run)
        return script

    def forget(self, run_id: str) -> None:
        """Removes a run for good."""
        del self._scripts[run_id]

    def fail_with(
        self, error: Exception, between: tuple[float, float] = (ALWAYS, float("inf")), run_id: str | None = None
    ) -> None:
        """Everything raises `error` from the first of two times until before the second; `run_id`: for this run."""
        self._faults.append(_Fault(error, *between, run_id))

    @property
    def name(self) -> str:
        return self._name

    @property
    def key(self) -> str:
        return f"memory:{self._number}"

    @property
    def capabilities(self) -> frozenset[Capability]:
        return frozenset({"instant", "children", "experiments", "files", "range"})

    @property
    def requests(self) -> int | None:
        return None

    def find(self, run_id: str) -> Run:
        return self._script(run_id).run(self.clock())

    def read(self, run_id: str, cursor: Cursor | None = None, wanted: Collection[str] | None = None) -> Delta:
        self.reads.append(run_id)
        script, now = self._script(run_id), self.clock()
        known = cursor if isinstance(cursor, _MemoryCursor) else None
        # A run that was added anew has a shorter script.
        reset = known is not None and known.seen > script.lines
        if known is None or reset:
            known = _MemoryCursor(Run(""), 0, frozenset())
        run = script.run(now)
        points, waiting = script.news(now, known.seen, known.waiting)
        return Delta(
            _MemoryCursor(run, script.lines, waiting), None if run == known.run else run, points=points, reset=reset
        )

    def read_range(self, run_id: str, metric: str, first_step: int, last_step: int, limit: int) -> tuple[Points, int]:
        points, _ = self._script(run_id).news(self.clock(), 0, frozenset())
        every = points.get(metric, Points.empty())
        found = every.take((every.step >= first_step) & (every.step <= last_step))
        return thin_to(Kept(found, np.arange(len(found), dtype=np.float64), 1), limit).points, len(found)

    def experiment(self, name: str) -> Experiment:
        runs = self._alive()
        inside = [run for run in runs if run.experiment == name]
        if not inside:
            raise ExperimentNotFound(name, self._place, list(dict.fromkeys(run.experiment for run in runs)))
        starts = [run.started for run in inside if run.started is not None]
        ends = [run.ended for run in inside if run.ended is not None]
        return Experiment(
            name,
            min(starts, default=None),
            sorted(starts, reverse=True)[:20],
            max([*starts, *ends], default=None),
            any(not run.status.has_ended for run in inside),
        )

    def children(self, run_id: str) -> Sequence[Run]:
        return [run for run in self._alive() if run.parent == run_id]

    def read_children(self, run_id: str, cursor: Cursor | None = None, *, sweep: bool = False) -> ChildrenDelta:
        now, runs = self.clock(), self._alive()
        experiment = experiment_in(run_id)
        inside = [run for run in runs if experiment is not None and run.experiment == experiment]
        found = {run.id: self._child(run, now) for run in inside}
        below = {run_id, *found}
        while new := [run for run in runs if run.parent in below and run.id not in found]:
            found |= {run.id: self._child(run, now) for run in new}
            below |= {run.id for run in new}
        known = cursor if isinstance(cursor, Known) else Known()
        return known.news(found, Known(found))

    def curves(self, run_ids: Sequence[str], metric: str, limit: int) -> Mapping[str, Points]:
        return curves_of(self, run_ids, metric, limit)

    def _child(self, run: Run, now: float) -> Child:
        points, _ = self._scripts[run.id].news(now, 0, frozenset())
        finite = {name: one.value[np.isfinite(one.value)] for name, one in points.items() if len(one) > 1}
        return Child(
            run,
            {name: float(one.value[np.lexsort((one.value, one.time, one.step))[-1]]) for name, one in points.items()},
            max((int(one.step.max()) for one in points.values()), default=0),
            {name: float(values.min()) for name, values in finite.items() if len(values)},
            {name: float(values.max()) for name, values in finite.items() if len(values)},
        )

    def artifacts(self, run_id: str, folder: str = "") -> Sequence[ArtifactEntry]:
        files = self._files(run_id)
        beginning = folder.strip("/") + "/" if folder.strip("/") else ""
        found: dict[str, ArtifactEntry] = {}
        for path, data in files.items():
            if path.startswith(beginning):
                name, slash, _ = path[len(beginning) :].partition("/")
                entry = ArtifactEntry(beginning + name, True) if slash else ArtifactEntry(path, False, len(data))
                found[entry.path] = entry
        if beginning and not found:
            raise ArtifactNotFound(f"The run has no folder {folder!r}. artifacts() lists what there is.")
        return sorted(found.values(), key=lambda entry: entry.path)

    def log_files(self, run_id: str) -> Sequence[LogFile]:
        files = self._files(run_id)
        return [LogFile(path, len(data)) for path, data in files.items() if is_log(path)]

    def read_file(self, run_id: str, path: str, start: int = 0, length: int = 65536) -> LogChunk:
        data = self._files(run_id).get(path)
        if data is None:
            raise ArtifactNotFound(f"The run has no artifact {path!r}. artifacts() lists what there is.")
        first = max(0, len(data) + start) if start < 0 else min(start, len(data))
        return LogChunk(path, first, data[first : first + max(0, length)], len(data))

    def cancel(self, run_id: str) -> str:
        now = self.clock()
        script = self._script(run_id)
        if script.run(now).status.has_ended:
            return "The run has ended already."
        script.change(lambda run: replace(run, status=Status.CANCEL_REQUESTED), now)
        script.end(Status.CANCELED, now + CANCELED_AFTER)
        return f"The run was asked to stop, and ends within {CANCELED_AFTER:g} s."

    def nearest(self, run_id: str, limit: int = 5) -> Sequence[str]:
        ids = list(self._scripts)[::-1]
        alike = [known for known in ids if known.startswith(run_id[:4])]
        alike += difflib.get_close_matches(run_id, ids, n=limit, cutoff=0.6)
        return list(dict.fromkeys(alike or ids))[:limit]

    def portal_url(self, run_id: str) -> str | None:
        return None

    def close(self) -> None:
        """Nothing to give back."""

    def _alive(self) -> list[Run]:
        """All runs that are not deleted, oldest first."""
        now = self.clock()
        runs = [script.run(now) for script in self._scripts.values() if not script.is_deleted(now)]
        return sorted(runs, key=lambda run: run.started or 0)

    @property
    def _place(self) -> str:
        return f"the store in memory {self._name!r}"

    def _files(self, run_id: str) -> Mapping[str, bytes]:
        return self._script(run_id).files(self.clock())

    def _script(self, run_id: str) -> RunScript:
        now = self.clock()
        for fault in self._faults:
            if fault.first <= now < fault.last and fault.run_id in (None, run_id):
                raise fault.error
        if run_id not in self._scripts:
            raise RunNotFound(run_id, self._place, self.nearest(run_id))
        if self._scripts[run_id].is_deleted(now):
            raise RunDeleted(run_id, self._place)
        return self._scripts[run_id]


if TYPE_CHECKING:
    _: type[RunSource] = MemorySource
