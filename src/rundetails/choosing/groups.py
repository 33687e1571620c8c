"""Runs that have something in common, seen as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract import Goal
from .scores import Numbers, costs, finite, same_length, sign_of


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
                float(sign * found.min()) + 0.0 if len(found) else None,
                float(sign * np.median(found)) + 0.0 if len(found) else None,
                float(known.sum()) if len(known) else None,
            )
        )
    return sorted(groups, key=lambda group: np.inf if group.best is None else sign * group.best)
