"""The best so far, the best of all, and who comes after it."""

from __future__ import annotations

import numpy as np

from ..contract import Goal
from .scores import Floats, Numbers, costs, sign_of


def running_best(values: Numbers, goal: Goal) -> Floats:
    """The best of each value and all before it: float64, shape (n,) like `values`.

    NaN until the first finite value. NaN, None and ±inf never become best: the best before them goes on.
    ValueError for a `goal` other than `"min"` and `"max"`.

    >>> running_best([3.0, 5.0, float("nan"), 1.0], "max").tolist()
    [3.0, 5.0, 5.0, 5.0]
    """
    return sign_of(goal) * np.fmin.accumulate(costs(values, goal))


def best_index(values: Numbers, goal: Goal) -> int | None:
    """Place of the best value, from 0; of equals the first. None when no value is finite.

    >>> best_index([2.0, 1.0, 1.0, float("-inf")], "min")
    1
    """
    cost = costs(values, goal)
    return None if np.isnan(cost).all() else int(np.nanargmin(cost))


def ranks(values: Numbers, goal: Goal) -> Floats:
    """Rank of each value: float64, shape (n,), 1 for the best.

    Equals share the smaller rank and the next one is as far behind as there are better ones (1, 2, 2, 4). What is not
    finite (a failed run's NaN or None, ±inf) has the rank NaN, which sorts last.

    >>> ranks([0.5, 0.9, None, 0.9, 0.1], "max").tolist()
    [3.0, 1.0, nan, 1.0, 4.0]
    """
    cost = costs(values, goal)
    ordered = np.sort(cost)  # NaN last
    return np.where(np.isnan(cost), np.nan, np.searchsorted(ordered, cost, side="left") + 1.0)


def since_improvement(values: Numbers, goal: Goal) -> int | None:
    """How many entries came after the last one that was better than all before it.

    0 when the last entry is a new best; an equal one is none. Entries that are not finite count: they did not improve.
    None when no value is finite.

    >>> since_improvement([0.3, 0.1, 0.2, 0.1], "min")
    2
    """
    best = best_index(values, goal)
    return None if best is None else len(values) - 1 - best
