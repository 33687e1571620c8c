"""Curves of siblings, brought to steps that they have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np

from .scores import Floats, Numbers, finite, floats, same_length

Curve: TypeAlias = tuple[Numbers, Numbers]
"""Steps and values of one metric of one run, equally many, in any order."""


def tidy(curve: Curve) -> tuple[Floats, Floats]:
    """Steps that rise and the value at each, NaN where it is not finite.

    Of points at the same step the last one counts; points whose step is not finite are left out. ValueError unless
    there are as many values as steps.
    """
    steps, values = floats(curve[0]), finite(curve[1])
    same_length(steps=steps, values=values)
    steps, values = steps[np.isfinite(steps)], values[np.isfinite(steps)]
    order = np.argsort(steps, kind="stable")
    steps, values = steps[order], values[order]
    last = np.diff(steps, append=np.inf) > 0
    return steps[last], values[last]


def last_values(curves: Iterable[Curve], at: Floats) -> Floats:
    """The last value of each curve at or before each step: shape (curves, steps).

    NaN where a curve has not begun, has ended before the step, or its last value is not finite.
    """
    return _table([_last(*tidy(curve), at) for curve in curves], at)


def _last(steps: Floats, values: Floats, at: Floats) -> Floats:
    if not len(steps):
        return np.full(at.shape, np.nan)
    place = np.searchsorted(steps, at, side="right") - 1
    return np.where((place >= 0) & (at <= steps[-1]), values[place], np.nan)


def _table(rows: list[Floats], at: Floats) -> Floats:
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(at))
