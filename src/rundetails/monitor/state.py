"""What is known of one watched run, and how news changes it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from .. import tags
from ..facts import Delta, Failure, Overview, Points, Run
from ..insight import Insight, Part
from ..series import Series
from .children import Children, ChildrenChange

State = Literal["loading", "live", "stale", "paused", "ended", "gone"]


@dataclass(frozen=True, slots=True)
class Health:
    """How reading goes."""

    state: State = "loading"
    """`loading`: nothing read yet. `live`: read again and again. `stale`: the last read failed. `paused`: on request.
    `ended`: the run is over and read to its end, or was to be read once. `gone`: the store no longer has the run."""
    message: str = ""
    """One sentence for people; empty when there is nothing to say."""
    since: float | None = None
    """The last good read, while `stale` or `gone`: seconds since 1970-01-01 UTC; None when there was none."""
    retry_at: float | None = None
    """When it is tried again: seconds since 1970-01-01 UTC; None when it is not."""
    remaining: int = 0
    """Points of a long history that are still to be read."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one read changed. Nothing at all when all fields are empty."""

    run: bool = False
    """Whether the run's facts changed."""
    failure: bool = False
    """Whether it became known why the run failed."""
    health: bool = False
    """Whether `health` changed."""
    reset: bool = False
    """Whether all series known before are void."""
    whole: tuple[str, ...] = ()
    """Series that are new, or grew by more than a page keeps: to be sent as a whole."""
    appended: Mapping[str, Points] = field(default_factory=dict)
    """What other series grew by."""
    latest: Mapping[str, Points] = field(default_factory=dict)
    """Series that moved, and nobody looked: their latest point."""
    children: ChildrenChange = field(default_factory=ChildrenChange)
    """What changed of the runs below it."""
    insight: tuple[Part, ...] = ()
    """The parts of `RunState.insight` that changed."""

    @property
    def moved(self) -> tuple[str, ...]:
        """Series that have new points."""
        return (*self.whole, *self.appended, *self.latest)

    def __bool__(self) -> bool:
        known = self.run or self.failure or self.health or self.insight
        return bool(known or self.children or self.reset or self.whole or self.appended or self.latest)


@dataclass(slots=True)
class RunState:
    """One run as the kernel remembers it. Whoever reads or changes it holds the watch's lock."""

    run: Run
    """Facts; before the first read only the ID is right."""
    at: float | None = None
    """Last good read: seconds since 1970-01-01 UTC."""
    health: Health = field(default_factory=Health)
    series: dict[str, Series] = field(default_factory=dict)
    """By metric, in order of appearance; while a long history is being read, a provisional sample."""
    counts: dict[str, int] = field(default_factory=dict)
    """Points behind a provisional series, or about how many."""
    children: Children = field(default_factory=Children)
    """The runs below it."""
    failure: Failure | None = None
    """Why the run failed, once it has, and its logs tell."""
    insight: Insight = field(default_factory=Insight)
    """How far the run is, what looks wrong, whether it lives: as of the last good read."""
    seq: int = 0
    """Rises by one with each change."""
    epoch: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    """Changes when `ids` start anew."""
    ids: dict[str, int] = field(default_factory=dict)
    """Short names of the series, for the wire."""
    _arriving: dict[str, Series] = field(default_factory=dict)
    """What is known by now of series of which `series` holds a sample."""

    def merge(self, delta: Delta, whole_above: int) -> Change:
        """Takes in what a read found. Series that grew by more than `whole_above` points count as new."""
        run_changed = delta.run is not None and without_heartbeat(delta.run) != without_heartbeat(self.run)
        if delta.run is not None:
            self.run = delta.run
        reset = delta.reset and bool(self.series)
        if delta.reset:
            self._forget_series()
        whole, appended = self._sample(delta.overview), {}
        for name, points in delta.points.items():
            if not len(points):
                continue
            if name in self._arriving:
                self._arriving[name].append(points)
                continue
            known = name in self.series
            self._grow(self.series, name, points)
            if known and len(points) <= whole_above:
                appended[name] = points
            else:
                whole.append(name)
        whole = self._arrive(delta) + whole
        latest = self._note(delta.latest, whole)
        return Change(run=run_changed, reset=reset, whole=tuple(whole), appended=appended, latest=latest)

    def _note(self, latest: Mapping[str, Points], whole: list[str]) -> dict[str, Points]:
        """Takes in the latest points of series that nobody sees; new ones are put to `whole`."""
        noted = {}
        for name, points in latest.items():
            if name in self.series:
                noted[name] = points
            else:
                self._add(self.series, name)
                whole.append(name)
            self.series[name].note_latest(points)
        return noted

    def _sample(self, overview: Mapping[str, Overview]) -> list[str]:
        """Shows samples; until all points are there, these are collected out of sight."""
        for name, sample in overview.items():
            self._add(self.series, name)
            self.series[name].append(sample.points)
            self.counts[name] = sample.count
            self._arriving[name] = Series()
        return list(overview)

    def _arrive(self, delta: Delta) -> list[str]:
        """Shows the histories that are complete now."""
        if delta.arrived is None:
            names = [] if delta.remaining or delta.overview else list(self._arriving)
        else:
            names = [name for name in delta.arrived if name in self._arriving]
        for name in names:
            self.series[name] = self._arriving.pop(name)
            self.counts.pop(name, None)
        return names

    def _grow(self, series: dict[str, Series], name: str, points: Points) -> None:
        if name not in series:
            self._add(series, name)
        series[name].append(points)

    def _add(self, series: dict[str, Series], name: str) -> None:
        series[name] = Series()
        self.ids.setdefault(name, len(self.ids))

    def _forget_series(self) -> None:
        self.series.clear()
        self.counts.clear()
        self.ids.clear()
        self._arriving.clear()
        self.epoch = uuid.uuid4().hex[:8]


def without_heartbeat(run: Run) -> Run:
    """The run as a page gets it: a heartbeat that went on is no news."""
    if tags.HEARTBEAT not in run.tags:
        return run
    return replace(run, tags={name: text for name, text in run.tags.items() if name != tags.HEARTBEAT})
