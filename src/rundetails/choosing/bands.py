"""Where a curve lies among those of its siblings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contract import Goal
from .curves import Curve, last_values
from .scores import Floats, Numbers, costs, floats

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """Quantiles of siblings' values at some steps."""

    step: Floats
    """Steps, as they were asked for: shape (steps,)."""
    quantile: Floats
    """Quantiles, from 0 to 1, as they were asked for: shape (quantiles,)."""
    value: Floats
    """Value of each quantile at each step, between siblings on the straight line: shape (quantiles, steps), NaN where
    `count` is 0."""
    count: Floats
    """How many siblings have a value at each step: shape (steps,)."""


def band(curves: Sequence[Curve], steps: Numbers, quantiles: Sequence[float] = QUANTILES) -> Band:
    """Quantiles of siblings' curves, each a pair of steps and values, at `steps`.

    Each sibling counts with its last value at or before a step. Those that have not come that far, have not begun, or
    whose value there is not finite are left out, so late steps tell of the survivors alone: `count` says how many.
    ValueError when a curve has not as many values as steps, or a quantile lies outside of 0 to 1.
    """
    at, shares = floats(steps), floats(quantiles)
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"A quantile lies between 0 and 1; these are {', '.join(map(str, quantiles))}.")
    table = last_values(curves, at)
    count = np.isfinite(table).sum(axis=0)
    value = np.full((len(shares), len(at)), np.nan)
    if count.any():
        value[:, count > 0] = np.nanquantile(table[:, count > 0], shares, axis=0)
    return Band(at, shares, value, count.astype(np.float64))


def worse_than(value: float, step: float, curves: Sequence[Curve], goal: Goal) -> tuple[float, int]:
    """(fraction, count): which part of the siblings is better at `step` than `value`, and of how many.

    (0.8, 25) reads: worse than 80 % of 25 siblings. Siblings count as in `band`; leave the run itself out of `curves`.
    Equals are not better. A `value` that is not finite is worse than all. The fraction is NaN when nobody is there to
    compare with. ValueError for a `goal` other than `"min"` and `"max"`.

    >>> worse_than(0.5, 2, [([1, 2], [0.9, 0.4]), ([1, 2, 3], [0.9, 0.6, 0.1]), ([1], [0.2])], "min")
    (0.5, 2)
    """
    there = last_values(curves, np.array([step], dtype=np.float64))[:, 0]
    others = costs(there[np.isfinite(there)], goal)
    if not len(others):
        return float("nan"), 0
    own = costs([value], goal)[0]
    better = len(others) if np.isnan(own) else int((others < own).sum())
    return better / len(others), len(others)
