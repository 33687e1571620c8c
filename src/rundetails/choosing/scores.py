"""Numbers that runs are judged by, as columns to compute with.

Everywhere in this layer a score that is not finite is no score: NaN and None, and ±inf as well, whatever the goal. An
infinite score comes from an overflow or a division by zero, and a run is not the best of all because of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..contract import Goal

Floats: TypeAlias = NDArray[np.float64]

Numbers: TypeAlias = Sequence[float | None] | NDArray[np.floating] | NDArray[np.integer] | NDArray[np.bool_]
"""A column of numbers; None or NaN where there is none."""


def floats(numbers: Numbers) -> Floats:
    """A column as float64, shape (n,): None becomes NaN, ±inf stays. ValueError for more than one dimension."""
    column = np.asarray(cast(ArrayLike, numbers), dtype=np.float64)
    if column.ndim != 1:
        raise ValueError(f"A column of numbers has one dimension; this has the shape {column.shape}.")
    return column


def finite(numbers: Numbers) -> Floats:
    """A column as float64, shape (n,), with NaN for all that is not finite."""
    column = floats(numbers)
    return np.where(np.isfinite(column), column, np.nan)


def sign_of(goal: Goal) -> float:
    """What to multiply scores by, so that lower is better: 1 for `"min"`, -1 for `"max"`; ValueError otherwise."""
    if goal == "min":
        return 1.0
    if goal == "max":
        return -1.0
    raise ValueError(f'A goal is "min" or "max", not {goal!r}.')


def costs(scores: Numbers, goal: Goal) -> Floats:
    """Scores turned so that lower is better, shape (n,), with NaN for all that is not finite."""
    return sign_of(goal) * finite(scores)


def same_length(**columns: Sequence[object] | NDArray[np.generic]) -> None:
    """ValueError that names the columns unless all have as many entries."""
    if len({len(column) for column in columns.values()}) > 1:
        said = ", ".join(f"{len(column):,} {name}" for name, column in columns.items())
        raise ValueError(f"Each run has one entry in every column; these are {said}.")
