"""Whether a run that says it is running still is: a killed process leaves its run RUNNING for ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .. import tags
from ..facts import Run, Status
from ..series import Series
from .curve import lasting
from .findings import Finding

SHORTEST = 300.0
"""Seconds without a sign of life before which no run is called stale."""

UNTRIED = 3_600.0
"""The same for a run that has logged at fewer than four times: its habits are not known."""

SILENT = 60.0
"""Seconds without a point before which nothing is called silence."""

AHEAD = 60.0
"""Seconds that a point may lie in the future; beyond, the clock that stamped it runs ahead of ours."""

_ALIVE = frozenset({Status.RUNNING, Status.FINALIZING, Status.CANCEL_REQUESTED})


@dataclass(frozen=True, slots=True)
class Habits:
    """How often a run has logged so far. Seconds."""

    usual: float | None = None
    """Median of the pauses between points of its busiest metric; None with fewer than three."""
    long: float = 0.0
    """95 % of the pauses are shorter."""
    second: float = 0.0
    """The longest pause but one: a validation comes again, a laptop asleep does not."""

    @property
    def silence(self) -> float:
        """A longer pause is worth a word: 5 times the usual one, 1.5 times the longest but one, 60 s."""
        return float("inf") if self.usual is None else max(5 * self.usual, 1.5 * self.second, SILENT)

    @property
    def death(self) -> float:
        """A longer pause may be the end: 10 times the usual one, 3 times a long one, twice the longest but one,
        300 s."""
        if self.usual is None:
            return max(10 * self.long, UNTRIED)
        return max(10 * self.usual, 3 * self.long, 2 * self.second, SHORTEST)


@dataclass(frozen=True, slots=True)
class Stale:
    """A run that says it is running, and shows no sign of life."""

    last_seen: float
    """The last sign: seconds since 1970-01-01 UTC."""
    is_guess: bool
    """False where a heartbeat has stopped; True where only nothing was logged."""
    why: str
    """What it rests on, to follow "last seen 2 h ago"."""


def habits_of(series: Series | None) -> Habits:
    """From the latest 2,000 points of the busiest metric."""
    if series is None or len(series) < 2:
        return Habits()
    kept = series.kept(2_000)
    order = np.argsort(kept.points.time, kind="stable")
    pauses = np.diff(kept.points.time[order])
    pauses, points = pauses[pauses > 0], np.maximum(np.diff(kept.ordinal), 1)[pauses > 0]
    if len(pauses) < 3:
        return Habits(None, float(pauses.max(initial=0.0)))
    # Between two points of a thinned history lie others: the usual pause is shared out, the long ones are not.
    return Habits(float(np.median(pauses / points)), float(np.quantile(pauses, 0.95)), float(np.sort(pauses)[-2]))


def latest_points(
    known: tuple[float | None, float | None], series: Mapping[str, Series], moved: Iterable[str]
) -> tuple[float | None, float | None]:
    """Times of the latest point of `system/` metrics and of the others, after these moved."""
    latest = list(known)
    for name in moved:
        time, which = series[name].stats.last_time, 0 if name.startswith("system/") else 1
        before = latest[which]
        if time is not None and (before is None or time > before):
            latest[which] = time
    return latest[0], latest[1]


def heartbeat(run: Run) -> float | None:
    """Time of the latest heartbeat; None where nobody beats."""
    try:
        beat = float(run.tags[tags.HEARTBEAT])
    except (KeyError, ValueError):
        return None
    return beat if 0 < beat < 1e11 else None


@dataclass(frozen=True, slots=True)
class Signs:
    """Signs of life of a run. Seconds since 1970-01-01 UTC, None where there was none."""

    beat: float | None = None
    """Latest heartbeat."""
    system: float | None = None
    """Latest point of a `system/` metric."""
    point: float | None = None
    """Latest other point."""
    heard: float | None = None
    """When news last arrived here, by our clock; None when none came since the first read."""
    first: float | None = None
    """When it was first read, by our clock."""

    @property
    def last(self) -> float | None:
        """The latest. A time in our future is from a clock that runs ahead: then the arrival counts."""
        seen = [time for time in (self.beat, self.system, self.point) if time is not None]
        if self.first is not None:
            latest_look = self.heard if self.heard is not None else self.first
            seen = [latest_look if time > latest_look + AHEAD else time for time in seen]
        if self.heard is not None:
            # A clock that runs behind makes all points look old: that they came now says more.
            seen.append(self.heard)
        return max(seen, default=None)


def stale(run: Run, signs: Signs, habits: Habits, now: float) -> Stale | None:
    """Whether the run is likely dead; None while it is not.

    With a heartbeat: none for 300 s. Without: nothing at all for `Habits.death`, which is marked as a guess.
    """
    last = signs.last
    if run.status not in _ALIVE or last is None:
        return None
    silent = now - last
    if signs.beat is not None:
        return Stale(last, False, "its heartbeat has stopped") if silent > SHORTEST else None
    limit = max(SHORTEST, min(habits.death, 2 * UNTRIED)) if signs.system is not None else habits.death
    if silent <= limit:
        return None
    if habits.usual is None:
        return Stale(last, True, "a guess: it logged only a few times")
    return Stale(last, True, f"a guess: it logged every {lasting(habits.usual)} before")


def silence(run: Run, signs: Signs, habits: Habits, now: float) -> Finding | None:
    """No point for longer than `Habits.silence`, in a run that is running.

    That is 5 times the usual pause, 1.5 times the longest but one (a long validation is no silence), and 60 s.
    """
    if run.status is not Status.RUNNING or habits.usual is None:
        return None
    last = Signs(None, None, signs.point, signs.heard, signs.first).last
    if last is None or now - last <= habits.silence:
        return None
    return Finding(
        "silence",
        "warning",
        f"No new point for longer than {lasting(habits.silence)}; before, one came about every "
        f"{lasting(habits.usual)}.",
        "Nothing for 5 times the usual pause, 1.5 times the longest pause but one, and a minute.",
        None,
        None,
        last,
    )
