"""Runs that have something in common, seen as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract import Goal
from .curves import Curve, tidy, values_between
from .scores import Floats, Numbers, costs, finite, same_length, sign_of


@dataclass(frozen=True, slots=True)
class Group:
    """Runs of one label, such as an algorithm."""

    label: str
    """What they have in common."""
    count: int
    """How many there are, those without a score included."""
    best: float | None
    """Best score; None when no run has a finite one."""
    median: float | None
    """Median of the finite scores; None without one."""
    seconds: float | None
    """Time spent by all together, where it is known; None when it is of none."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Several curves as one with its spread: columns of equal length."""

    step: Floats
    """Steps, rising."""
    mean: Floats
    """Mean of the curves that have a value there; NaN where none has."""
    deviation: Floats
    """Standard deviation (of a sample, divided by count - 1) of the same; NaN for fewer than two."""
    count: Floats
    """How many curves have a value there."""


def by_group(labels: Sequence[str], values: Numbers, seconds: Numbers, goal: Goal) -> list[Group]:
    """Groups of runs by label, the one with the best score first; of equals, the one that comes first in `labels`.

    `labels`, `values` (scores) and `seconds` (durations) have one entry a run. Scores that are not finite count as a
    run and nothing else; durations that are not finite or negative are unknown. Groups without a score come last.
    ValueError when the columns differ in length, or for a `goal` other than `"min"` and `"max"`.

    >>> [(one.label, one.count, one.best) for one in by_group(["a", "b", "a"], [0.7, 0.9, None], [5, 6, 7], "max")]
    [('b', 1, 0.9), ('a', 2, 0.7)]
    """
    same_length(labels=labels, values=values, seconds=seconds)
    cost, spent, sign = costs(values, goal), finite(seconds), sign_of(goal)
    members: dict[str, list[int]] = {}
    for place, label in enumerate(labels):
        members.setdefault(label, []).append(place)
    groups = []
    for label, places in members.items():
        found, known = cost[places], spent[places]
        found, known = found[~np.isnan(found)], known[known >= 0]
        groups.append(
            Group(
                label,
                len(places),
                float(sign * found.min()) if len(found) else None,
                float(sign * np.median(found)) if len(found) else None,
                float(known.sum()) if len(known) else None,
            )
        )
    return sorted(groups, key=lambda group: np.inf if group.best is None else sign * group.best)


def mean_and_spread(curves: Sequence[Curve], points: int = 500) -> Spread:
    """Mean and standard deviation of curves, each a pair of steps and values, such as those of one parameter's value.

    The steps are all steps of all curves; of more than `points` (500 by default) as many, evenly chosen, first and
    last among them. Between its points a curve counts with the straight line; before its first point, after its last
    one and beside a value that is not finite it does not count, so `count` falls where runs end. Without curves, or
    when they are empty, all columns are. ValueError when a curve has not as many values as steps, or `points` < 2.
    """
    if points < 2:
        raise ValueError(f"A curve is drawn with 2 points or more, not {points}.")
    steps = np.unique(np.concatenate([np.empty(0), *(tidy(curve)[0] for curve in curves)]))
    if len(steps) > points:
        steps = steps[np.linspace(0, len(steps) - 1, points).round().astype(np.intp)]
    table = values_between(curves, steps)
    count = np.isfinite(table).sum(axis=0).astype(np.float64)
    nan = np.full(steps.shape, np.nan)
    mean = np.divide(np.nansum(table, axis=0), count, out=nan.copy(), where=count > 0)
    square = np.nansum((table - mean) ** 2, axis=0)
    deviation = np.sqrt(np.divide(square, count - 1, out=nan.copy(), where=count > 1))
    return Spread(steps, mean, deviation, count)
