"""Runs between which no choice is free: none of them is beaten in everything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..contract import Goal
from .scores import Floats, sign_of


def pareto_front(points: ArrayLike, goals: Sequence[Goal]) -> NDArray[np.intp]:
    """Places of the rows that no other row dominates, rising.

    `points` has one row a run and one column an objective, shape (n, objectives); `goals` says for each column which
    direction is better. A row dominates another when it is nowhere worse and somewhere better, so equal rows stay or
    go together. A row with NaN, None or ±inf is never on the front and dominates nobody. Takes O(n log n) for one or
    two objectives, and O(n · front) for more. ValueError unless there is a column for each goal.

    >>> pareto_front([[0.9, 120.0], [0.8, 30.0], [0.7, 60.0]], ["max", "min"]).tolist()
    [0, 1]
    """
    table = np.asarray(points, dtype=np.float64)
    signs = np.array([sign_of(goal) for goal in goals])
    if not table.size and len(signs):
        return np.empty(0, dtype=np.intp)
    if table.ndim != 2 or table.shape[1] != len(signs):
        raise ValueError(f"Points have a column for each of {len(signs)} goals; these have the shape {table.shape}.")
    (places,) = np.nonzero(np.isfinite(table).all(axis=1))
    cost = table[places] * signs
    order = np.lexsort(cost.T[::-1])
    cost, places = cost[order], places[order]
    # Sorted by the first objective, then the second and so on: whoever dominates a row stands before it.
    is_new = np.ones(len(cost), dtype=bool)
    is_new[1:] = (cost[1:] != cost[:-1]).any(axis=1)
    different = cost[is_new]
    on_front = _front_of_two(different) if len(signs) <= 2 else _front_of_many(different)
    return np.sort(places[on_front[np.cumsum(is_new) - 1]])


def _front_of_two(cost: Floats) -> NDArray[np.bool_]:
    """Which of different, sorted rows are on the front: those whose last objective is better than all before."""
    lowest = np.minimum.accumulate(cost[:, -1])
    return cost[:, -1] < np.concatenate([[np.inf], lowest[:-1]])[: len(cost)]


def _front_of_many(cost: Floats) -> NDArray[np.bool_]:
    """Which of different, sorted rows are on the front: those that nobody of the front so far dominates."""
    on_front = np.zeros(len(cost), dtype=bool)
    front, size = np.empty_like(cost), 0
    for place, row in enumerate(cost):
        # Rows differ, and one is dominated if it is nowhere better.
        if not (front[:size] <= row).all(axis=1).any():
            front[size] = row
            size += 1
            on_front[place] = True
    return on_front
