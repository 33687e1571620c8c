"""One metric as the rules look at it: finite points, in blocks, with its noise."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contract import Goal
from ..facts import Points
from ..series import Series

Floats = NDArray[np.float64]

POINTS = 2_000
"""Points of a metric that are looked at, at most; extremes are among them."""

NAME_LENGTH = 60
"""Characters of a metric's name in a sentence, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Points of one metric in order of arrival, those that are not finite left out."""

    name: str
    """Of the metric."""
    goal: Goal | None
    """Which direction is better; None when the name tells nothing."""
    step: Floats
    """Step of each point."""
    time: Floats
    """Time of each: seconds since 1970-01-01 UTC."""
    value: Floats
    """Value of each."""
    ordinal: Floats
    """Place of each among all points."""

    def __len__(self) -> int:
        return len(self.value)

    @property
    def cost(self) -> Floats:
        """Values turned so that lower is better."""
        return -self.value if self.goal == "max" else self.value


def busiest(series: Mapping[str, Series]) -> str | None:
    """The metric with the most points, whose latest ones are known; None without one. System metrics are none."""
    names = (name for name, one in series.items() if not name.startswith("system/") and one.stats.count)
    return max(names, key=lambda name: (not series[name].is_behind, series[name].stats.count), default=None)


def curve_of(name: str, goal: Goal | None, series: Series) -> Curve:
    """A curve of at most `POINTS` points.

    A long history is thinned to the extremes of its buckets, which makes it look noisier than it is: every rule asks
    for more than the noise, so that thinning can hide a finding and never make one. Of a metric that nobody sees, a
    server's source knows the latest point alone: it comes last.
    """
    kept = series.kept(POINTS)
    points, ordinal, stats = kept.points, kept.ordinal, series.stats
    if series.is_behind and stats.last_step is not None and stats.last_time is not None and stats.last is not None:
        latest = (stats.last_step, stats.last_time, stats.last)
        points = Points.joined([points, Points.of([latest])])
        ordinal = np.append(ordinal, ordinal[-1] + 1 if len(ordinal) else 0.0)
    if stats.not_finite or series.is_behind:
        finite = np.isfinite(points.value)
        points, ordinal = points.take(finite), ordinal[finite]
    return Curve(name, goal, points.step.astype(np.float64), points.time, points.value, ordinal)


def blocks(values: Floats, count: int, *, robust: bool = True) -> Floats:
    """Medians (or means) of `count` blocks of equal size; what is left over at the beginning is left out."""
    size = len(values) // count
    table = values[len(values) - size * count :].reshape(count, size)
    return np.median(table, axis=1) if robust else table.mean(axis=1)


def noise(values: Floats) -> float:
    """Standard deviation around the trend: 1.48 median |point - mean of its neighbours| / √1.5."""
    if len(values) < 3:
        return 0.0
    around = values[1:-1] - (values[:-2] + values[2:]) / 2
    return float(1.4826 * np.median(np.abs(around)) / np.sqrt(1.5))


def words_of(name: str) -> list[str]:
    """The words of a name: `trainer/maxEpochs` → trainer, max, epochs."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name[:200]).lower()
    return [word for word in re.split(r"[^a-z0-9]+", spaced) if word]


def named(name: str) -> str:
    """A name as a sentence can carry it."""
    return name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"


def short(value: float) -> str:
    """A number with four digits."""
    if not math.isfinite(value):
        return "beyond all numbers"
    return f"{value:,.0f}" if value == int(value) and abs(value) < 1e9 else f"{value:.4g}"


def counted(value: float) -> str:
    """A step."""
    return f"{int(value):,}"


def lasting(seconds: float) -> str:
    """A span of time in words: 0.4 s, 12 s, 3 min, 2 h, 5 d."""
    if seconds < 10:
        return f"{max(seconds, 0.0):.2g} s"
    for limit, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{round(seconds / size)} {unit}"
    return f"{round(seconds / 86_400)} d"
