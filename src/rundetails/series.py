"""A metric's history in bounded room: extremes and gaps stay, and the numbers about it are exact."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .facts import Points

KEPT_IN_KERNEL = 20_000
"""Points that a `Series` keeps at most; a page gets fewer."""

PARTS = 64
"""Small arrays that a `Series` keeps before it joins them: one with a single point costs as much as fifty points."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Some points of a series, and their places among all of its points."""

    points: Points
    """The points, in order of arrival."""
    ordinal: NDArray[np.float64]
    """Place of each among all points of the series, from 0."""
    width: int
    """Of each `width` consecutive points the lowest, the highest and the first not finite are here; 1: all are."""

    def __len__(self) -> int:
        return len(self.ordinal)


def thin(kept: Kept, width: int) -> Kept:
    """Of each bucket of `width` ordinals the first lowest, the first highest, the first not finite; and the last point.

    Thinning what was thinned already (to a width that divides this one) gives the same as thinning all of it, so
    extremes survive however often it is done. `js/src/series.ts` does the same; recorded cases hold both to it.
    """
    if width <= kept.width or not len(kept):
        return kept
    value = kept.points.value
    bucket = np.floor(kept.ordinal / width)
    finite = np.isfinite(value)
    starts = np.flatnonzero(np.r_[True, bucket[1:] != bucket[:-1]])
    which = np.cumsum(np.r_[False, bucket[1:] != bucket[:-1]])
    lowest = np.minimum.reduceat(np.where(finite, value, np.inf), starts)[which]
    highest = np.maximum.reduceat(np.where(finite, value, -np.inf), starts)[which]
    chosen = np.zeros(len(value), bool)
    for candidates in (finite & (value == lowest), finite & (value == highest), ~finite):
        index = np.flatnonzero(candidates)
        chosen[index[np.r_[True, which[index][1:] != which[index][:-1]]] if len(index) else index] = True
    chosen[-1] = True
    return Kept(kept.points.take(chosen), kept.ordinal[chosen], width)


def thin_to(kept: Kept, limit: int) -> Kept:
    """Thinned by the smallest power of two that leaves at most `limit` points (at least 4)."""
    limit, width = max(limit, 4), kept.width
    while len(kept) > limit:
        # No bucket is empty: a width that makes more buckets than `limit` need not be tried.
        width = max(2 * width, 2 ** math.ceil(math.log2((kept.ordinal[-1] - kept.ordinal[0]) / limit)))
        kept = thin(kept, width)
    return kept


@dataclass(slots=True)
class Stats:
    """Exact numbers over all points that a series has seen. None where no point says."""

    count: int = 0
    """Points, NaN and ±inf included."""
    last: float | None = None
    """Value with the latest (step, time, value), as MLflow's own "latest" has it."""
    last_step: int | None = None
    """Its step."""
    last_time: float | None = None
    """Its time: seconds since 1970-01-01 UTC."""
    min: float | None = None
    """Lowest finite value."""
    min_step: int | None = None
    """Step at which it was first seen."""
    max: float | None = None
    """Highest finite value."""
    max_step: int | None = None
    """Step at which it was first seen."""
    not_finite: int = 0
    """How many points are NaN or ±inf."""

    def add(self, points: Points) -> None:
        """Takes these points into account."""
        if not len(points):
            return
        self.count += len(points)
        finite = np.isfinite(points.value)
        self.not_finite += int(len(points) - finite.sum())
        if finite.any():
            lowest = int(np.argmin(np.where(finite, points.value, np.inf)))
            highest = int(np.argmax(np.where(finite, points.value, -np.inf)))
            if self.min is None or points.value[lowest] < self.min:
                self.min, self.min_step = float(points.value[lowest]), int(points.step[lowest])
            if self.max is None or points.value[highest] > self.max:
                self.max, self.max_step = float(points.value[highest]), int(points.step[highest])
        self._note_last(points)

    def note(self, points: Points) -> None:
        """Takes the values of these points into account, but does not count them: they come again, with others."""
        count, not_finite = self.count, self.not_finite
        self.add(points)
        self.count, self.not_finite = count, not_finite

    def _note_last(self, points: Points) -> None:
        latest = np.flatnonzero(points.step == points.step.max())
        latest = latest[points.time[latest] == points.time[latest].max()]
        at = int(latest[np.argmax(_ordered(points.value[latest]))])
        candidate = (int(points.step[at]), float(points.time[at]), float(points.value[at]))
        if self.last is None or self.last_step is None or self.last_time is None:
            newer = True
        else:
            newer = (*candidate[:2], _order(candidate[2])) >= (self.last_step, self.last_time, _order(self.last))
        if newer:
            self.last_step, self.last_time, self.last = candidate


def _ordered(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(values), -np.inf, values)


def _order(value: float) -> float:
    return -math.inf if math.isnan(value) else value


class Series:
    """One metric as the kernel remembers it: at most `KEPT_IN_KERNEL` points, whatever its history."""

    def __init__(self, limit: int = KEPT_IN_KERNEL) -> None:
        self.stats = Stats()
        self.is_behind = False
        """Whether the store has points that were not read: `stats.count` is too low then."""
        self._limit = limit
        self._parts: list[Kept] = []
        self._width = 1

    def __len__(self) -> int:
        return self.stats.count

    def __repr__(self) -> str:
        return f"<Series: {self.stats.count:,} points>"

    def note_latest(self, points: Points) -> None:
        """The store has more points, of which only these are known so far."""
        self.stats.note(points)
        self.is_behind = True

    def append(self, points: Points) -> None:
        """Takes new points at its end: all that were missing."""
        if not len(points):
            return
        self.is_behind = False
        ordinal = np.arange(self.stats.count, self.stats.count + len(points), dtype=np.float64)
        self.stats.add(points)
        new = Kept(points, ordinal, 1)
        if len(points) > self._limit:
            new = thin_to(new, self._limit)
            self._width = max(self._width, new.width)
        self._parts.append(new)
        if sum(len(part) for part in self._parts) > self._limit:
            self._join(self._limit // 2)
        elif len(self._parts) > PARTS:
            self._join(self._limit)

    def kept(self, limit: int) -> Kept:
        """At most `limit` of its points, extremes and gaps kept."""
        if len(self._parts) != 1:
            self._join(self._limit)
        return thin_to(self._parts[0], limit)

    def _join(self, limit: int) -> None:
        """One part out of all, thinned until at most `limit` points are left."""
        points = Points.joined(part.points for part in self._parts)
        ordinal = np.concatenate([part.ordinal for part in self._parts]) if self._parts else np.empty(0)
        joined = Kept(points, ordinal, 1)
        if self._width > 1:
            joined = thin(joined, self._width)
        joined = thin_to(joined, limit)
        self._width = joined.width
        self._parts = [joined]
